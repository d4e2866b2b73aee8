import JSON
import Synchronization
import Testing

@testable import BotstatsClient

@Suite struct `Publisher over a socket` {
    private func makePublisher(
        _ daemon: ScriptedDaemon,
        change: (inout PublisherConfiguration) -> Void = { _ in }
    ) -> Publisher {
        var configuration = PublisherConfiguration(producer: "p")
        configuration.batchEventCountMaximum = 2
        configuration.answerTimeout = .milliseconds(200)
        configuration.patience = .seconds(60)
        change(&configuration)
        return Publisher(endpoint: daemon.endpoint, configuration: configuration)
    }

    private func publish(_ count: Int, with publisher: Publisher) throws -> [String] {
        let lines = (0..<count).map { "event \($0)" }
        for line in lines { try publisher.publish(line: Array(line.utf8)) }
        return lines
    }

    @Test(
        arguments: [
            [],
            [.lose, .answer, .answer],
            [.answer, .lose, .loseAnswer, .lose],
            [.loseAnswer, .loseAnswer],
            [.delayAnswer, .delayAnswer, .delayAnswer],
            [.refuse("busy"), .answer, .refuse("busy")],
            [.answer, .forgetConnections, .answer, .answer, .forgetConnections],
            [.lose, .refuse("busy"), .delayAnswer, .forgetConnections, .loseAnswer],
        ] as [[ScriptedDaemon.Step]]
    )
    func `every event is counted once, in order, whatever the wire does`(
        script: [ScriptedDaemon.Step]
    ) throws {
        let daemon = try ScriptedDaemon(script)
        let publisher = makePublisher(daemon)
        let lines = try publish(25, with: publisher)
        let totals = try publisher.close()
        #expect(daemon.counted("p") == lines)
        #expect(totals.accepted + totals.duplicate == 25)
        #expect(totals.rejected == 0)
        #expect(publisher.pendingEventCount == 0)
    }

    @Test func `waits where the window is full and goes on with the acknowledgement`() throws {
        // Three answers wait for the fourth message: no more than the window of four is sent.
        let daemon = try ScriptedDaemon(
            [.delayAnswer, .delayAnswer, .delayAnswer, .answer]
        )
        let publisher = makePublisher(daemon)
        _ = try publish(20, with: publisher)
        #expect(try publisher.close().accepted == 20)
        #expect(daemon.withState { $0.greetingCount } == 1)
        #expect(daemon.withState { $0.eventsCount } == 10)
    }

    @Test func `a partial batch is sent by push and confirmed by flush`() throws {
        let daemon = try ScriptedDaemon()
        let publisher = makePublisher(daemon) { $0.batchEventCountMaximum = 100 }
        try publisher.publish(line: Array("a".utf8), checkpoint: "1")
        try publisher.publish(line: Array("b".utf8), checkpoint: "2")
        #expect(publisher.pendingEventCount == 2)
        #expect(daemon.counted("p").isEmpty)
        try publisher.push()
        try publisher.flush()
        #expect(daemon.counted("p") == ["a", "b"])
        #expect(daemon.withState { $0.producers["p"]?.checkpoint } == "2")
        #expect(daemon.withState { $0.eventsCount } == 1)
    }

    @Test func `batches made elsewhere and single lines keep their order`() throws {
        let daemon = try ScriptedDaemon()
        let publisher = makePublisher(daemon)
        try publisher.publish(line: Array("a".utf8))
        try publisher.publish(body: Array("b\nc\n".utf8), count: 2)
        try publisher.publish(line: Array("d".utf8))
        try publisher.close()
        #expect(daemon.counted("p") == ["a", "b", "c", "d"])
    }

    @Test func `a line at fault is refused and leaves the rest unharmed`() throws {
        let daemon = try ScriptedDaemon()
        let publisher = makePublisher(daemon)
        #expect(throws: PublisherError.lineEndInLine) {
            try publisher.publish(line: Array("a\nb".utf8))
        }
        let long = [UInt8](repeating: 0x61, count: 400)
        #expect(throws: PublisherError.tooLarge(byteCount: 401, limit: 400)) {
            try publisher.publish(line: long)
        }
        #expect(publisher.canGoOn)
        try publisher.publish(line: Array(long.dropLast()))
        #expect(try publisher.close().accepted == 1)
    }

    @Test func `a checkpoint longer than the daemon takes is refused`() throws {
        let daemon = try ScriptedDaemon()
        let publisher = makePublisher(daemon)
        let long = String(repeating: "c", count: 257)
        #expect(throws: PublisherError.checkpointTooLong(byteCount: 257)) {
            try publisher.publish(line: [0x61], checkpoint: long)
        }
        #expect(throws: PublisherError.checkpointTooLong(byteCount: 257)) {
            try publisher.publish(body: [0x61, 0x0A], count: 1, checkpoint: long)
        }
        try publisher.publish(line: [0x62], checkpoint: String(long.dropLast()))
        try publisher.close()
        #expect(daemon.counted("p") == ["b"])
    }

    @Test func `a newer publisher of the same name takes over`() throws {
        let daemon = try ScriptedDaemon()
        let old = makePublisher(daemon)
        let epoch = try old.connect().epoch
        try old.publish(line: Array("a".utf8))
        try old.flush()
        let new = makePublisher(daemon) { $0.epoch = .resume(epoch) }
        #expect(try new.connect().committedSequence == 1)
        daemon.withState { $0.script = [.refuse("fenced")] }
        #expect(throws: PublisherError.fenced(producer: "p")) {
            try old.publish(line: Array("b".utf8))
            try old.flush()
        }
        #expect(!old.canGoOn)
        try new.publish(line: Array("c".utf8))
        try new.close()
        #expect(daemon.counted("p") == ["a", "c"])
    }

    @Test func `tells what happens on the way`() throws {
        let daemon = try ScriptedDaemon([.refuse("busy"), .loseAnswer])
        let publisher = makePublisher(daemon)
        var notices: [PublisherNotice] = []
        publisher.onNotice = { notices.append($0) }
        try publisher.publish(line: Array("a".utf8))
        try publisher.close()
        #expect(notices == [.busy, .noAnswer, .reconnected])
    }

    @Test func `gives up at the end of its patience and on request`() throws {
        // A port that was free a moment ago: nobody answers there.
        let endpoint = try TestRouterSocket().endpoint
        var configuration = PublisherConfiguration(producer: "p")
        configuration.patience = .milliseconds(100)
        let impatient = Publisher(endpoint: endpoint, configuration: configuration)
        #expect(throws: PublisherError.unreachable(endpoint: endpoint)) { try impatient.connect() }

        configuration.patience = nil
        let cancelled = Publisher(endpoint: endpoint, configuration: configuration)
        cancelled.isCancelled = { true }
        #expect(throws: PublisherError.cancelled) { try cancelled.connect() }
    }

    @Test(arguments: ["", "nonsense", "tcp://", "tcp://127.0.0.1:notaport"])
    func `an endpoint that is none is named`(endpoint: String) throws {
        let publisher = Publisher(
            endpoint: endpoint,
            configuration: PublisherConfiguration(producer: "p")
        )
        let error = #expect(throws: PublisherError.self) { try publisher.connect() }
        guard case .badEndpoint(endpoint, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
