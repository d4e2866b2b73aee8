import Core
import Foundation
import JSON
import Synchronization
import Testing
import ZeroMQ

@testable import Daemon

/// `ready` and `not_ready` of `system.status`.
struct ReadinessTests {
    private func notReady(_ answer: JSONValue) -> [String] {
        let reasons = answer["not_ready"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(answer["ready"] == .bool(reasons.isEmpty))
        return reasons
    }

    @Test func `each thing that is missing is said`() {
        var serving = IngestReport()
        serving.isServing = true
        let ready = Readiness(
            ingest: serving,
            isRealtimeReady: true,
            isStoreFailing: false,
            unfoldedEvents: Limits.unfoldedEventsMaximum / 2 - 1,
            storeLagMilliseconds: 30_000,
            ingestLagMilliseconds: 5_000
        )
        #expect(ready.waitsFor.isEmpty)
        let changes: [(reason: String, change: (inout Readiness) -> Void)] = [
            ("the sockets of events are not served", { $0.ingest.isServing = false }),
            ("realtime is being rebuilt", { $0.isRealtimeReady = false }),
            ("events cannot be committed", { $0.ingest.failure = "no" }),
            ("the disk is nearly full", { $0.ingest.isStorageFull = true }),
            ("commits cannot be added to the store", { $0.isStoreFailing = true }),
            ("the store is behind", { $0.unfoldedEvents += 1 }),
            ("the store is behind", { $0.storeLagMilliseconds += 1 }),
            ("ingest is behind", { $0.ingestLagMilliseconds += 1 }),
        ]
        var all = ready
        for (reason, change) in changes {
            var readiness = ready
            change(&readiness)
            change(&all)
            #expect(readiness.waitsFor == [reason])
        }
        let reasons = changes.map(\.reason)
        #expect(all.waitsFor.count == Set(reasons).count)
        #expect(Set(all.waitsFor) == Set(reasons))
    }

    @Test func `a daemon that does nothing else is ready, and one whose disk is full is not`()
        throws
    {
        let daemon = try TestDaemon()
        try daemon.awaitNotReady([])
        try daemon.restart { $0.minimumFreeBytes = 1 << 60 }
        try daemon.awaitNotReady(["the disk is nearly full"])
        let text = try daemon.ask("system.metrics")["text"]?.stringValue
        let found = try PrometheusText(try #require(text))
        #expect(found["botstats_ready"] == 0)
        #expect(found["botstats_storage_full"] == 1)
        try daemon.restart { $0.minimumFreeBytes = 0 }
        try daemon.awaitNotReady([])
        try daemon.stop()
    }

    @Test func `a daemon whose ingest stands still is not ready`() throws {
        // The clock of the ingest thread stands still while that of the others goes on: to them
        // it looks as if it were stuck in a commit.
        let ahead = Atomic<Int64>(0)
        let clock = ManualClock()
        let parted = WallClock {
            let name = FileManager.default.contents(atPath: "/proc/thread-self/comm")
            let isIngest = name == Data("ingest\n".utf8)
            return clock.now + (isIngest ? 0 : ahead.load(ordering: .relaxed))
        }
        let directory = try TemporaryDirectory()
        let daemon = try Daemon(TestDaemon.configuration(directory.path), clock: parted)
        defer { daemon.stop() }
        let asker = try QueryPeer(try Context(), daemon.queryEndpoint)
        while try !notReady(asker.ask("system.status")).isEmpty {}
        for (milliseconds, reasons) in [(5_000, []), (6_000, ["ingest is behind"]), (0, [])] {
            ahead.store(Int64(milliseconds), ordering: .relaxed)
            #expect(notReady(try asker.ask("system.status")) == reasons)
        }
    }
}
