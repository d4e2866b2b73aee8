import Testing
import ZeroMQ

@Suite struct MessageTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `one message serves for receiving again and again`() throws {
        let left = try Socket.make(.pair, in: context)
        let right = try Socket.make(.pair, in: context)
        try left.bind("inproc://reuse")
        try right.connect("inproc://reuse")
        var message = Message()
        // Up to 33 bytes are inside the structure; longer ones are not.
        for count in [0, 1, 33, 34, 100_000, 5, 0] {
            let bytes = (0..<count).map { UInt8($0 % 251) }
            #expect(try left.send(bytes) == .sent)
            #expect(try right.receive(into: &message))
            #expect(message.byteCount == count)
            #expect(message.hasMore == false)
            let copy = message.copied()
            #expect(copy == bytes)
            let span = message.bytes
            #expect(span.byteCount == count)
        }
    }

    @Test func `the parts of a message say whether more follow`() throws {
        let left = try Socket.make(.pair, in: context)
        let right = try Socket.make(.pair, in: context)
        try left.bind("inproc://parts")
        try right.connect("inproc://parts")
        #expect(try left.send("a", more: true) == .sent)
        #expect(try left.send([], more: true) == .sent)
        #expect(try left.send("c") == .sent)
        var message = Message()
        var seen: [(Int, Bool)] = []
        for _ in 0..<3 {
            #expect(try right.receive(into: &message))
            seen.append((message.byteCount, message.hasMore))
        }
        #expect(seen.map(\.0) == [1, 0, 1])
        #expect(seen.map(\.1) == [true, true, false])
    }

    @Test(arguments: [0, 3, 33, 34, 70_000])
    func `a message is sent with its bytes`(count: Int) throws {
        let left = try Socket.make(.pair, in: context)
        let right = try Socket.make(.pair, in: context)
        try left.bind("inproc://consumed")
        try right.connect("inproc://consumed")
        let bytes = (0..<count).map { UInt8($0 % 251) }
        #expect(try left.send(Message(bytes.span.bytes)) == .sent)
        #expect(try right.receiveMultipart() == [bytes])
    }

    @Test func `a received message can be passed on without a copy`() throws {
        let source = try Socket.make(.push, in: context)
        let middle = try Socket.make(.pull, in: context)
        let target = try Socket.make(.pair, in: context)
        let relay = try Socket.make(.pair, in: context)
        try middle.bind("inproc://source")
        try source.connect("inproc://source")
        try target.bind("inproc://target")
        try relay.connect("inproc://target")
        let bytes = [UInt8](repeating: 4, count: 5_000)
        #expect(try source.send(bytes) == .sent)
        var message = Message()
        #expect(try middle.receive(into: &message))
        #expect(try relay.send(message) == .sent)
        #expect(try target.receiveMultipart() == [bytes])
    }

    @Test func `metadata describes the connection`() throws {
        let server = try Socket.make(.pull, in: context)
        let client = try Socket.make(.push, in: context)
        try client.connect(server.bindLocally())
        #expect(try client.send("x") == .sent)
        var message = Message()
        #expect(try server.receive(into: &message))
        #expect(message.metadata("Peer-Address") == "127.0.0.1")
        #expect(message.metadata("Socket-Type") == "PUSH")
        #expect(message.metadata("User-Id") == nil)
        let unsent = Message()
        #expect(unsent.metadata("Peer-Address") == nil)
    }
}
