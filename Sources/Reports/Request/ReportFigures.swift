internal import Core
internal import Crypto
public import JSON

/// The answers a report is made of: all its numbers, before anything is done for their looks.
public struct ReportFigures: Sendable {
    /// The answers by method, each as its endpoint gives it but without the times in `meta` that
    /// differ from one moment to the next: the `data` of the report's object.
    ///
    /// Two reports of the same parameters at the same `data_version` have equal bytes here.
    public let data: JSONValue
    /// The version of the data they come from.
    public let dataVersion: Int64
    /// The time of the last commit, RFC 3339; nil before the first.
    public let dataAsOf: String?
    /// Where figures begin, where a retention leaves something of the range out.
    let retainedFrom: String?
    /// SHA-256 of the bytes of ``data``, in hexadecimal.
    public let sha256: String

    /// Collects answers.
    ///
    /// - Parameter answers: Each method of the report's plans with its answer, `meta` included,
    ///   all from one snapshot.
    public init(_ answers: [(method: String, answer: JSONValue)]) {
        data = .object(
            answers.map {
                JSONValue.Member(name: $0.method, value: Self.withoutTimes($0.answer))
            }
        )
        let meta = answers.first?.answer["meta"]
        dataVersion = meta?["data_version"]?.integerValue ?? 0
        dataAsOf = meta?["data_as_of"]?.stringValue
        retainedFrom =
            answers.compactMap { $0.answer["meta"]?["retained_from"]?.stringValue }.max()
        sha256 = Self.digest(data.serializedBytes())
    }

    /// SHA-256 in hexadecimal.
    ///
    /// - Parameter bytes: Any.
    /// - Returns: 64 digits.
    public static func digest(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in SHA256.hash(data: bytes) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func withoutTimes(_ answer: JSONValue) -> JSONValue {
        guard case .object(var members) = answer else { return answer }
        for index in members.indices where members[index].name == "meta" {
            guard case .object(let meta) = members[index].value else { continue }
            members[index].value = .object(
                meta.filter { $0.name != "generated_at" && $0.name != "data_as_of" }
            )
        }
        return .object(members)
    }
}
