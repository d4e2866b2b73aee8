import Core
import Simulation
import Testing

@testable import Daemon

/// Commits on their way into the realtime window, a few events at a time.
struct RealtimeBacklogTests {
    private static let start: UnixMilliseconds = 1_700_000_000_000

    /// Events of a second for some of a few thousand sessions.
    private func commit(
        before now: UnixMilliseconds,
        _ generator: inout SeededGenerator
    ) -> [EventRecord] {
        (0..<Int.random(in: 0...4_000, using: &generator)).map { _ in
            let session = UInt32(Int.random(in: 0...3_000, using: &generator))
            return EventRecord(
                kind: Int.random(in: 0...1, using: &generator) == 0 ? .incoming : .assistant,
                timestamp: now - Int64(Int.random(in: 1...3_000, using: &generator)),
                bot: session % 7,
                session: session,
                user: session % 900,
                channel: UInt16(session % 2)
            )
        }
    }

    @Test func `a second's figures have all that had come and nothing that came later`() {
        var generator = SeededGenerator.announced("realtime backlog")
        var window = RealtimeWindow(now: Self.start)
        var expected = window
        var backlog = RealtimeBacklog()
        /// What came while a second was being settled.
        var late: [EventRecord] = []
        for second in 1...8 {
            let now = Self.start + Int64(second) * 1_000
            expected.advance(to: now)
            for event in late { expected.record(RealtimeEvent(event)) }
            late = []
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                let events = commit(before: now - 1_000, &generator)
                backlog.add(events)
                for event in events { expected.record(RealtimeEvent(event)) }
            }
            var steps = 0
            repeat {
                _ = backlog.step(into: &window, now: now)
                steps += 1
                guard steps.isMultiple(of: 3), !backlog.hasSettled(now) else { continue }
                let events = commit(before: now, &generator)
                backlog.add(events)
                late += events
            } while !backlog.hasSettled(now) && steps < 10_000
            #expect(backlog.hasSettled(now))
            expectSame(window, expected, "second \(second)")
            // The rest of the second, or a question about realtime in the middle of it.
            if Int.random(in: 0...2, using: &generator) == 0 {
                backlog.finish(into: &window, now: now)
                for event in late { expected.record(RealtimeEvent(event)) }
                late = []
                #expect(backlog.hasSettled(now))
                expectSame(window, expected, "second \(second), finished")
            } else {
                while backlog.step(into: &window, now: now) {}
            }
        }
    }

    /// Compares what is asked, since a window is too long to be printed.
    private func expectSame(_ one: RealtimeWindow, _ other: RealtimeWindow, _ when: Comment) {
        for bot: UInt32? in [nil, 0, 3] {
            let figures = one.snapshot(bot: bot, channel: nil, windowMinutes: 30)
            #expect(figures == other.snapshot(bot: bot, channel: nil, windowMinutes: 30), when)
        }
    }
}
