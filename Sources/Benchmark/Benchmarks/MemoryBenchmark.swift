internal import Foundation
internal import JSON
internal import Simulation

/// B6: the daemon's memory.
extension BenchmarkSession {
    private static let sessionCount = 500_000

    /// Measures memory at rest, and what an open session adds.
    func measureMemory() throws {
        try measureIdleMemory()
        try measureSessions()
    }

    private func measureIdleMemory() throws {
        let stored = try store(largeFill)
        let daemon = try start(on: stored.directory)
        defer { daemon.kill() }
        // A few ticks of the daemon's clock.
        Thread.sleep(forTimeInterval: 5)
        let idle = try daemon.statistics()
        let queries = try QueryConnection(context: daemon.context, endpoint: daemon.queryEndpoint)
        _ = try queries.ask("conversations", ["days": 30])
        _ = try queries.ask("engagement", ["days": 30])
        let asked = try daemon.statistics()
        let limit = 64 << 20
        table.add(
            "B6",
            "memory at rest after a restart, \(Figure.count(stored.count / 10)) conversations",
            target: "≤ 64 MB RSS",
            measured: "\(Figure.mebibytes(idle.residentBytes)) RSS,"
                + " \(Figure.mebibytes(idle.anonymousBytes)) of it without file pages",
            met: idle.residentBytes <= limit
        )
        table.note(
            "B6: after `conversations` and `engagement` of 30 days it has"
                + " \(Figure.mebibytes(asked.residentBytes)) RSS,"
                + " \(Figure.mebibytes(asked.anonymousBytes)) of it without file pages."
        )
        try daemon.stop()
    }

    private func measureSessions() throws {
        let daemon = try startEmpty("sessions")
        defer { daemon.kill() }
        // Batches of the same size and number first, with sessions long closed, so that buffers
        // and the users are there before anything is compared.
        let publisher = try IngestConnection(
            context: daemon.context,
            endpoint: daemon.ingestEndpoint,
            producers: 1,
            name: "sessions"
        )
        var generator = Self.sessionGenerator(seed)
        try send(&generator, on: publisher, at: Self.pastMilliseconds, count: Self.sessionCount)
        try settle(daemon)
        let before = try daemon.statistics()
        try send(
            &generator,
            on: publisher,
            at: EventSource.nowMilliseconds - 1_000,
            count: Self.sessionCount
        )
        try settle(daemon)
        let after = try daemon.statistics()
        addSessions("as they opened", from: before, to: after)
        try daemon.stop()
        // A restarted daemon has no buffers of the load, so that it shows the sessions alone.
        let open = try statisticsAfterRestart(daemon.dataDirectory)
        let closed = try statisticsAfterRestart(try closedSessions())
        addSessions("after a restart", from: closed, to: open)
        scratch.discard(daemon.dataDirectory)
    }

    private func addSessions(
        _ when: String,
        from before: ProcessStatistics,
        to after: ProcessStatistics
    ) {
        let growth = after.anonymousBytes - before.anonymousBytes
        let each = Double(growth) / Double(Self.sessionCount)
        table.add(
            "B6",
            "memory per open session, of \(Figure.count(Self.sessionCount)), \(when)",
            target: "≤ 200 B",
            measured: "\(Figure.decimal(each)) B"
                + " (from \(Figure.mebibytes(before.anonymousBytes))"
                + " to \(Figure.mebibytes(after.anonymousBytes)) without file pages)",
            met: each <= 200
        )
    }

    private func statisticsAfterRestart(_ directory: URL) throws -> ProcessStatistics {
        let daemon = try start(on: directory)
        defer { daemon.kill() }
        Thread.sleep(forTimeInterval: 3)
        return try daemon.statistics()
    }

    /// A stopped store with as many sessions as are compared, all of them closed.
    private func closedSessions() throws -> URL {
        let daemon = try startEmpty("closed-sessions")
        defer { daemon.kill() }
        let publisher = try IngestConnection(
            context: daemon.context,
            endpoint: daemon.ingestEndpoint,
            producers: 1,
            name: "sessions"
        )
        var generator = Self.sessionGenerator(seed)
        try send(&generator, on: publisher, at: Self.pastMilliseconds, count: Self.sessionCount)
        try daemon.waitUntilFolded()
        try daemon.stop()
        return daemon.dataDirectory
    }

    /// Every event opens a session.
    private static func sessionGenerator(_ seed: UInt64) -> LoadGenerator {
        var settings = LoadGenerator.Settings()
        settings.messagesPerConversation = 1
        return LoadGenerator(settings: settings, seed: seed)
    }

    /// A time whose sessions are closed.
    private static var pastMilliseconds: Int64 {
        EventSource.nowMilliseconds - 3 * 86_400_000
    }

    /// Folded and at rest, when the daemon has given back what only the load needed.
    private func settle(_ daemon: DaemonProcess) throws {
        try daemon.waitUntilFolded()
        Thread.sleep(forTimeInterval: 8)
    }

    private func send(
        _ generator: inout LoadGenerator,
        on connection: IngestConnection,
        at time: Int64,
        count: Int
    ) throws {
        var body: [UInt8] = []
        for _ in 0..<count / FullLoad.batchCount {
            while !connection.hasRoom(0) { try connection.receive(waitingMilliseconds: 1_000) }
            body.removeAll(keepingCapacity: true)
            generator.fill(&body, count: FullLoad.batchCount, startMilliseconds: time)
            try connection.send(body, count: FullLoad.batchCount, producer: 0)
        }
        try connection.drain()
    }

    /// The large store: a million conversations where `--events` is left alone.
    var largeFill: StoreFill {
        StoreFill(name: "month-\(largeCount)", count: largeCount, days: 29)
    }
}
