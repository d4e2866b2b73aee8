internal import ArgumentParser
internal import BotstatsClient
internal import Foundation

/// Where the commands that talk to a daemon find it.
enum Setting {
    /// One of the daemon's sockets.
    struct Endpoint {
        let variable: String
        let fallback: String

        static let ingest = Endpoint(
            variable: "BOTSTATS_INGEST_ENDPOINT",
            fallback: "tcp://127.0.0.1:5562"
        )
        static let query = Endpoint(
            variable: "BOTSTATS_QUERY_ENDPOINT",
            fallback: "tcp://127.0.0.1:5563"
        )
        static let live = Endpoint(
            variable: "BOTSTATS_LIVE_ENDPOINT",
            fallback: "tcp://127.0.0.1:5564"
        )
    }

    /// The option, else the environment, else the default.
    static func endpoint(_ option: String?, _ endpoint: Endpoint) -> String {
        option ?? environment(endpoint.variable) ?? endpoint.fallback
    }

    /// Refuses a producer's name that the daemon would not take.
    ///
    /// - Parameter producer: The name, or nil where none is given.
    /// - Throws: A `ValidationError`.
    static func validate(producer: String?) throws {
        let maximum = PublisherConfiguration.producerByteCountMaximum
        guard let count = producer?.utf8.count, !(1...maximum).contains(count) else { return }
        throw ValidationError("--producer must have 1 to \(maximum) bytes, not \(count).")
    }

    /// The help of an option with a variable and a default.
    static func help(_ text: String, _ variable: String, _ fallback: String) -> ArgumentHelp {
        ArgumentHelp("\(text) (default: \(variable) or \(fallback))")
    }

    /// An environment variable that is set and not empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The time of day, in milliseconds since 1970.
    static var now: Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000)
    }

    /// The machine's name, reduced to what is readable in a producer's name.
    static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        let name = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let readable = String(decoding: name, as: UTF8.self).prefix(64).map {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) ? $0 : "-"
        }
        return String(readable)
    }
}

/// What is not the result goes to standard error.
enum StandardError {
    /// Whether a person watches it.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// How wide its terminal is now; 80 where that cannot be known.
    static var columnCount: Int {
        var size = winsize()
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    /// Writes a line.
    ///
    /// - Parameters:
    ///   - text: The line without its end.
    ///   - terminator: What follows it.
    static func write(_ text: String, terminator: String = "\n") {
        let bytes = Array((text + terminator).utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            rest.removeFirst(count)
        }
    }
}
