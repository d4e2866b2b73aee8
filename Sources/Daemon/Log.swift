internal import Core
internal import Glibc
internal import JSON
internal import Synchronization

/// Lines for the operator on standard error, from any thread.
///
/// What others wrote may stand in a sentence or a field: it can neither begin a line of its own
/// nor move the terminal's cursor. No credential is ever handed to the log.
final class Log: Sendable {
    /// What a sentence is about, for programs that read the log; text has the sentence alone.
    typealias Fields = KeyValuePairs<String, JSONValue>

    private let clock: WallClock
    private let format: LogFormat
    private let calendar = LocalCalendar(rules: .utc)
    private let rank: Atomic<Int>
    private let lock = Mutex(())

    init(clock: WallClock, format: LogFormat, level: LogLevel) {
        self.clock = clock
        self.format = format
        rank = Atomic(level.rank)
    }

    /// The level that is logged, with those after it.
    var level: LogLevel { LogLevel.allCases[rank.load(ordering: .relaxed)] }

    /// Changes the level and says so, whatever the levels are.
    ///
    /// - Parameters:
    ///   - level: The new level.
    ///   - who: Whose wish it is.
    /// - Returns: The level until now.
    @discardableResult
    func setLevel(_ level: LogLevel, by who: String) -> LogLevel {
        let rank = rank.exchange(level.rank, ordering: .relaxed)
        let previous = LogLevel.allCases[rank]
        write(
            "notice",
            "The log level is \(level.rawValue), by \(who); it was \(previous.rawValue).",
            ["log_level": .string(level.rawValue), "previous": .string(previous.rawValue)]
        )
        return previous
    }

    func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        write(.debug, message, fields)
    }

    func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        write(.info, message, fields)
    }

    func notice(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        write(.notice, message, fields)
    }

    func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, message, fields)
    }

    /// A refused request; written at every level.
    func audit(_ message: String, _ fields: Fields) { write("audit", message, fields) }

    /// What is not logged costs a comparison.
    private func write(_ level: LogLevel, _ message: () -> String, _ fields: () -> Fields) {
        guard level.rank >= rank.load(ordering: .relaxed) else { return }
        write(level.rawValue, message(), fields())
    }

    private func write(_ level: String, _ message: String, _ fields: Fields) {
        let time = calendar.text(of: clock.now)
        let line =
            switch format {
            case .text: LogText.line(time, level, message)
            case .json: LogText.object(time, level, message, fields)
            }
        lock.withLock { _ in Self.write(Array(line.utf8)) }
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

/// How a line of the log is spelled.
enum LogText {
    /// How much of somebody else's text a line has: scalars, as a character can be of any length.
    private static let foreignScalarsMaximum = 100

    /// A line of text.
    static func line(_ time: String, _ level: String, _ message: String) -> String {
        "\(time) \(level) \(harmless(message))\n"
    }

    /// A line of JSON: `time`, `level`, `message`, then the fields.
    static func object(
        _ time: String,
        _ level: String,
        _ message: String,
        _ fields: Log.Fields
    ) -> String {
        let head: Log.Fields = [
            "time": .string(time), "level": .string(level), "message": .string(message),
        ]
        let members = (Array(head) + Array(fields)).map {
            JSONValue.Member(name: $0.key, value: $0.value)
        }
        // What is left to be escaped stands inside of strings.
        return harmless(JSONValue.object(members).serialized()) + "\n"
    }

    /// A text of somebody else's, bounded, in quotes.
    static func quoted(_ text: String) -> String {
        JSONValue.string(bounded(text)).serialized()
    }

    /// A text of somebody else's, bounded.
    static func bounded(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(foreignScalarsMaximum)))
    }

    /// Escapes what ends a line for some reader, and what a terminal obeys, as JSON does.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Controls, the separators of lines and paragraphs, and what turns the direction of writing;
    /// all of them have four digits.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
