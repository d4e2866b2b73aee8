internal import Logging
internal import OperatorLog

extension Log {
    /// A logger for the HTTP server, which passes on what an operator must know.
    var serverLogger: Logger { Logger(label: "http") { _ in ServerLogHandler(log: self) } }
}

/// Passes warnings and errors of the HTTP server on.
private struct ServerLogHandler: LogHandler {
    let log: Log
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.warning("HTTP server: \(event.message)") }
}
