import Testing
import ZeroMQ

@Suite struct PatternTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `a router answers a dealer by its routing id`() throws {
        let router = try Socket.make(.router, in: context)
        let dealer = try Socket.make(.dealer, in: context, options: [.routingID(Array("one".utf8))])
        try dealer.connect(router.bindLocally())
        #expect(try dealer.sendTexts("hello", "", "world") == .sent)
        #expect(try router.receiveTexts() == ["one", "hello", "", "world"])
        #expect(try router.sendTexts("one", "answer") == .sent)
        #expect(try dealer.receiveTexts() == ["answer"])
    }

    @Test func `a router answers a request behind its empty delimiter`() throws {
        let router = try Socket.make(.router, in: context)
        let client = try Socket.make(.req, in: context)
        try client.connect(router.bindLocally())
        #expect(try client.send("question") == .sent)
        let request = try #require(try router.receiveMultipart())
        #expect(request.count == 3)
        #expect(request[1].isEmpty)
        #expect(try router.sendMultipart([request[0], [], Array("reply".utf8)]) == .sent)
        #expect(try client.receiveTexts() == ["reply"])
    }

    @Test func `a second request out of turn is refused`() throws {
        let server = try Socket.make(.rep, in: context)
        let client = try Socket.make(.req, in: context)
        try client.connect(server.bindLocally())
        #expect(try client.send("first") == .sent)
        let error = #expect(throws: ZeroMQError.self) { _ = try client.send("second") }
        #expect(error?.kind == .wrongState)
    }

    @Test func `a subscriber receives what begins with its prefix`() throws {
        let publisher = try Socket.make(.xpub, in: context)
        let subscriber = try Socket.make(
            .sub,
            in: context,
            options: [.subscribe(Array("b".utf8))]
        )
        try subscriber.connect(publisher.bindLocally())
        // The subscription arrives as a message, so nothing is published too early.
        #expect(try publisher.receiveMultipart() == [[1, UInt8(ascii: "b")]])
        for topic in ["a1", "b1", "c1", "b2"] { #expect(try publisher.send(topic) == .sent) }
        #expect(try subscriber.receiveTexts() == ["b1"])
        #expect(try subscriber.receiveTexts() == ["b2"])
    }

    @Test func `work pushed by two sockets is pulled by one`() throws {
        let pull = try Socket.make(.pull, in: context)
        try pull.bind("inproc://work")
        let first = try Socket.make(.push, in: context)
        let second = try Socket.make(.push, in: context)
        try first.connect("inproc://work")
        try second.connect("inproc://work")
        #expect(try first.send("first") == .sent)
        #expect(try second.send("second") == .sent)
        let received = [try pull.receiveTexts(), try pull.receiveTexts()]
        #expect(Set(received) == [["first"], ["second"]])
    }

    @Test func `a pair of sockets exchanges messages inside the process`() throws {
        let left = try Socket.make(.pair, in: context)
        let right = try Socket.make(.pair, in: context)
        try left.bind("inproc://control")
        try right.connect("inproc://control")
        #expect(try right.send("stop") == .sent)
        #expect(try left.receiveTexts() == ["stop"])
    }
}
