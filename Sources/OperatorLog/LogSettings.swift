/// What is logged: lines of this level and of those after it.
///
/// Refused requests are always logged, as `audit`.
public enum LogLevel: String, CaseIterable, Comparable, Sendable {
    /// Every request and every refused message.
    case debug
    /// Publishers that come.
    case info
    /// What an operator should know of: starts, changes, recoveries.
    case notice
    /// What may become a fault.
    case warning
    /// What an operator should do something about.
    case error

    /// Whether a level stands before another, as it lets more through.
    public static func < (first: LogLevel, second: LogLevel) -> Bool { first.rank < second.rank }

    /// Its place among the levels.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// All names, for a sentence.
    public static var names: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}

/// How a line of the log is written.
public enum LogFormat: String, CaseIterable, Sendable {
    /// Time, level, one sentence.
    case text
    /// One JSON object.
    case json
}
