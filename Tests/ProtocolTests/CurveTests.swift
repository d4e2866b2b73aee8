import Access
import Daemon
import Foundation
import JSON
import Testing
import ZeroMQ

/// `protocol/curve.md`, on the daemon's sockets.
struct CurveTests {
    private let ring: KeyRing
    private let daemon: TestDaemon

    init() throws {
        let ring = try KeyRing()
        daemon = try TestDaemon { ring.use(in: &$0) }
        self.ring = ring
    }

    private func publisher(_ options: [SocketOption]) throws -> IngestPeer {
        try IngestPeer(daemon.context, daemon.ingestEndpoint, options: options)
    }

    /// `system.status`, asked with the daemon's own key.
    private func status() throws -> JSONValue {
        try QueryPeer(daemon.context, daemon.queryEndpoint, options: ring.operatorOptions)
            .ask("system.status")
    }

    /// How the first handshake ends that ends for good, or is cut off.
    private func outcome(
        _ type: SocketType,
        _ endpoint: String,
        _ options: [SocketOption],
        ignoring ignored: ConnectionEvent? = nil
    ) throws -> ConnectionEvent {
        let peer = try MonitoredSocket(
            context: daemon.context,
            type: type,
            options: [.linger(.zero)] + options
        )
        try peer.socket.connect(endpoint)
        while try Poller.poll(peer.events, timeout: patience) == .first {
            guard let outcome = try peer.nextEvent() else { continue }
            if outcome != ignored, outcome != .disconnected { return outcome }
        }
        throw NoOutcome()
    }

    private struct NoOutcome: Error {}

    /// Asks until something is so; a test fails that waits in vain.
    private func waitUntil(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: () throws -> Bool
    ) throws {
        let end = ContinuousClock.now + patience
        while try !condition() {
            try #require(.now < end, "it never came to that", sourceLocation: sourceLocation)
        }
    }

    private var sockets: [(type: SocketType, endpoint: String)] {
        [
            (.dealer, daemon.ingestEndpoint), (.pub, daemon.eventsEndpoint),
            (.dealer, daemon.queryEndpoint),
        ]
    }

    // MARK: - Who may connect

    @Test func `an allowed key may publish and ask`() throws {
        let keys = try ring.makeClient("alice")
        let peer = try publisher(keys)
        try peer.hello("p")
        try peer.publish(from: 1, Lines.messages(1...3))
        let asker = try QueryPeer(daemon.context, daemon.queryEndpoint, options: keys)
        #expect(try asker.ask("usage")["total_messages"] == 3)
        let status = try status()
        #expect(status["connections_refused"] == 0)
        #expect(status["messages_unauthorized"] == 0)
        try daemon.stop()
    }

    @Test func `a key that is not allowed is refused on every socket and counted`() throws {
        let stranger = try CurveKeyPair.generate()
        for (number, socket) in sockets.enumerated() {
            let outcome = try outcome(socket.type, socket.endpoint, ring.options(stranger))
            #expect(outcome == .refused)
            #expect(try status()["connections_refused"] == .integer(Int64(number) + 1))
        }
    }

    @Test func `a client without CURVE, or with another server's key, gets in nowhere`() throws {
        let keys = try CurveKeyPair.generate()
        try ring.allow("alice", keys.publicKey)
        let other = try CurveKeyPair.generate().publicKey
        for socket in sockets {
            // What it is told depends on which side notices first.
            let plain = try outcome(socket.type, socket.endpoint, [], ignoring: .cutOff)
            #expect(plain == .mechanismMismatch)
            let mistaken = try outcome(
                socket.type,
                socket.endpoint,
                [.curveServerKey(other), .curveKeys(keys)]
            )
            #expect(mistaken == .cutOff)
        }
    }

    @Test func `a key may connect as soon as its file is there, and not after it is gone`() throws {
        let keys = try CurveKeyPair.generate()
        let ingest = daemon.ingestEndpoint
        #expect(try outcome(.dealer, ingest, ring.options(keys)) == .refused)
        try ring.allow("alice", keys.publicKey)
        let peer = try publisher(ring.options(keys))
        try peer.hello("p")
        try peer.publish(from: 1, Lines.messages(1...2))

        try ring.forbid("alice")
        #expect(try outcome(.dealer, ingest, ring.options(keys)) == .refused)
        // The connection that stands does not publish any more either.
        var first: Int64 = 3
        try waitUntil {
            let answer = try peer.events(from: first, Lines.messages(3...3))
            guard answer.command != "ACK" else {
                first += 1
                return false
            }
            expectNACK(answer, "hello_required", from: peer, first: first, expected: first)
            return true
        }
        try peer.sendHello("p", epoch: peer.epoch)
        #expect(try peer.receive().code == "unauthorized")

        try ring.allow("alice-again", keys.publicKey)
        let again = try publisher(ring.options(keys))
        try again.hello("p", epoch: peer.epoch)
        try again.publish(from: first, Lines.messages(4...4))
        try daemon.stop()
    }

    @Test func `a key that is removed hears no more live figures`() throws {
        let (keys, other) = (try CurveKeyPair.generate(), try ring.makeClient("bob"))
        try ring.allow("alice", keys.publicKey)
        func subscriber(_ options: [SocketOption]) throws -> MonitoredSocket {
            let peer = try MonitoredSocket(
                context: daemon.context,
                type: .sub,
                options: [.linger(.zero), .subscribe([])] + options
            )
            try peer.socket.connect(daemon.liveEndpoint)
            return peer
        }
        func expect(_ expected: [ConnectionEvent], of peer: borrowing MonitoredSocket) throws {
            var left = expected[...]
            while let next = left.first {
                let ready = try Poller.poll(peer.events, timeout: patience)
                try #require(ready == .first, "\(next) has not come")
                if try peer.nextEvent() == next { left.removeFirst() }
            }
        }
        let alice = try subscriber(ring.options(keys))
        let bob = try subscriber(other)
        try expect([.connected], of: alice)
        try expect([.connected], of: bob)
        try ring.forbid("alice")
        try expect([.disconnected, .refused], of: alice)
        try expect([.disconnected, .connected], of: bob)
    }

    @Test func `a file that is no certificate allows nobody, and nobody else suffers`() throws {
        let (keys, other) = (try CurveKeyPair.generate(), try ring.makeClient("bob"))
        try ring.allow("alice", keys.publicKey)
        #expect(try outcome(.dealer, daemon.ingestEndpoint, ring.options(keys)) == .connected)
        try ring.spoil("alice")
        // Another content of a file is noticed within a tenth of a second.
        try waitUntil {
            try outcome(.dealer, daemon.ingestEndpoint, ring.options(keys)) == .refused
        }
        #expect(try outcome(.dealer, daemon.ingestEndpoint, other) == .connected)
    }

    @Test func `with CURVE an endpoint may be one that others reach`() throws {
        try daemon.restart {
            $0.ingestEndpoint = "tcp://0.0.0.0:*"
            $0.access.isRequired = true
        }
        let port = try #require(daemon.ingestEndpoint.split(separator: ":").last)
        let keys = try ring.makeClient("alice")
        #expect(try outcome(.dealer, "tcp://127.0.0.1:\(port)", keys) == .connected)
    }

    @Test func `CURVE holds on ipc endpoints too`() throws {
        let directory = try TemporaryDirectory()
        try daemon.restart { $0.ingestEndpoint = "ipc://\(directory.path)/ingest" }
        let keys = try ring.makeClient("alice")
        #expect(try outcome(.dealer, daemon.ingestEndpoint, keys) == .connected)
        let plain = try outcome(.dealer, daemon.ingestEndpoint, [], ignoring: .cutOff)
        #expect(plain == .mechanismMismatch)
    }

    // MARK: - Names

    @Test func `a key that is tied to names publishes under them only`() throws {
        let peer = try publisher(try ring.makeClient("alice", producers: "one, two-*"))
        try peer.hello("one")
        try peer.publish(from: 1, Lines.messages(1...1))
        try peer.hello("two-eu")
        try peer.publish(from: 1, Lines.messages(2...2))
        for name in ["two", "one-eu", "On", "three"] {
            try peer.sendHello(name)
            let answer = try peer.receive()
            #expect(answer.command == "NACK")
            #expect(answer.code == "unauthorized")
            #expect(answer["producer"] == .string(name))
            #expect(answer["message"]?.stringValue?.contains("alice") == true)
        }
        let status = try status()
        #expect(status["messages_unauthorized"] == 4)
        #expect(status["producers"]?.arrayValue?.count == 2)
        #expect(status["events_accepted"] == 2)
        try daemon.stop()
    }

    @Test func `a refused HELLO takes a producer from nobody`() throws {
        let owner = try publisher(try ring.makeClient("owner"))
        try owner.hello("p")
        let rival = try publisher(try ring.makeClient("rival", producers: "q"))
        try rival.sendHello("p", epoch: owner.epoch)
        #expect(try rival.receive().code == "unauthorized")
        try owner.publish(from: 1, Lines.messages(1...1))
        try rival.send("EVENTS", ["producer": "p", "epoch": 1, "first_seq": 2, "count": 1], [10])
        #expect(try rival.receive().code == "hello_required")
        try daemon.stop()
    }

    @Test func `a name taken from a key is taken while it publishes`() throws {
        let keys = try CurveKeyPair.generate()
        try ring.allow("alice", keys.publicKey, producers: "p,q")
        let peer = try publisher(ring.options(keys))
        try peer.hello("q")
        try peer.hello("p")
        try ring.allow("alice", keys.publicKey, producers: "q")
        var first: Int64 = 1
        try waitUntil {
            first += 1
            return try peer.events(from: first - 1, Lines.messages(1...1)).command == "NACK"
        }
        try peer.sendHello("p")
        #expect(try peer.receive().code == "unauthorized")
        try peer.hello("q", epoch: 1)
        try peer.publish(from: 1, Lines.messages(1...1))
        try daemon.stop()
    }

    // MARK: - Fire and forget

    @Test func `a tied key must name itself with each message of fire and forget`() throws {
        let socket = try Socket(
            context: daemon.context,
            type: .xpub,
            options: [.linger(.zero), .receiveTimeout(patience)]
                + ring.makeClient("alice", producers: "a")
        )
        try socket.connect(daemon.eventsEndpoint)
        #expect(try socket.receiveMultipart() == [[1]], "the daemon subscribes")
        let bodies = (1...5).map { Lines.message($0) }
        for frames in [
            ["t", #"{"producer":"a","seq":1}"#, bodies[0]], ["t", bodies[1]],
            ["t", #"{"producer":"b","seq":1}"#, bodies[2]], ["t", "no header", bodies[3]],
            ["t", #"{"producer":"b","seq":9}"#, bodies[3]],
            ["t", #"{"producer":"a","seq":2}"#, bodies[4]],
        ] {
            #expect(try socket.sendMultipart(frames.map { Array($0.utf8) }) == .sent)
        }
        try waitUntil { try status()["events_accepted"]?.integerValue ?? 0 >= 2 }
        let told = try status()
        #expect(told["events_accepted"] == 2)
        #expect(told["messages_unauthorized"] == 4)
        #expect(told["events_dropped"] == 0, "nobody leaps over another's numbers")
        try daemon.stop()
    }

    @Test func `the largest message of fire and forget fits when it is encrypted`() throws {
        let socket = try Socket(
            context: daemon.context,
            type: .xpub,
            options: [.linger(.zero), .receiveTimeout(patience)] + ring.makeClient("alice")
        )
        try socket.connect(daemon.eventsEndpoint)
        #expect(try socket.receiveMultipart() == [[1]], "the daemon subscribes")
        let line = Array(Lines.message(1).utf8)
        let body = line + [UInt8](repeating: 0x20, count: (1 << 20) - line.count)
        #expect(try socket.sendMultipart([[], body]) == .sent)
        try waitUntil { try status()["events_accepted"] == 1 }
        try daemon.stop()
    }
}
