import Core
import Daemon
import Foundation
import JSON
import Simulation
import Testing

/// What is no longer kept is neither read nor found on the disk, and everything else is exact.
@Suite(.serialized)
struct RetentionTests {
    private static let day: Int64 = 86_400_000
    /// 2025-03-01T12:00:00Z.
    private static let noon: Int64 = 1_740_830_400_000

    private static func workload(_ random: inout SeededGenerator) -> Workload {
        var parameters = Workload.Parameters(window: noon - 40 * day..<noon)
        parameters.sessions = 120
        parameters.recentShare = 0
        return Workload(parameters, seed: random.next())
    }

    private func published(
        _ events: [ModelEvent],
        hourDays: Int,
        dayDays: Int,
        conversationDays: Int
    ) throws -> DaemonFixture {
        let fixture = try DaemonFixture(now: Self.noon - 45 * Self.day)
        fixture.stop()
        fixture.configuration.retention.hourDays = hourDays
        fixture.configuration.retention.dayDays = dayDays
        fixture.configuration.retention.conversationDays = conversationDays
        fixture.clock.now = Self.noon - 45 * Self.day
        try fixture.start()
        let wire = try #require(fixture.wire)
        let epoch = try wire.hello("p").epoch
        var sent: Int64 = 0
        for event in events.sorted(by: { $0.timestamp < $1.timestamp }) {
            fixture.clock.now = max(fixture.clock.now, event.timestamp)
            try wire.publish("p", epoch: epoch, first: sent + 1, [event.ndjsonLine()])
            sent += 1
        }
        try fixture.advance(to: Self.noon + Self.day)
        try fixture.waitForFold()
        return fixture
    }

    private func messages(
        _ fixture: DaemonFixture,
        _ parameters: [String: String]
    ) throws -> (count: Int64?, retainedFrom: String?) {
        let answer = try fixture.query("usage", parameters)
        return (
            answer["total_messages"]?.integerValue, answer["meta"]?["retained_from"]?.stringValue
        )
    }

    @Test func `days outlive hours, and each tier says where it begins`() throws {
        var random = SeededGenerator.announced("retention of tiers")
        let workload = Self.workload(&random)
        let fixture = try published(
            workload.events,
            hourDays: 5,
            dayDays: 20,
            conversationDays: 0
        )
        func expected(from start: Int64) -> Int64 {
            Int64(workload.events.count { $0.isCountedMessage && $0.timestamp >= start })
        }
        // Today is 2 March; twenty days before it are kept.
        let byDay = try messages(fixture, ["days": "60"])
        #expect(byDay.retainedFrom == "2025-02-10T00:00:00+00:00")
        #expect(byDay.count == expected(from: Self.noon - Self.day / 2 - 19 * Self.day))
        // Another zone's days are composed of hours.
        let byHour = try messages(fixture, ["days": "60", "timezone": "Asia/Kathmandu"])
        #expect(byHour.retainedFrom?.hasPrefix("2025-02-25T05:45:00") == true)
        // The days of UTC that are kept longer are left out, too: figures begin somewhere.
        let hours = Self.noon - Self.day / 2 - 4 * Self.day
        #expect(byHour.count == expected(from: hours))
        let recent = try messages(fixture, ["days": "3"])
        #expect(recent.retainedFrom == nil)
        #expect(recent.count == expected(from: Self.noon - Self.day / 2 - Self.day))
        try fixture.check()
    }

    @Test func `totals and rows begin where the answer says`() throws {
        var random = SeededGenerator.announced("retention of ranges")
        let workload = Self.workload(&random)
        let fixture = try published(
            workload.events,
            hourDays: 5,
            dayDays: 0,
            conversationDays: 0
        )
        let cases: [(parameters: [String: String], retainedFrom: String?)] = [
            (["start_date": "2025-02-10", "end_date": "2025-02-20"], nil),
            (
                ["start_date": "2025-02-10", "end_date": "2025-02-20", "group_by": "hour"],
                "2025-02-25T00:00:00+00:00"
            ),
            (["start_date": "2025-02-24", "group_by": "hour"], "2025-02-25T00:00:00+00:00"),
            (
                ["start_date": "2025-02-10T05:00:00", "end_date": "2025-02-10T15:00:00"],
                "2025-02-25T00:00:00+00:00"
            ),
            (
                ["start_date": "2025-02-10T05:00:00", "end_date": "2025-02-20"],
                "2025-02-25T00:00:00+00:00"
            ),
            (
                [
                    "start_date": "2025-02-10", "end_date": "2025-02-20",
                    "timezone": "America/Sao_Paulo",
                ],
                "2025-02-24T21:00:00-03:00"
            ),
            (["start_date": "2025-02-26", "end_date": "2025-02-28"], nil),
        ]
        for (parameters, retainedFrom) in cases {
            let answer = try fixture.query("conversations.volume", parameters)
            let meta = try #require(answer["meta"])
            #expect(meta["retained_from"]?.stringValue == retainedFrom, "\(parameters)")
            let range = try [meta["start"], meta["end"], meta["retained_from"]].map {
                try $0?.stringValue.map { try Date($0, strategy: .iso8601).timeIntervalSince1970 }
            }
            let begin = max(try #require(range[0]), range[2] ?? 0)
            let end = try #require(range[1])
            let expected = workload.events.count {
                $0.isCountedMessage
                    && (begin..<max(begin, end)).contains(Double($0.timestamp) / 1_000)
            }
            let total = answer["totals"]?["messages"]?.integerValue
            #expect(total == Int64(expected), "\(parameters)")
            let rows = answer["data"]?.arrayValue?.compactMap { $0["messages"]?.integerValue } ?? []
            #expect(total == rows.reduce(0, +), "\(parameters)")
        }
        // What is compared with counts, too.
        let compared = try fixture.query(
            "usage",
            [
                "start_date": "2025-02-26T12:00:00", "end_date": "2025-02-28T12:00:00",
                "compare": "previous_period",
            ]
        )
        #expect(compared["meta"]?["retained_from"]?.stringValue == "2025-02-25T00:00:00+00:00")
        try fixture.check()
    }

    @Test func `conversations that are no longer kept are gone, first messages are not`() throws {
        var random = SeededGenerator.announced("retention of conversations")
        let workload = Self.workload(&random)
        let fixture = try published(
            workload.events,
            hourDays: 10,
            dayDays: 10,
            conversationDays: 10
        )
        let user = try #require(
            workload.events.filter { $0.isIncoming }.min { $0.timestamp < $1.timestamp }?.userID
        )
        let wire = try #require(fixture.wire)
        let epoch = try wire.hello("q").epoch
        var event = try #require(workload.events.first { $0.isIncoming && $0.userID == user })
        event.timestamp = Self.noon + Self.day - 60_000
        try wire.publish("q", epoch: epoch, first: 1, [event.ndjsonLine()])
        let share = try fixture.query("usage", ["days": "2", "user_id": user])
        // The user was seen first before anything that is kept.
        #expect(share["active_users"]?.integerValue == 1)
        let everybody = try fixture.query("usage", ["days": "2", "bot_id": event.botID])
        // Others may have come on the first of the two days.
        let first = Dictionary(
            workload.events.filter { $0.isIncoming && $0.botID == event.botID }
                .map { ($0.userID, $0.timestamp) },
            uniquingKeysWith: min
        )
        let new = first.values.count { $0 >= Self.noon - Self.day / 2 }
        #expect(everybody["new_users"]?.integerValue == Int64(new))
        // An event that nothing could hold is refused by name.
        event.timestamp = Self.noon - 30 * Self.day
        try wire.sendEvents("q", epoch: epoch, first: 2, [event.ndjsonLine()])
        let answer = try wire.receive()
        #expect(answer.header["rejections"]?.arrayValue?.first?["code"] == "timestamp_too_old")
        try fixture.check()
    }
}
