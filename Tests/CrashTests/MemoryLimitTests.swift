import BotstatsClient
import JSON
import Simulation
import Synchronization
import Testing

/// Memory stays bounded whatever peers send, and nobody else loses an event by it.
@Suite(.serialized)
struct MemoryLimitTests {
    private static let limit = 256 << 20
    /// What may come on top before connections are closed, and while they are.
    private static let tolerance = 768 << 20

    private func daemon(in directory: TemporaryDirectory) throws -> DaemonChild {
        let options = ["--min-free", "0", "--memory-limit", "\(Self.limit >> 20)M"]
        return try DaemonChild(directory: directory.path, options: options)
    }

    @Test(arguments: [("ingest", "DEALER"), ("query", "DEALER"), ("events", "PUB")])
    func `a message that never ends is cut off, and an honest producer goes on`(
        socket: String,
        type: String
    ) throws {
        var random = SeededGenerator.announced("endless \(socket)")
        let directory = try TemporaryDirectory()
        let daemon = try daemon(in: directory)
        try daemon.startAndWait()
        let endpoint =
            switch socket {
            case "ingest": daemon.ingestEndpoint
            case "query": daemon.queryEndpoint
            default: daemon.eventsEndpoint
            }
        let traffic = Traffic(producers: 1, sessions: 60, seed: random.next())
        let producers = Producers(
            traffic,
            endpoint: daemon.ingestEndpoint,
            seed: random.next(),
            crashes: false,
            steps: 2
        )
        producers.released.store(1, ordering: .relaxed)
        // Three times the limit and the tolerance, over as many connections as that takes.
        let frameBytes = 1 << 20
        var framesLeft = 3 * (Self.limit + Self.tolerance) / frameBytes
        var connections = 0
        while framesLeft > 0 {
            guard
                let peer = try? EndlessMessage(
                    endpoint,
                    socketType: type,
                    byteCount: frameBytes
                )
            else { continue }
            connections += 1
            while framesLeft > 0, peer.sendFrame() { framesLeft -= 1 }
        }
        producers.released.store(2, ordering: .relaxed)
        try producers.wait()
        #expect(connections > 1)
        let status = try daemon.ask("system.status")
        #expect(try #require(status["connections_shed"]?.integerValue) > 0)
        #expect(status["events_accepted"] == .integer(Int64(traffic.events.count)))
        let peak = try daemon.peakMemoryBytes()
        #expect(peak < Self.limit + Self.tolerance)
        #expect(daemon.logged.contains("more than --memory-limit (256 MiB)"))
        try traffic.expectEqual(to: daemon)
        #expect(daemon.terminate().exitCode == 0)
        try daemon.check()
    }

    @Test func `a limit too small to start with is refused`() throws {
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(
            directory: directory.path,
            options: ["--memory-limit", "1M"]
        )
        try daemon.start()
        let end = daemon.waitForEnd()
        #expect(end.exitCode == 1)
        #expect(end.log.contains("--memory-limit must be 0 or at least 64M"))
    }
}
