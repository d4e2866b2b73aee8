internal import Glibc
public import JSON
internal import Synchronization

/// What a sentence is about, for programs that read the log; a line of text has the sentence alone.
public typealias LogFields = KeyValuePairs<String, JSONValue>

/// Lines for the operator on standard error, from any thread.
///
/// What others wrote may stand in a sentence or a field: it can neither begin a line of its own
/// nor move the terminal's cursor. No credential is ever handed to the log.
public final class Log: Sendable {
    private struct Stamp {
        var second: Int64 = -1
        var text = ""
    }

    private let now: @Sendable () -> Int64
    private let format: LogFormat
    private let rank: Atomic<Int>
    /// The text of the running second, and the order of lines.
    private let stamp = Mutex(Stamp())

    /// Begins a log.
    ///
    /// - Parameters:
    ///   - format: How lines are spelled.
    ///   - level: What is logged at first.
    ///   - now: The time of day, in milliseconds since 1970.
    public init(format: LogFormat, level: LogLevel, now: @escaping @Sendable () -> Int64) {
        self.now = now
        self.format = format
        rank = Atomic(level.rank)
    }

    /// The level that is logged, with those after it.
    public var level: LogLevel { LogLevel.allCases[rank.load(ordering: .relaxed)] }

    /// Changes the level and says so, whatever the levels are.
    ///
    /// - Parameters:
    ///   - level: The new level.
    ///   - who: Whose wish it is.
    /// - Returns: The level until now.
    @discardableResult
    public func setLevel(_ level: LogLevel, by who: String) -> LogLevel {
        let rank = rank.exchange(level.rank, ordering: .relaxed)
        let previous = LogLevel.allCases[rank]
        write(
            "notice",
            "The log level is \(level.rawValue), by \(who); it was \(previous.rawValue).",
            ["log_level": .string(level.rawValue), "previous": .string(previous.rawValue)]
        )
        return previous
    }

    /// Logs a sentence at a level; one that is not logged costs a comparison.
    ///
    /// - Parameters:
    ///   - level: The level.
    ///   - message: One sentence.
    ///   - fields: What it is about.
    public func write(
        _ level: LogLevel,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) {
        guard isLogged(level) else { return }
        write(level.rawValue, message(), fields())
    }

    /// What only somebody who looks for a fault wants to know.
    public func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) { write(.debug, message(), fields()) }

    /// What is usual.
    public func info(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) { write(.info, message(), fields()) }

    /// What an operator should know of.
    public func notice(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) { write(.notice, message(), fields()) }

    /// What may become a fault.
    public func warning(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) { write(.warning, message(), fields()) }

    /// What an operator should do something about.
    public func error(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields = [:]
    ) { write(.error, message(), fields()) }

    /// A refused request; written at every level.
    public func audit(_ message: String, _ fields: LogFields) { write("audit", message, fields) }

    /// An answered HTTP request; written where notices are.
    public func access(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> LogFields
    ) {
        guard isLogged(.notice) else { return }
        write("access", message(), fields())
    }

    private func isLogged(_ level: LogLevel) -> Bool {
        level.rank >= rank.load(ordering: .relaxed)
    }

    private func write(_ level: String, _ message: String, _ fields: LogFields) {
        let now = now()
        let second = now / 1_000
        stamp.withLock { stamp in
            if stamp.second != second { stamp = Stamp(second: second, text: Self.text(of: second)) }
            let number = String(now % 1_000)
            let fraction = String(repeating: "0", count: max(0, 3 - number.utf8.count)) + number
            let time = "\(stamp.text).\(fraction)+00:00"
            let line =
                switch format {
                case .text: LogText.line(time, level, message)
                case .json: LogText.object(time, level, message, fields)
                }
            Self.write(Array(line.utf8))
        }
    }

    private static func text(of second: Int64) -> String {
        var second = time_t(second)
        var parts = tm()
        gmtime_r(&second, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes all of it, as a pipe may take a part.
    private static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            // Nobody reads the log any more: the daemon goes on.
            guard count > 0 else { return }
            rest.removeFirst(count)
        }
    }
}
