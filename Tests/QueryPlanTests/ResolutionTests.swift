import Core
import JSON
import Testing

/// Section 4.4: what parameters mean.
struct ResolutionTests {
    @Test(
        arguments: [
            // Nothing given is 30 days, including today.
            ([], "2024-12-10T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            ([("days", 1)], "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            // The bridge and the command line forward text.
            ([("days", "7")], "2025-01-02T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            ([("period", "today")], "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            ([("period", "week")], "2025-01-06T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (
                [("period", "week"), ("week_start", "saturday")],
                "2025-01-04T00:00:00+00:00 2025-01-09T00:00:00+00:00"
            ),
            ([("period", "month")], "2025-01-01T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            ([("period", "year")], "2025-01-01T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (
                [("start_date", "2025-01-02"), ("end_date", "2025-01-03")],
                "2025-01-02T00:00:00+00:00 2025-01-04T00:00:00+00:00"
            ),
            // Outwards to the quarter hour.
            (
                [("start_date", "2025-01-02T10:07"), ("end_date", "2025-01-02T10:16:00.001Z")],
                "2025-01-02T10:00:00+00:00 2025-01-02T10:30:00+00:00"
            ),
            // Two equal local times: the earlier. One that was skipped: moved forward.
            (
                [
                    ("start_date", "2018-11-04T00:30"), ("end_date", "2019-02-16T23:30"),
                    ("timezone", "America/Sao_Paulo"),
                ],
                "2018-11-04T01:30:00-02:00 2019-02-16T23:30:00-02:00"
            ),
            // Midnight was skipped.
            (
                [("start_date", "2018-11-04"), ("timezone", "America/Sao_Paulo")],
                "2018-11-04T01:00:00-02:00 2025-01-09T00:00:00-03:00"
            ),
            // The ends of the years there are.
            (
                [("start_date", "0001-01-01"), ("end_date", "9999-12-31")],
                "0001-01-01T00:00:00+00:00 10000-01-01T00:00:00+00:00"
            ),
        ] as [([(String, JSONValue)], String)]
    )
    func `parameters name a half-open range`(
        parameters: [(String, JSONValue)],
        expected: String
    ) throws {
        let plan = try resolve(.usage, parameters)
        #expect(describe(plan.range, plan) == expected)
    }

    @Test func `months of usage begin eleven months ago`() throws {
        let plan = try resolve(.usageMonthly)
        #expect(describe(plan.range, plan) == "2024-02-01T00:00:00+00:00 2025-01-09T00:00:00+00:00")
        #expect(plan.buckets.map(\.date).first == "2024-02")
        #expect(plan.buckets.count == 12)
    }

    @Test func `the running second belongs to the day it runs in`() throws {
        let plan = try resolve(.usage, [("days", 1)], now: "2025-01-09T00:00:00Z")
        #expect(describe(plan.range, plan) == "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00")
    }

    @Test(
        arguments: [
            (2, .hour), (3, .day), (92, .day), (93, .week), (182, .week), (183, .month),
        ] as [(Int, Granularity)]
    )
    func `rows are grouped by the number of dates touched`(
        days: Int,
        expected: Granularity
    ) throws {
        #expect(try resolve(.engagement, [("days", .integer(Int64(days)))]).granularity == expected)
    }

    @Test func `rows go as far as they have begun`() throws {
        let plan = try resolve(.conversationsVolume, [("days", 1)], now: "2025-01-08T14:37:00Z")
        #expect(plan.granularity == .hour)
        #expect(plan.buckets.map(\.date).last == "2025-01-08T14:00")
        #expect(plan.buckets.count == 15)
        #expect(plan.buckets.map(\.complete) == Array(repeating: true, count: 14) + [false])
        #expect(Array(plan.hourBuckets()).count == 24)
    }

    @Test func `a row that the range cuts keeps its own start and is not complete`() throws {
        let plan = try resolve(
            .engagement,
            [
                ("start_date", "2025-01-01T12:00"), ("end_date", "2025-01-03T12:00"),
                ("group_by", "day"),
            ]
        )
        let first = try #require(plan.buckets.first)
        #expect(first.start == at("2025-01-01T00:00:00Z") && first.from == plan.range.start)
        #expect(plan.buckets.map(\.complete) == [false, true, false])
    }

    @Test func `a date that never occurred has no row`() throws {
        let plan = try resolve(
            .usageDaily,
            [
                ("start_date", "2011-12-29"), ("end_date", "2011-12-31"),
                ("timezone", "Pacific/Apia"), ("compare", "previous_period"),
            ]
        )
        #expect(plan.buckets.map(\.date) == ["2011-12-29", "2011-12-31"])
        let previous = try #require(plan.comparison)
        // Two local days back, not three; that ends before the 30th, which never was.
        #expect(
            describe(previous.range, previous)
                == "2011-12-27T00:00:00-10:00 2011-12-31T00:00:00+14:00"
        )
    }

    @Test func `a range that ends in a repeated hour ends with the day that had begun`() throws {
        // At one minute past midnight the clock went back into the 6th; the 7th had begun.
        let plan = try resolve(
            .engagement,
            [
                ("start_date", "2010-11-01"), ("end_date", "2010-11-07T03:00:00Z"),
                ("timezone", "America/St_Johns"), ("group_by", "day"),
            ]
        )
        #expect(plan.calendar.date(of: plan.range.end - 1).description == "2010-11-06")
        #expect(plan.buckets.map(\.date).last == "2010-11-07")
        let day = try #require(plan.lastLocalDays(1).first)
        #expect(day.start == at("2010-11-07T02:30:00Z") && day.end == at("2010-11-08T03:30:00Z"))
    }

    @Test(
        arguments: [
            (
                [("days", 7)], "previous_period",
                "2024-12-26T00:00:00+00:00 2025-01-01T14:30:00+00:00"
            ),
            (
                [("period", "month")], "previous_period",
                "2024-12-01T00:00:00+00:00 2024-12-08T14:30:00+00:00"
            ),
            (
                [("period", "year")], "previous_period",
                "2024-01-01T00:00:00+00:00 2024-01-08T14:30:00+00:00"
            ),
            (
                [("start_date", "2024-02-29"), ("end_date", "2024-02-29")], "previous_year",
                "2023-02-28T00:00:00+00:00 2023-03-01T00:00:00+00:00"
            ),
            (
                [("start_date", "2025-01-07T22:00"), ("end_date", "2025-01-08T02:00")],
                "previous_period", "2025-01-05T22:00:00+00:00 2025-01-06T02:00:00+00:00"
            ),
        ] as [([(String, JSONValue)], String, String)]
    )
    func `compare moves the range back`(
        parameters: [(String, JSONValue)],
        compare: String,
        expected: String
    ) throws {
        let plan = try resolve(.engagement, parameters + [("compare", .string(compare))])
        let previous = try #require(plan.comparison)
        #expect(describe(previous.range, previous) == expected)
        #expect(plan.compare?.rawValue == compare)
        #expect(previous.buckets.isEmpty && previous.comparison == nil)
        #expect(previous.method == plan.method && previous.now == plan.now)
    }

    @Test func `filters are taken over, into the comparison too`() throws {
        let bot = "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9"
        let plan = try resolve(
            .usage,
            [
                ("bot_id", .string(bot)), ("user_id", .string(bot)), ("channel", "web_1-a"),
                ("compare", "previous_year"),
            ]
        )
        for plan in [plan, try #require(plan.comparison)] {
            #expect(plan.bot == UUID128(bot) && plan.user == UUID128(bot))
            #expect(plan.channel == "web_1-a")
        }
    }

    @Test func `realtime has a window in UTC and no rows`() throws {
        let plan = try resolve(.realtime, defaultZone: "Asia/Kathmandu")
        #expect(plan.windowMinutes == 30 && plan.buckets.isEmpty && plan.granularity == nil)
        #expect(describe(plan.range, plan) == "2025-01-08T14:07:00+00:00 2025-01-08T14:37:00+00:00")
        #expect(try resolve(.realtimeActive, [("window_minutes", "60")]).windowMinutes == 60)
        #expect(try resolve(.systemStatus).range.isEmpty)
    }

    @Test func `retention counts eight weeks unless told otherwise`() throws {
        let plan = try resolve(.engagementRetention)
        #expect(plan.granularity == .week)
        #expect(plan.retention?.periods == (0...8).map { $0...$0 })
        let cohort = try #require(plan.buckets.first)
        let next = try #require(plan.retention?.bucket(after: cohort, 1))
        #expect(next.start == cohort.end && next.end == next.start + 7 * Milliseconds.day)
        let brackets = try resolve(
            .engagementRetention,
            [("criteria", "bracket"), ("brackets", "1-3,4-7,60")]
        )
        #expect(brackets.retention?.periods == [0...0, 1...3, 4...7, 60...60])
        #expect(brackets.retention?.criteria == .bracket)
    }

    @Test func `a year long ago or far away is resolved like any other`() throws {
        for date in ["0000-01-01", "0001-01-01", "1850-06-01", "2150-06-01", "9999-12-31"] {
            for zone in oddZones + ["Africa/Monrovia", "Europe/Paris"] {
                for grouping in ["hour", "day", "week", "month"] {
                    let plan = try resolve(
                        .conversationsVolume,
                        [
                            ("start_date", .string(date)), ("end_date", .string(date)),
                            ("timezone", .string(zone)), ("group_by", .string(grouping)),
                            ("compare", "previous_year"),
                        ]
                    )
                    #expect(plan.range.end - plan.range.start == Milliseconds.day)
                    #expect(plan.buckets.isEmpty == (date > "2025"))
                    #expect(Array(plan.hourBuckets()).isEmpty)
                    #expect(plan.lastLocalDays(30).count == 30)
                    #expect(plan.comparison != nil)
                }
            }
        }
    }
}
