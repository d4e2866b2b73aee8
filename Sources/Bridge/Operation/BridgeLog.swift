internal import Foundation
internal import Logging
internal import Synchronization

/// Lines for the operator on standard error: time, level, one sentence.
final class BridgeLog: Sendable {
    private struct Stamp {
        var second = -1
        var text = ""
    }

    /// The text of the running second, and the order of lines.
    private let stamp = Mutex(Stamp())

    func notice(_ message: String) { write("notice", message) }

    func warning(_ message: String) { write("warning", message) }

    func access(_ message: String) { write("access", message) }

    private func write(_ level: String, _ message: String) {
        let now = Int(Date().timeIntervalSince1970 * 1_000)
        let second = now / 1_000
        stamp.withLock { stamp in
            if stamp.second != second {
                stamp.second = second
                stamp.text = Self.text(of: second)
            }
            let number = String(now % 1_000)
            let fraction = String(repeating: "0", count: 3 - number.utf8.count) + number
            var line = "\(stamp.text).\(fraction)+00:00 \(level) \(message)\n"
            // A line that standard error does not take is lost; nothing waits for it.
            _ = line.withUTF8 { Foundation.write(2, $0.baseAddress, $0.count) }
        }
    }

    private static func text(of second: Int) -> String {
        var second = time_t(second)
        var parts = tm()
        gmtime_r(&second, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension BridgeLog {
    /// A logger for the HTTP server, which passes on what an operator must know.
    var serverLogger: Logger { Logger(label: "http") { _ in ServerLogHandler(log: self) } }
}

/// Passes warnings and errors of the HTTP server on.
private struct ServerLogHandler: LogHandler {
    let log: BridgeLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.warning("HTTP server: \(event.message)") }
}
