import JSON
import Testing

@testable import Simulation

/// Section 4.4: which range the parameters ask for.
struct RangeTests {
    private func parameters(
        _ texts: [String: String],
        method: String = "engagement",
        now: String = "2025-01-08T14:37:00Z",
        timezone: String = "UTC"
    ) throws -> ModelParameters {
        try ModelParameters(
            method: method,
            texts: texts,
            bots: nil,
            defaultTimezone: timezone,
            now: at(now)
        )
    }

    /// `start end` in the time zone.
    private func range(
        _ texts: [String: String],
        method: String = "engagement",
        now: String = "2025-01-08T14:37:00Z",
        timezone: String = "UTC"
    ) throws -> String {
        let parameters = try parameters(texts, method: method, now: now, timezone: timezone)
        let zone = parameters.calendar.zone
        let range = parameters.range
        return "\(zone.text(range.lowerBound)) \(zone.text(range.upperBound))"
    }

    @Test(
        arguments: [
            ([:], "2024-12-10T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (["days": "1"], "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (["period": "today"], "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (["period": "week"], "2025-01-06T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (
                ["period": "week", "week_start": "saturday"],
                "2025-01-04T00:00:00+00:00 2025-01-09T00:00:00+00:00"
            ),
            (["period": "month"], "2025-01-01T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (["period": "year"], "2025-01-01T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (["start_date": "2025-01-02"], "2025-01-02T00:00:00+00:00 2025-01-09T00:00:00+00:00"),
            (
                ["start_date": "2025-01-02", "end_date": "2025-01-03"],
                "2025-01-02T00:00:00+00:00 2025-01-04T00:00:00+00:00"
            ),
            (
                ["start_date": "2025-01-02T10:07", "end_date": "2025-01-02T10:16:00.001Z"],
                "2025-01-02T10:00:00+00:00 2025-01-02T10:30:00+00:00"
            ),
            (
                ["start_date": "2025-01-02T10:15:00-03:00", "end_date": "2025-01-02T14:00"],
                "2025-01-02T13:15:00+00:00 2025-01-02T14:00:00+00:00"
            ),
        ]
    )
    func `parameters name a half-open range`(texts: [String: String], expected: String) throws {
        #expect(try range(texts) == expected)
    }

    @Test func `the running second belongs to the day it runs in`() throws {
        let midnight = "2025-01-09T00:00:00Z"
        #expect(
            try range(["days": "1"], now: midnight)
                == "2025-01-08T00:00:00+00:00 2025-01-09T00:00:00+00:00"
        )
    }

    @Test func `an ambiguous local time is the earlier, a skipped one moves forward`() throws {
        let ambiguous = ["start_date": "2019-02-16T23:30", "end_date": "2019-02-17T12:00"]
        #expect(
            try range(ambiguous, timezone: "America/Sao_Paulo")
                == "2019-02-16T23:30:00-02:00 2019-02-17T12:00:00-03:00"
        )
        let skipped = ["start_date": "2018-11-04T00:30", "end_date": "2018-11-04T12:00"]
        #expect(
            try range(skipped, timezone: "America/Sao_Paulo")
                == "2018-11-04T01:30:00-02:00 2018-11-04T12:00:00-02:00"
        )
    }

    @Test(
        arguments: [
            (["days": "0"], "days"), (["days": "3661"], "days"), (["days": "x"], "days"),
            (["days": ""], "days"), (["period": "decade"], "period"),
            (["end_date": "2025-01-03"], "start_date"),
            (["start_date": "2025-01-04", "end_date": "2025-01-03"], "start_date"),
            (["start_date": "2025-02-29"], "start_date"),
            (["start_date": "2025-01-01", "end_date": "tomorrow"], "end_date"),
            (["start_date": "2025-01-01", "days": "3"], "days"),
            (["period": "week", "days": "3"], "period"),
            (["timezone": "Mars/Olympus"], "timezone"), (["week_start": "friday"], "week_start"),
            (["group_by": "minute"], "group_by"), (["colour": "red"], "colour"),
            (["group_by": "hour", "days": "300"], "group_by"),
            (["compare": "previous_week"], "compare"),
        ]
    )
    func `a wrong parameter is named`(texts: [String: String], name: String) {
        let error = #expect(throws: ModelError.self) { try parameters(texts) }
        #expect(error?.parameter == name)
    }

    @Test(arguments: [
        (2, "hour"), (3, "day"), (92, "day"), (93, "week"), (182, "week"), (183, "month"),
    ])
    func `rows are grouped by the number of dates touched`(days: Int, grouping: String) throws {
        #expect(try parameters(["days": "\(days)"]).grouping?.rawValue == grouping)
    }

    @Test func `a range over midnight touches two dates`() throws {
        let texts = ["start_date": "2025-01-02T23:00", "end_date": "2025-01-05T00:00"]
        #expect(try parameters(texts).grouping == .day)
        let shorter = ["start_date": "2025-01-02T23:00", "end_date": "2025-01-04T00:00"]
        #expect(try parameters(shorter).grouping == .hour)
    }

    @Test(
        arguments: [
            (
                ["days": "7"], "previous_period",
                "2024-12-26T00:00:00+00:00 2025-01-01T14:30:00+00:00"
            ),
            (
                ["period": "week"], "previous_period",
                "2025-01-03T00:00:00+00:00 2025-01-05T14:30:00+00:00"
            ),
            (
                ["period": "month"], "previous_period",
                "2024-12-01T00:00:00+00:00 2024-12-08T14:30:00+00:00"
            ),
            (
                ["period": "year"], "previous_period",
                "2024-01-01T00:00:00+00:00 2024-01-08T14:30:00+00:00"
            ),
            (
                ["days": "1"], "previous_year",
                "2024-01-08T00:00:00+00:00 2024-01-08T14:30:00+00:00"
            ),
            (
                ["start_date": "2024-12-01", "end_date": "2024-12-10"], "previous_period",
                "2024-11-21T00:00:00+00:00 2024-12-01T00:00:00+00:00"
            ),
            (
                ["start_date": "2024-02-29", "end_date": "2024-02-29"], "previous_year",
                "2023-02-28T00:00:00+00:00 2023-03-01T00:00:00+00:00"
            ),
            (
                ["start_date": "2024-02-01", "end_date": "2024-02-28"], "previous_year",
                "2023-02-01T00:00:00+00:00 2023-03-01T00:00:00+00:00"
            ),
            (
                ["start_date": "2025-01-07T22:00", "end_date": "2025-01-08T02:00"],
                "previous_period", "2025-01-05T22:00:00+00:00 2025-01-06T02:00:00+00:00"
            ),
            (
                ["start_date": "2025-01-08T10:00", "end_date": "2025-01-08T12:00"],
                "previous_period", "2025-01-07T10:00:00+00:00 2025-01-07T12:00:00+00:00"
            ),
        ]
    )
    func `compare moves the range back`(
        texts: [String: String],
        compare: String,
        expected: String
    ) throws {
        let parameters = try parameters(texts.merging(["compare": compare]) { $1 })
        let range = try #require(parameters.previousRange)
        let zone = parameters.calendar.zone
        #expect("\(zone.text(range.lowerBound)) \(zone.text(range.upperBound))" == expected)
    }

    @Test func `the last day of a month compares with the last day of a shorter one`() throws {
        let parameters = try parameters(
            ["period": "month", "compare": "previous_period"],
            now: "2025-03-31T08:00:00Z"
        )
        let range = try #require(parameters.previousRange)
        #expect(range == at("2025-02-01T00:00:00Z")..<at("2025-02-28T08:00:00Z"))
    }

    @Test func `a moved midnight that was skipped is the day's first instant`() throws {
        let parameters = try parameters(
            ["start_date": "2018-11-11", "end_date": "2018-11-17", "compare": "previous_period"],
            timezone: "America/Sao_Paulo"
        )
        let range = try #require(parameters.previousRange)
        #expect(range == at("2018-11-04T01:00:00-02:00")..<at("2018-11-11T00:00:00-02:00"))
    }
}
