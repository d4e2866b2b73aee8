import Testing
import ZeroMQ

@Suite struct SendingTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `a mandatory router reports a peer it does not know`() throws {
        let router = try Socket.make(.router, in: context, options: [.routerMandatory(true)])
        _ = try router.bindLocally()
        #expect(try router.sendMultipart([[9, 9], [1]], wait: false) == .unroutable)
    }

    @Test func `a dealer without peers would block`() throws {
        let dealer = try Socket.make(.dealer, in: context)
        #expect(try dealer.send("nobody", wait: false) == .wouldBlock)
        #expect(try dealer.send(Message(Key.bytes.span.bytes), wait: false) == .wouldBlock)
    }

    @Test func `a send that times out would block`() throws {
        let push = try Socket.make(.push, in: context)
        try push.set(.sendTimeout(.milliseconds(1)))
        #expect(try push.send("nobody") == .wouldBlock)
    }

    @Test func `the high water marks bound what waits for a peer`() throws {
        let pull = try Socket.make(.pull, in: context, options: [.receiveHighWaterMark(2)])
        let push = try Socket.make(.push, in: context, options: [.sendHighWaterMark(3)])
        try pull.bind("inproc://bounded")
        try push.connect("inproc://bounded")
        var sent = 0
        while sent < 100, try push.send("x", wait: false) == .sent { sent += 1 }
        // Both sides' marks add up inside the process.
        #expect(sent == 5)
        var received = 0
        while try pull.receiveTexts(wait: false) != nil { received += 1 }
        #expect(received == 5)
    }

    @Test func `nothing to receive is no error`() throws {
        let pull = try Socket.make(.pull, in: context)
        var message = Message()
        #expect(try !pull.receive(into: &message, wait: false))
        try pull.set(.receiveTimeout(.milliseconds(1)))
        #expect(try !pull.receive(into: &message))
        #expect(try pull.receiveMultipart() == nil)
    }

    @Test func `a peer that sends more than the maximum is disconnected`() throws {
        let server = try Socket.make(
            .router,
            in: context,
            options: [.maximumMessageByteCount(1_000), .routerMandatory(true)]
        )
        let endpoint = try server.bindLocally()
        let large = try Socket.make(
            .dealer,
            in: context,
            options: [.routingID([1]), .reconnectInterval(minimum: patience, maximum: nil)]
        )
        try large.connect(endpoint)
        #expect(try large.send("small") == .sent)
        #expect(try server.receiveMultipart() == [[1], Array("small".utf8)])
        #expect(try server.sendMultipart([[1], []], wait: false) == .sent)

        #expect(try large.send([UInt8](repeating: 0, count: 1_001)) == .sent)
        // The peer is gone once it cannot be routed to; the large message never arrived.
        let deadline = ContinuousClock.now + patience
        var result = SendResult.sent
        while result != .unroutable, ContinuousClock.now < deadline {
            _ = try Poller.poll(server, timeout: .milliseconds(1))
            result = try server.sendMultipart([[1], []], wait: false)
        }
        #expect(result == .unroutable)
        #expect(try server.receiveMultipart(wait: false) == nil)

        let small = try Socket.make(.dealer, in: context, options: [.routingID([2])])
        try small.connect(endpoint)
        let limit = [UInt8](repeating: 0, count: 1_000)
        #expect(try small.send(limit) == .sent)
        #expect(try server.receiveMultipart() == [[2], limit])
    }

    private enum Key {
        static let bytes: [UInt8] = [1, 2, 3]
    }
}
