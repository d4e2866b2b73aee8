internal import Foundation
internal import JSON
internal import Simulation

/// B6: the daemon's memory, and B7: its disk.
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
        var settings = LoadGenerator.Settings()
        settings.messagesPerConversation = 1
        var generator = LoadGenerator(settings: settings, seed: seed)
        let past = EventSource.nowMilliseconds - 3 * 86_400_000
        try send(&generator, on: publisher, at: past, count: Self.sessionCount)
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
        let growth = after.anonymousBytes - before.anonymousBytes
        let each = Double(growth) / Double(Self.sessionCount)
        table.add(
            "B6",
            "memory per open session, of \(Figure.count(Self.sessionCount))",
            target: "≤ 200 B",
            measured: "\(Figure.decimal(each)) B"
                + " (from \(Figure.mebibytes(before.anonymousBytes))"
                + " to \(Figure.mebibytes(after.anonymousBytes)) without file pages)",
            met: each <= 200
        )
        try daemon.stop()
        scratch.discard(daemon.dataDirectory)
    }

    /// Folded, and past a few ticks of the daemon's clock.
    private func settle(_ daemon: DaemonProcess) throws {
        try daemon.waitUntilFolded()
        Thread.sleep(forTimeInterval: 3)
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

    // MARK: - Disk

    /// Measures what a message takes on disk, as a load comes in and spread over a year.
    func measureDisk() throws {
        if streamStore == nil { try measureIngest() }
        guard let streamStore else { throw BenchmarkFailure("B1 left no store") }
        report(streamStore, "as they come (B1)")
        report(try store(Self.yearFill), "spread over a year (B5)")
        report(try store(largeFill), "spread over 29 days (B4)")
    }

    private func report(_ stored: StoredMessages, _ how: String) {
        let each = Double(stored.diskByteCount) / Double(stored.count)
        table.add(
            "B7",
            "disk per message, \(Figure.count(stored.count)) messages \(how)",
            target: "≤ 40 B",
            measured: "\(Figure.decimal(each)) B (\(Figure.mebibytes(stored.diskByteCount)))",
            met: each <= 40
        )
    }

    /// The large store: a million conversations where `--events` is left alone.
    var largeFill: StoreFill {
        StoreFill(name: "month-\(largeCount)", count: largeCount, days: 29)
    }
}
