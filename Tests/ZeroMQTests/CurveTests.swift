import Testing
import ZeroMQ

@Suite struct CurveTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `the public key follows from the secret one`() throws {
        let keys = try CurveKeyPair.generate()
        #expect(keys.publicKey.utf8.count == 40)
        #expect(try CurveKeyPair(secretKey: keys.secretKey) == keys)
        #expect(try CurveKeyPair.generate() != keys)
    }

    @Test(arguments: ["", "short", String(repeating: "~", count: 40)])
    func `a text that is no key is refused`(text: String) {
        let error = #expect(throws: ZeroMQError.self) { _ = try CurveKeyPair(secretKey: text) }
        #expect(error?.kind == .invalidArgument)
    }

    @Test(arguments: [
        "", "short", String(repeating: "~", count: 40), String(repeating: "é", count: 20),
    ])
    func `a text that is no key is told from one that is`(text: String) throws {
        #expect(!CurveKeyPair.isKey(text))
        #expect(CurveKeyPair.isKey(try CurveKeyPair.generate().publicKey))
    }

    @Test func `the text of a key follows from its bytes`() {
        // From ZeroMQ's RFC 32, eight bytes four times over.
        let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
        let text = CurveKeyPair.text(ofKey: bytes + bytes + bytes + bytes)
        #expect(text == String(repeating: "HelloWorld", count: 4))
        #expect(CurveKeyPair.text(ofKey: bytes) == nil)
    }

    @Test func `a monitor tells how a handshake ends`() throws {
        let server = try Socket.make(.router, in: context)
        let keys = try CurveKeyPair.generate()
        let rows: [(options: [SocketOption], outcome: ConnectionEvent)] = [
            ([], .connected),
            ([.curveServerKey(keys.publicKey), .curveKeys(keys)], .mechanismMismatch),
        ]
        let endpoint = try server.bindLocally()
        for row in rows {
            let client = try MonitoredSocket(
                context: context,
                type: .dealer,
                options: [.linger(.zero)] + row.options
            )
            #expect(try client.nextEvent() == nil)
            try client.socket.connect(endpoint)
            var outcome: ConnectionEvent?
            // A server that hangs up first leaves the client to try again.
            while outcome == nil || outcome == .cutOff || outcome == .disconnected {
                try #require(try Poller.poll(client.events, timeout: patience) == .first)
                outcome = try client.nextEvent()
            }
            #expect(outcome == row.outcome)
        }
    }

    @Test func `descriptions hide the secret key`() throws {
        let keys = try CurveKeyPair.generate()
        for text in ["\(keys)", String(reflecting: keys), "\(SocketOption.curveKeys(keys))"] {
            #expect(!text.contains(keys.secretKey))
            #expect(text.contains(keys.publicKey))
        }
    }

    @Test func `an encrypted message carries the user whom the handler admitted`() throws {
        let keys = (server: try CurveKeyPair.generate(), client: try CurveKeyPair.generate())
        let handler = try Socket.make(.rep, in: context)
        try handler.bind("inproc://zeromq.zap.01")
        let server = try Socket.make(
            .router,
            in: context,
            options: [.curveServer(true), .curveKeys(keys.server), .zapDomain("test")]
        )
        let client = try Socket.make(
            .dealer,
            in: context,
            options: [
                .curveServerKey(keys.server.publicKey), .curveKeys(keys.client),
                .routingID([7]),
            ]
        )
        try client.connect(server.bindLocally())
        #expect(try client.send("secret") == .sent)

        #expect(try Poller.poll(handler, timeout: patience) == .first)
        let request = try #require(try handler.receiveMultipart())
        // Version, request id, domain, address, routing id, mechanism, the client's key.
        #expect(request.count == 7)
        #expect(String(decoding: request[2], as: UTF8.self) == "test")
        #expect(String(decoding: request[5], as: UTF8.self) == "CURVE")
        #expect(request[6].count == 32)
        let reply = ["200", "OK", "alice", ""].map { Array($0.utf8) }
        #expect(try handler.sendMultipart([request[0], request[1]] + reply) == .sent)

        var message = Message()
        #expect(try server.receive(into: &message))
        #expect(message.hasMore == true)
        #expect(try server.receive(into: &message))
        let bytes = message.copied()
        #expect(String(decoding: bytes, as: UTF8.self) == "secret")
        #expect(message.metadata("User-Id") == "alice")
    }
}
