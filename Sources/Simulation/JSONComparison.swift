public import JSON

/// Compares a daemon's answer with the reference model's.
public enum JSONComparison {
    /// How far the percentiles, minima and maxima of durations may lie from the exact value.
    public static let relativeErrorMaximum = 0.01

    /// Members that depend on the daemon rather than on the events.
    private static let ignored: Set<String> = [
        "meta.generated_at", "meta.data_as_of", "meta.data_version", "meta.retained_from",
        "events_dropped", "publishers",
    ]

    /// Members that are percentiles, minima or maxima of durations.
    private static let approximate: Set<String> = [
        "median_duration_seconds", "min_duration_seconds", "max_duration_seconds", "p50", "p75",
        "p90", "p95", "p99",
    ]

    /// Lists the places where an answer differs from what is expected.
    ///
    /// Integers, strings, booleans, nulls and the order of arrays must be equal; the order of an
    /// object's members does not matter. Doubles may differ by a relative 1e-9, percentiles of
    /// durations by ``relativeErrorMaximum``. What depends on the daemon rather than on the
    /// events is ignored.
    ///
    /// - Parameters:
    ///   - actual: The daemon's `result`.
    ///   - expected: The reference model's.
    /// - Returns: One line for each difference, such as
    ///   `data[3].messages: is 4, expected 5`; empty when the answers agree.
    public static func differences(actual: JSONValue, expected: JSONValue) -> [String] {
        var differences: [String] = []
        compare(actual, expected, path: "", into: &differences)
        return differences
    }

    private static func compare(
        _ actual: JSONValue,
        _ expected: JSONValue,
        path: String,
        into differences: inout [String]
    ) {
        switch (actual, expected) {
        case (.object(let actual), .object(let expected)):
            compareMembers(actual, expected, path: path, into: &differences)
        case (.array(let actual), .array(let expected)):
            if actual.count != expected.count {
                differences.append(
                    "\(path): has \(actual.count) elements, expected \(expected.count)"
                )
            }
            for (index, pair) in zip(actual, expected).enumerated() {
                compare(pair.0, pair.1, path: "\(path)[\(index)]", into: &differences)
            }
        default:
            guard !isEqual(actual, expected, path: path) else { return }
            differences.append(
                "\(path): is \(actual.serialized()), expected \(expected.serialized())"
            )
        }
    }

    private static func compareMembers(
        _ actual: [JSONValue.Member],
        _ expected: [JSONValue.Member],
        path: String,
        into differences: inout [String]
    ) {
        func pathOf(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        for member in expected where !ignored.contains(pathOf(member.name)) {
            let memberPath = pathOf(member.name)
            if let found = actual.first(where: { $0.name == member.name }) {
                compare(found.value, member.value, path: memberPath, into: &differences)
            } else {
                differences.append("\(memberPath): is missing")
            }
        }
        for member in actual where !ignored.contains(pathOf(member.name)) {
            if !expected.contains(where: { $0.name == member.name }) {
                differences.append("\(pathOf(member.name)): is not expected")
            }
        }
    }

    private static func isEqual(_ actual: JSONValue, _ expected: JSONValue, path: String) -> Bool {
        guard let number = actual.doubleValue, let exact = expected.doubleValue else {
            return actual == expected
        }
        let name = path.split(separator: ".").last.map(String.init) ?? ""
        if name == "relative_error" { return (0...relativeErrorMaximum).contains(number) }
        if approximate.contains(name) {
            if path.hasPrefix("change.") {
                // change + 1 is the quotient of two numbers that may each be off.
                let bound = (1 + relativeErrorMaximum) / (1 - relativeErrorMaximum) - 1
                return abs(number - exact) <= bound * abs(exact + 1) + 1e-9
            }
            return abs(number - exact) <= relativeErrorMaximum * abs(exact) + 1e-9
        }
        if case .integer = expected { return number == exact }
        // The absolute part serves differences of nearly equal numbers, such as `change`.
        return abs(number - exact) <= 1e-9 * abs(exact) + 1e-12
    }
}
