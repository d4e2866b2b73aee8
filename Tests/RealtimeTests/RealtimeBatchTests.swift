import Core
import JSON
import Simulation
import Testing

struct RealtimeBatchTests {
    @Test func `a batch tells the window the same as event after event`() {
        var generator = SeededGenerator.announced("realtime batch")
        for _ in 0..<30 {
            var scenario = RealtimeScenario(generator)
            var single = RealtimeWindow(now: scenario.now)
            var batched = single
            var batch = RealtimeBatch()
            for _ in 0..<12 {
                var events: [EventRecord] = []
                for _ in 0..<generator.next(in: 0...80) {
                    let event = scenario.makeEvent()
                    single.record(event)
                    events.append(EventRecord(event))
                }
                let split = generator.next(in: 0...events.count)
                batch.add(events[..<split], into: &batched)
                if generator.next(in: 0...2) == 0 { settle(&batch, into: &batched, &generator) }
                batch.add(events[split...], into: &batched)
                settle(&batch, into: &batched, &generator)
                scenario.advance()
                single.advance(to: scenario.now)
                batched.advance(to: scenario.now)
                for filter in scenario.filters(minutes: [1, 30, 60]) {
                    for method in ["realtime", "realtime.active"] {
                        #expect(batched.answer(method, filter) == single.answer(method, filter))
                    }
                }
            }
            generator = scenario.generator
        }
    }

    @Test func `old sessions among many new ones are found`() {
        // 50,000 new ordinals in a row and as many old ones that would fall into them.
        let now = RealtimeScenario.start
        var batch = RealtimeBatch()
        var window = RealtimeWindow(now: now)
        let ordinals = (0..<50_000).flatMap { [UInt32(1_048_576 + $0), UInt32($0 * 16)] }
        batch.add(
            ordinals.map { session in
                EventRecord(
                    kind: .incoming,
                    timestamp: now - 1_000,
                    bot: 0,
                    session: session,
                    user: session,
                    channel: 0
                )
            }[...],
            into: &window
        )
        batch.settle(into: &window, sessions: .max)
        let active = window.active(bot: nil, channel: nil, windowMinutes: 5).activeSessions
        #expect(active == Set(ordinals).count)
    }

    /// Settles a batch in random steps.
    private func settle(
        _ batch: inout RealtimeBatch,
        into window: inout RealtimeWindow,
        _ generator: inout SeededGenerator
    ) {
        repeat {
            batch.settle(into: &window, sessions: generator.next(in: 1...9))
        } while batch.isSettling
        #expect(batch.isEmpty)
    }
}

extension EventRecord {
    /// The record that a realtime event is made from.
    fileprivate init(_ event: RealtimeEvent) {
        self.init(
            kind: event.kind,
            timestamp: event.timestamp,
            bot: event.bot,
            session: event.session,
            user: event.user,
            channel: event.channel
        )
    }
}
