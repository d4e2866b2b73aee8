public import Core

/// Whom a CURVE key belongs to, and under which names it may publish.
public struct CurveClient: Sendable, Equatable {
    /// The name of its file, without what follows `.key`; for the log.
    public let name: String
    /// The names of producers that it is tied to; nil for any.
    let producers: [ProducerPattern]?

    /// Describes a client.
    ///
    /// - Parameters:
    ///   - name: What the log calls it.
    ///   - producers: The value of `producers` in its file: names with commas between them, each
    ///     of which may end with `*`; nil where there is none, for any name.
    public init(name: String, producers: String? = nil) {
        self.name = name
        self.producers = producers?.split(separator: ",").compactMap(ProducerPattern.init)
    }

    /// Whether the key may publish under a name.
    ///
    /// - Parameter producer: The producer's name; nil where a message has none.
    /// - Returns: False for a name it is not tied to; a tied key must give one.
    public func mayPublish(as producer: ProducerName?) -> Bool {
        guard let producers else { return true }
        guard let bytes = producer?.utf8 else { return false }
        return producers.contains { $0.matches(bytes) }
    }
}

/// A producer's name, or the beginning of many.
struct ProducerPattern: Sendable, Equatable {
    private let bytes: [UInt8]
    private let isPrefix: Bool

    /// Reads a pattern; nil for one of blanks only.
    init?(_ text: Substring) {
        let text = text.drop { $0.isWhitespace }
        let end = text.lastIndex { !$0.isWhitespace }
        guard let end else { return nil }
        let name = text[...end]
        isPrefix = name.last == "*"
        bytes = Array((isPrefix ? name.dropLast() : name).utf8)
    }

    /// Compares byte by byte, as the daemon does everywhere.
    func matches(_ name: [UInt8]) -> Bool {
        isPrefix ? name.starts(with: bytes) : name == bytes
    }
}
