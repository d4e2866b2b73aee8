import Testing

@testable import BotstatsClient

@Suite struct `Publisher and its connection` {
    /// A wire to a fake daemon that answers at once; the answers wait to be read.
    private final class Wire {
        var daemon = FakeDaemon()
        var now: Duration = .zero
        var connectionCount = 0
        /// How many further messages the queue takes.
        var room = Int.max
    }

    private final class WiredConnection: FrameConnection {
        private let wire: Wire
        private var answers: [[[UInt8]]] = []

        init(_ wire: Wire) {
            self.wire = wire
            wire.connectionCount += 1
        }

        func send(_ frames: [[UInt8]]) throws(ConnectionError) -> Bool {
            guard wire.room > 0 else { return false }
            wire.room -= 1
            do {
                answers.append(try wire.daemon.answer(frames))
            } catch {
                throw ConnectionError(reason: "\(error)")
            }
            return true
        }

        func receive(waitingMilliseconds: Int) throws(ConnectionError) -> [[UInt8]]? {
            answers.isEmpty ? nil : answers.removeFirst()
        }
    }

    private func makePublisher(_ wire: Wire) -> Publisher {
        Publisher(
            endpoint: "wire",
            configuration: PublisherConfiguration(producer: "p"),
            readClock: { wire.now },
            makeConnection: { () throws(ConnectionError) in WiredConnection(wire) }
        )
    }

    @Test func `an answer that waited to be read is not overdue`() throws {
        let wire = Wire()
        let publisher = makePublisher(wire)
        try publisher.connect()
        try publisher.publish(line: Array("a".utf8))
        try publisher.push()
        // The caller does something else for longer than an answer may take.
        wire.now += .seconds(60)
        try publisher.service()
        #expect(publisher.pendingEventCount == 0)
        #expect(publisher.totals.accepted == 1)
        #expect(wire.connectionCount == 1)
    }

    @Test func `a connection whose queue is full is replaced and nothing is lost`() throws {
        let wire = Wire()
        let publisher = makePublisher(wire)
        try publisher.connect()
        wire.room = 1
        for line in ["a", "b", "c"] {
            try publisher.publish(body: Array((line + "\n").utf8), count: 1)
        }
        wire.room = .max
        try publisher.close()
        #expect(wire.connectionCount > 1)
        #expect(wire.daemon.allCounted == ["a", "b", "c"])
        #expect(publisher.totals.accepted + publisher.totals.duplicate == 3)
    }
}
