internal import JSON

/// How figures become JSON: integers stay integers, what cannot be known is null.
enum Figures {
    static func count(_ value: Int64) -> JSONValue { .integer(value) }

    static func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    /// A fraction, null where the denominator is 0.
    static func ratio(_ numerator: Int64, _ denominator: Int64) -> JSONValue {
        denominator == 0 ? .null : .double(Double(numerator) / Double(denominator))
    }

    /// A count of milliseconds as seconds.
    static func seconds(_ milliseconds: Double?) -> JSONValue {
        milliseconds.map { .double($0 / 1_000) } ?? .null
    }

    /// The exact average of a distribution in seconds.
    static func average(_ distribution: borrowing DistributionAccumulator) -> JSONValue {
        let count = distribution.count
        guard count > 0 else { return .null }
        return .double(Double(distribution.sum) / Double(count) / 1_000)
    }

    /// A quantile of a distribution in seconds.
    static func quantile(
        _ distribution: borrowing DistributionAccumulator,
        _ probability: Double
    ) -> JSONValue {
        seconds(distribution.quantile(probability))
    }
}

/// An object being put together, its members in the order of the contract.
struct AnswerObject {
    private(set) var members: [JSONValue.Member] = []

    mutating func set(_ name: String, _ value: JSONValue) {
        members.append(JSONValue.Member(name: name, value: value))
    }

    var value: JSONValue { .object(members) }
}
