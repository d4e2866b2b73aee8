internal import NIOCore

/// An event as `text/event-stream` has it.
struct StreamEvent: Sendable {
    /// What a client that connects again repeats; nil where the event has none.
    let id: String?
    /// The lines, with the empty one that ends them.
    let bytes: ByteBuffer

    private init(id: String?, bytes: ByteBuffer) {
        self.id = id
        self.bytes = bytes
    }

    /// Figures of `realtime`.
    ///
    /// - Parameter content: The daemon's answer, one JSON object.
    init(figures content: some Sequence<UInt8>) {
        // JSON has line breaks only between its parts, where a space is as good.
        let line = content.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }
        id = Self.identifier(of: line)
        var bytes = ByteBuffer()
        bytes.writeString("event: realtime\n")
        if let id { bytes.writeString("id: \(id)\n") }
        bytes.writeString("data: ")
        bytes.writeBytes(line)
        bytes.writeString("\n\n")
        self.bytes = bytes
    }

    /// The last event of a stream that the bridge ends: why, in the shape of a refusal.
    init(end reason: ByteBuffer) {
        id = nil
        var bytes = ByteBuffer(string: "event: end\ndata: ")
        bytes.writeImmutableBuffer(reason)
        bytes.writeString("\n\n")
        self.bytes = bytes
    }

    /// A comment, which tells both ends that the connection stands.
    static let heartbeat = StreamEvent(id: nil, bytes: ByteBuffer(string: ": heartbeat\n\n"))

    /// How long a client waits before it connects again.
    static let retry = StreamEvent(id: nil, bytes: ByteBuffer(string: "retry: 3000\n\n"))

    /// The second that figures belong to; nil where they do not say it.
    private static func identifier(of content: [UInt8]) -> String? {
        guard let meta = AnswerScanner.member("meta", of: content, in: content.indices),
            let text = AnswerScanner.member("generated_at", of: content, in: meta), text.count > 2
        else { return nil }
        let inside = content[text.lowerBound + 1..<text.upperBound - 1]
        guard inside.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        return String(decoding: inside, as: UTF8.self)
    }
}
