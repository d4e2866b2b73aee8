import Testing
import ZeroMQ

@Suite struct PollerTests {
    private let context: Context

    init() throws { context = try Context() }

    private func pull(_ name: String) throws -> Socket {
        let socket = try Socket.make(.pull, in: context)
        try socket.bind("inproc://\(name)")
        return socket
    }

    private func send(_ text: String, to name: String) throws {
        let socket = try Socket.make(.push, in: context)
        try socket.connect("inproc://\(name)")
        #expect(try socket.send(text) == .sent)
    }

    @Test func `polling tells which sockets have a message`() throws {
        let a = try pull("a")
        let b = try pull("b")
        let c = try pull("c")
        let d = try pull("d")
        #expect(try Poller.poll(a, b, c, d, timeout: .zero).isEmpty)
        try send("x", to: "b")
        try send("x", to: "d")
        #expect(try Poller.poll(a, timeout: .zero) == [])
        #expect(try Poller.poll(b, timeout: patience) == .first)
        #expect(try Poller.poll(a, b, timeout: patience) == .second)
        #expect(try Poller.poll(b, a, c, timeout: patience) == .first)
        #expect(try Poller.poll(a, c, d, timeout: patience) == .third)
        #expect(try Poller.poll(a, b, c, d, timeout: patience) == [.second, .fourth])
        #expect(try b.receiveTexts() == ["x"])
        #expect(try Poller.poll(a, b, c, d, timeout: nil) == .fourth)
    }

    @Test func `polling ends when the time is over`() throws {
        let socket = try pull("silent")
        #expect(try Poller.poll(socket, timeout: .milliseconds(2)).isEmpty)
    }

    @Test func `a socket without room is not writable`() throws {
        let dealer = try Socket.make(.dealer, in: context)
        #expect(try Poller.poll(dealer, for: .writable, timeout: .zero) == [])
        let router = try Socket.make(.router, in: context)
        try router.bind("inproc://room")
        try dealer.connect("inproc://room")
        let both: PollEvents = [.readable, .writable]
        #expect(try Poller.poll(dealer, for: both, timeout: patience) == .writable)
        #expect(try dealer.send("x") == .sent)
        let request = try #require(try router.receiveMultipart())
        #expect(try router.sendMultipart(request) == .sent)
        #expect(try Poller.poll(dealer, for: .readable, timeout: patience) == .readable)
        #expect(try Poller.poll(dealer, for: both, timeout: patience) == both)
    }

    @Test func `polling a socket of a context that was shut down is refused`() throws {
        let socket = try pull("ended")
        context.shutdown()
        let error = #expect(throws: ZeroMQError.self) {
            _ = try Poller.poll(socket, timeout: patience)
        }
        #expect(error?.kind == .terminated)
    }
}
