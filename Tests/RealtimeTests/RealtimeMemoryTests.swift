import Simulation
import Testing

@testable import Core

struct RealtimeMemoryTests {
    @Test func `sparse counts are those of a dictionary, and no longer than needed`() {
        var generator = SeededGenerator.announced("sparse counts")
        var counts = SparseCounts()
        var judge: [UInt32: (Int32, Int32)] = [:]
        var horizon: UInt32 = 1_000
        for step in 0..<20_000 {
            let key = horizon - 5 + UInt32(generator.next(in: 0...60))
            let (first, second) = judge[key] ?? (0, 0)
            let change: (Int32, Int32) =
                generator.next(in: 0...2) == 0 ? (1, 0) : (-first, second > 0 ? -1 : 1)
            counts.add(key, change.0, change.1, since: horizon)
            if key >= horizon { judge[key] = (first + change.0, second + change.1) }
            if step % 40 == 0 {
                horizon += UInt32(generator.next(in: 0...3))
                judge = judge.filter { $0.key >= horizon }
                if generator.next(in: 0...4) == 0 { counts.tidy(since: horizon) }
            }
            let low = horizon + UInt32(generator.next(in: 0...60))
            let range = low..<low + UInt32(generator.next(in: 0...60))
            let expected = judge.filter { range.contains($0.key) }.values
            let sums = counts.sums(range)
            #expect(sums.first == expected.reduce(0) { $0 + Int($1.0) })
            #expect(sums.second == expected.reduce(0) { $0 + Int($1.1) })
        }
        #expect(counts.byteCount <= 12 * 2 * 66)
        counts.tidy(since: horizon + 1_000)
        #expect(counts.isEmpty && counts.byteCount == 0)
    }

    @Test func `a table finds what matters and forgets the rest`() {
        var table = SegmentedTable<SeenUser>()
        for user: UInt32 in 0..<100_000 {
            let place = table.place(SeenUser(user: user), since: user / 10)
            #expect(table[place].second == 0)
            table[place].second = user / 10 + 100
        }
        // 1,000 users matter at any time; 2 × 16 bytes each, and what the allocator rounds up.
        #expect(table.byteCount <= 80_000)
        for user: UInt32 in 99_000..<100_000 {
            #expect(table.find(SeenUser(user: user))?.second == user / 10 + 100)
        }
        #expect(table.find(SeenUser(user: 100_000)) == nil)
        for segment in 0..<table.segmentCount { table.tidy(segment: segment, since: 20_000) }
        #expect(table.find(SeenUser(user: 99_999)) == nil)
        #expect(table.byteCount <= 64 * 9 * 16)
    }

    @Test func `a publisher whose clock is ahead costs no memory for repeats`() {
        let now = RealtimeScenario.start
        var window = RealtimeWindow(now: now)
        var generator = SeededGenerator.announced("clock ahead")
        for _ in 0..<200_000 {
            let session = UInt32(generator.next(in: 0...9))
            window.record(
                RealtimeEvent(
                    timestamp: now + 60_000 + Int64(generator.next(in: 0...1_999)),
                    bot: 0,
                    session: session,
                    user: session,
                    channel: 0,
                    kind: .incoming
                )
            )
        }
        #expect(window.pending.byteCount <= 2 * 2 * 1_024 * 16)
        window.advance(to: now + 62_000)
        let snapshot = window.snapshot(bot: nil, channel: nil, windowMinutes: 1)
        #expect(snapshot.activeSessions == 10 && snapshot.incomingPerMinute == 200_000)
        #expect(window.pending.byteCount == 0)
    }

    @Test func `of the repeats ahead of now the last one stays`() {
        let now = RealtimeScenario.start
        var window = RealtimeWindow(now: now)
        for index in 0..<5_000 {
            let isEnd = index % 2 == 0
            // The last ones come first: they are among what is looked through for repeats.
            let offset = index < 2 ? 499 : index * 7 % 450
            window.record(
                RealtimeEvent(
                    timestamp: now + Int64(offset) + (isEnd ? 0 : 400),
                    bot: 0,
                    session: 0,
                    user: 0,
                    channel: 0,
                    kind: isEnd ? .ended : .assistant
                )
            )
        }
        window.advance(to: now + 1_000)
        let snapshot = window.snapshot(bot: 0, channel: nil, windowMinutes: 1)
        // The last message lies at 899 ms, the last end at 499, after the first message.
        #expect(snapshot.activeSessions == 1)
        #expect(snapshot.lagMilliseconds == 101)
    }

    @Test func `an idle hour gives the memory back`() {
        let now = RealtimeScenario.start
        var window = RealtimeWindow(now: now)
        for session: UInt32 in 0..<20_000 {
            for channel: UInt16 in 0...1 {
                window.record(
                    RealtimeEvent(
                        timestamp: now - 1 - Int64(session % 3_600) * 1_000,
                        bot: session % 100,
                        session: session,
                        user: session % 5_000,
                        channel: channel,
                        kind: session % 3 == 0 ? .assistant : .incoming
                    )
                )
            }
        }
        #expect(window.liveBots.count == 100)
        #expect(window.byteCount > 1_000_000)
        for second in 1...7_500 { window.advance(to: now + Int64(second) * 1_000) }
        #expect(window.liveBots.isEmpty)
        #expect(window.byteCount < 100_000)
        #expect(window.snapshot(bot: 7, channel: 1, windowMinutes: 60).newest != nil)
    }
}
