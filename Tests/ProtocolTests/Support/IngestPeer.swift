import JSON
import Testing
import ZeroMQ

/// How long a test waits before it fails; far more than any step takes.
let patience = Duration.seconds(30)

/// An answer of the ingest socket.
struct IngestAnswer {
    let command: String
    let header: JSONValue

    subscript(name: String) -> JSONValue? { header[name] }

    var code: String? { header["code"]?.stringValue }
    var committed: Int64? { header["committed_seq"]?.integerValue }
    var expected: Int64? { header["expected_seq"]?.integerValue }
    var accepted: Int64? { header["accepted"]?.integerValue }
    var rejected: Int64? { header["rejected"]?.integerValue }
    var epoch: Int64? { header["epoch"]?.integerValue }
}

/// A DEALER connection to the ingest socket, frame by frame.
final class IngestPeer {
    private let socket: Socket
    /// The name of the last HELLO.
    private(set) var producer = ""
    /// The epoch of the last WELCOME.
    private(set) var epoch: Int64 = 0

    init(_ context: Context, _ endpoint: String, options: [SocketOption] = []) throws {
        let socket = try Socket(
            context: context,
            type: .dealer,
            options: [.linger(.zero), .receiveTimeout(patience), .sendTimeout(patience)] + options
        )
        try socket.connect(endpoint)
        self.socket = socket
    }

    func send(_ frames: [[UInt8]]) throws { #expect(try socket.sendMultipart(frames) == .sent) }

    func send(_ command: String, _ header: JSONValue, _ body: [UInt8]? = nil) throws {
        try send([Array(command.utf8), header.serializedBytes()] + (body.map { [$0] } ?? []))
    }

    /// The next answer; a test fails that waits in vain.
    func receive(sourceLocation: SourceLocation = #_sourceLocation) throws -> IngestAnswer {
        let frames = try #require(
            try socket.receiveMultipart(),
            "no answer",
            sourceLocation: sourceLocation
        )
        try #require(frames.count == 2, sourceLocation: sourceLocation)
        return IngestAnswer(
            command: String(decoding: frames[0], as: UTF8.self),
            header: try JSONValue(parsing: frames[1])
        )
    }

    /// Everything that was answered before a PING sent now.
    func answersBeforePong() throws -> [IngestAnswer] {
        try send("PING", [:])
        var answers: [IngestAnswer] = []
        while true {
            let answer = try receive()
            if answer.command == "PONG" { return answers }
            answers.append(answer)
        }
    }

    /// Says HELLO and expects a WELCOME.
    @discardableResult
    func hello(
        _ producer: String,
        epoch: Int64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> IngestAnswer {
        try sendHello(producer, epoch: epoch)
        let answer = try receive(sourceLocation: sourceLocation)
        try #require(
            answer.command == "WELCOME",
            "\(answer.header.serialized())",
            sourceLocation: sourceLocation
        )
        self.producer = producer
        self.epoch = answer.epoch ?? 0
        return answer
    }

    func sendHello(_ producer: String, epoch: Int64? = nil) throws {
        var header: JSONValue = ["protocol": 1, "producer": .string(producer)]
        if let epoch {
            header = ["protocol": 1, "producer": .string(producer), "epoch": .integer(epoch)]
        }
        try send("HELLO", header)
    }

    /// Sends EVENTS with lines and does not wait.
    func sendEvents(
        from first: Int64,
        _ lines: [String],
        checkpoint: String? = nil,
        epoch: Int64? = nil,
        count: Int64? = nil
    ) throws {
        let body = Array(lines.map { $0 + "\n" }.joined().utf8)
        var members: [JSONValue.Member] = [
            .init(name: "producer", value: .string(producer)),
            .init(name: "epoch", value: .integer(epoch ?? self.epoch)),
            .init(name: "first_seq", value: .integer(first)),
            .init(name: "count", value: .integer(count ?? Int64(lines.count))),
        ]
        if let checkpoint {
            members.append(.init(name: "checkpoint", value: .string(checkpoint)))
        }
        try send("EVENTS", .object(members), body)
    }

    /// Sends EVENTS and takes the answer.
    func events(
        from first: Int64,
        _ lines: [String],
        checkpoint: String? = nil,
        epoch: Int64? = nil,
        count: Int64? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> IngestAnswer {
        try sendEvents(from: first, lines, checkpoint: checkpoint, epoch: epoch, count: count)
        return try receive(sourceLocation: sourceLocation)
    }

    /// Sends EVENTS that must be acknowledged up to their end.
    @discardableResult
    func publish(
        from first: Int64,
        _ lines: [String],
        checkpoint: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> IngestAnswer {
        let answer = try events(
            from: first,
            lines,
            checkpoint: checkpoint,
            sourceLocation: sourceLocation
        )
        #expect(answer.command == "ACK", sourceLocation: sourceLocation)
        #expect(
            answer.committed == first + Int64(lines.count) - 1,
            sourceLocation: sourceLocation
        )
        return answer
    }
}

/// Checks a NACK of an EVENTS: who, which, why, where to go on, and nothing else it may not have.
func expectNACK(
    _ answer: IngestAnswer,
    _ code: String,
    from peer: IngestPeer,
    first: Int64,
    expected: Int64,
    epoch: Int64? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let told = Comment(rawValue: "\(answer.command) \(answer.header.serialized())")
    #expect(answer.command == "NACK", told, sourceLocation: sourceLocation)
    #expect(answer.code == code, told, sourceLocation: sourceLocation)
    #expect(
        answer["producer"] == .string(peer.producer),
        told,
        sourceLocation: sourceLocation
    )
    #expect(answer.epoch == epoch ?? peer.epoch, told, sourceLocation: sourceLocation)
    #expect(answer["first_seq"] == .integer(first), told, sourceLocation: sourceLocation)
    #expect(answer.expected == expected, told, sourceLocation: sourceLocation)
    #expect(answer["message"]?.stringValue?.isEmpty == false, told, sourceLocation: sourceLocation)
    #expect(
        (answer["retry_after_ms"]?.integerValue ?? 0 > 0) == (code == "busy"),
        told,
        sourceLocation: sourceLocation
    )
}
