import JSON
import Testing

@testable import Simulation

struct LoadGeneratorTests {
    private func settings(_ live: Int = 50) -> LoadGenerator.Settings {
        var settings = LoadGenerator.Settings()
        settings.users = 500
        settings.bots = 7
        settings.liveConversations = live
        return settings
    }

    private func events(_ bytes: [UInt8]) throws -> [ModelEvent] {
        try bytes.split(separator: 10).map {
            try ModelEvent(parsing: String(decoding: $0, as: UTF8.self))
        }
    }

    @Test func `a seed's sequence never changes`() {
        // The first results of xoshiro256** for the state that SplitMix64 makes of seed 0,
        // computed by a second implementation of the published algorithms.
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 0x99EC_5F36_CB75_F2B4)
        #expect(generator.next() == 0xBF6E_1F78_4956_452A)
    }

    @Test func `numbers below a bound are spread over all of them`() {
        var generator = SeededGenerator.announced("below")
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { counts[generator.below(10)] += 1 }
        #expect(counts.allSatisfy { (800...1_200).contains($0) })
    }

    @Test func `equal seeds give equal bytes`() {
        var first = LoadGenerator(settings: settings(), seed: 1)
        var second = LoadGenerator(settings: settings(), seed: 1)
        var other = LoadGenerator(settings: settings(), seed: 2)
        let bytes = first.nextBatch(count: 300, nowMilliseconds: 1_736_150_400_000)
        #expect(second.nextBatch(count: 300, nowMilliseconds: 1_736_150_400_000) == bytes)
        #expect(other.nextBatch(count: 300, nowMilliseconds: 1_736_150_400_000) != bytes)
    }

    @Test(arguments: [false, true])
    func `conversations alternate and have ten messages`(usesRFC3339: Bool) throws {
        var settings = settings()
        settings.usesRFC3339 = usesRFC3339
        var generator = LoadGenerator(settings: settings, seed: 3)
        var buffer: [UInt8] = []
        generator.fill(
            &buffer,
            count: 5_000,
            startMilliseconds: 1_736_150_400_000,
            stepMicroseconds: 2_500
        )
        let events = try events(buffer)
        #expect(events.count == 5_000)
        #expect(events[0].timestamp == 1_736_150_400_000)
        #expect(events[4_999].timestamp == 1_736_150_400_000 + 12_497)
        let sessions = Dictionary(grouping: events) { $0.sessionID ?? "" }.values
        #expect(sessions.count { $0.count == 10 } > 400)
        for session in sessions {
            #expect(session.count <= 10)
            #expect(Set(session.map(\.botID)).count == 1)
            #expect(Set(session.map(\.userID)).count == 1)
            for (index, message) in session.enumerated() {
                #expect(message.role == (index % 2 == 0 ? .user : .assistant))
                #expect((message.responseMilliseconds != nil) == (index % 2 == 1))
            }
        }
        let bots = Set((0..<7).map { generator.botID($0) })
        #expect(bots.isSuperset(of: Set(events.map(\.botID))))
    }

    @Test func `users follow Zipf's law`() throws {
        var generator = LoadGenerator(settings: settings(2_000), seed: 4)
        let bytes = generator.nextBatch(count: 20_000, nowMilliseconds: 1_736_150_400_000)
        let users = Dictionary(grouping: try events(bytes)) { $0.userID ?? "" }
            .mapValues { Set($0.map(\.sessionID)).count }
        let busiest = users[generator.userID(0)] ?? 0
        #expect(busiest > 5 * (users[generator.userID(20)] ?? 0))
        #expect(busiest == users.values.max())
    }

    @Test func `events may be spread back from their time`() throws {
        var generator = LoadGenerator(settings: settings(), seed: 5)
        let bytes = generator.nextBatch(
            count: 1_000,
            nowMilliseconds: 1_736_150_400_000,
            spreadMilliseconds: 100
        )
        let times = Set(try events(bytes).map { 1_736_150_400_000 - $0.timestamp })
        #expect(times.count > 50)
        #expect(times.allSatisfy { (0...100).contains($0) })
    }
}
