import Foundation
import JSON
import Testing

@testable import Simulation

struct CalendarTests {
    private func calendar(_ zone: String, firstWeekday: Int = 1) throws -> ModelCalendar {
        ModelCalendar(zone: try #require(ModelZone.named(zone)), firstWeekday: firstWeekday)
    }

    private func days(_ zone: String, _ from: String, _ to: String) throws -> [String] {
        try describe(zone, .day, from, to)
    }

    /// `label start minutes` of each bucket.
    private func describe(
        _ zone: String,
        _ grouping: ModelCalendar.Grouping,
        _ from: String,
        _ to: String
    ) throws -> [String] {
        let calendar = try calendar(zone)
        return calendar.buckets(grouping, touching: at(from)..<at(to)).map {
            "\($0.label) \(calendar.zone.text($0.start)) \(($0.end - $0.start) / 60_000)"
        }
    }

    @Test func `civil dates agree with Foundation's calendar`() {
        var foundation = Calendar(identifier: .gregorian)
        foundation.timeZone = .gmt
        for day in stride(from: -40_000, to: 60_000, by: 13) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let parts = foundation.dateComponents([.year, .month, .day, .weekday], from: date)
            let civil = CivilDate(day: day)
            let (year, month, dayOfMonth) = civil.components
            #expect(parts.year == year && parts.month == month && parts.day == dayOfMonth)
            #expect(parts.weekday == civil.weekday + 1)
            #expect(CivilDate(year: year, month: month, dayOfMonth: dayOfMonth) == civil)
        }
    }

    @Test(
        arguments: [
            ("2024-02-29", -12, "2023-02-28"), ("2025-03-31", -1, "2025-02-28"),
            ("2025-01-15", -1, "2024-12-15"), ("2025-12-01", 1, "2026-01-01"),
        ]
    )
    func `months keep the day or take the last`(date: String, months: Int, expected: String) throws
    {
        let parsed = try #require(ModelTime.parse(date))
        #expect(parsed.date.adding(months: months).description == expected)
    }

    @Test func `the listed clock changes are clock changes`() throws {
        for change in Workload.clockChanges where change.timezone != "Asia/Kathmandu" {
            let zone = try #require(ModelZone.named(change.timezone))
            #expect(zone.offset(at: change.instant) != zone.offset(at: change.instant - 1))
        }
        let zone = try #require(ModelZone.named("Asia/Kathmandu"))
        #expect(zone.text(1_736_100_900_000) == "2025-01-06T00:00:00+05:45")
    }

    @Test func `a day without midnight begins with its first instant`() throws {
        #expect(
            try days("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T13:00:00Z")
                == ["2018-11-04 2018-11-04T01:00:00-02:00 1380"]
        )
        #expect(
            try days("Asia/Tehran", "2022-03-22T12:00:00Z", "2022-03-22T13:00:00Z")
                == ["2022-03-22 2022-03-22T01:00:00+04:30 1380"]
        )
    }

    @Test func `a day of twenty-five hours has two hours of one name`() throws {
        #expect(
            try days("America/Sao_Paulo", "2019-02-16T12:00:00Z", "2019-02-16T13:00:00Z")
                == ["2019-02-16 2019-02-16T00:00:00-02:00 1500"]
        )
        #expect(
            try describe(
                "America/Sao_Paulo",
                .hour,
                "2019-02-17T01:00:00Z",
                "2019-02-17T03:30:00Z"
            ) == [
                "2019-02-16T23:00 2019-02-16T23:00:00-02:00 60",
                "2019-02-16T23:00 2019-02-16T23:00:00-03:00 60",
                "2019-02-17T00:00 2019-02-17T00:00:00-03:00 60",
            ]
        )
    }

    @Test func `a change by half an hour begins an hour bucket`() throws {
        #expect(
            try describe(
                "Australia/Lord_Howe",
                .hour,
                "2024-10-05T15:00:00Z",
                "2024-10-05T16:30:00Z"
            ) == [
                "2024-10-06T01:00 2024-10-06T01:00:00+10:30 60",
                "2024-10-06T02:00 2024-10-06T02:30:00+11:00 30",
                "2024-10-06T03:00 2024-10-06T03:00:00+11:00 60",
            ]
        )
        #expect(
            try describe(
                "Australia/Lord_Howe",
                .hour,
                "2025-04-05T14:00:00Z",
                "2025-04-05T16:00:00Z"
            ) == [
                "2025-04-06T01:00 2025-04-06T01:00:00+11:00 60",
                "2025-04-06T01:00 2025-04-06T01:30:00+10:30 30",
                "2025-04-06T02:00 2025-04-06T02:00:00+10:30 60",
            ]
        )
    }

    @Test func `a change at one minute past midnight begins nothing`() throws {
        #expect(
            try days("America/St_Johns", "2010-11-07T02:29:00Z", "2010-11-07T03:00:00Z") == [
                "2010-11-06 2010-11-06T00:00:00-02:30 1440",
                "2010-11-07 2010-11-07T00:00:00-02:30 1500",
            ]
        )
        #expect(
            try describe(
                "America/St_Johns",
                .hour,
                "2010-11-07T02:30:00Z",
                "2010-11-07T04:00:00Z"
            ) == [
                "2010-11-07T00:00 2010-11-07T00:00:00-02:30 60",
                "2010-11-07T00:00 2010-11-07T00:00:00-03:30 60",
            ]
        )
        #expect(
            try describe(
                "America/St_Johns",
                .hour,
                "2011-03-13T03:30:00Z",
                "2011-03-13T05:00:00Z"
            ) == [
                "2011-03-13T00:00 2011-03-13T00:00:00-03:30 60",
                "2011-03-13T02:00 2011-03-13T02:00:00-02:30 60",
            ]
        )
    }

    @Test func `a date that never occurred has no bucket`() throws {
        #expect(
            try days("Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-31T00:00:00Z") == [
                "2011-12-29 2011-12-29T00:00:00-10:00 1440",
                "2011-12-31 2011-12-31T00:00:00+14:00 1440",
            ]
        )
    }

    @Test func `weeks and months are called by their first day and month`() throws {
        let from = "2025-01-31T12:00:00Z"
        let to = "2025-02-03T00:00:01Z"
        #expect(
            try describe("UTC", .week, from, to) == [
                "2025-01-27 2025-01-27T00:00:00+00:00 10080",
                "2025-02-03 2025-02-03T00:00:00+00:00 10080",
            ]
        )
        #expect(
            try describe("UTC", .month, from, to) == [
                "2025-01 2025-01-01T00:00:00+00:00 44640",
                "2025-02 2025-02-01T00:00:00+00:00 40320",
            ]
        )
        let sunday = CivilDate(year: 2025, month: 1, dayOfMonth: 5)
        #expect(try calendar("UTC").firstOfWeek(sunday).description == "2024-12-30")
        #expect(
            try calendar("UTC", firstWeekday: 0).firstOfWeek(sunday).description == "2025-01-05"
        )
        #expect(
            try calendar("UTC", firstWeekday: 6).firstOfWeek(sunday).description == "2025-01-04"
        )
    }

    @Test func `hours agree with Foundation's calendar away from changes`() throws {
        var random = SeededGenerator.announced("calendar")
        for name in ["America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "Europe/Paris"] {
            let zone = try #require(ModelZone.named(name))
            var foundation = Calendar(identifier: .gregorian)
            foundation.timeZone = try #require(TimeZone(identifier: name))
            for _ in 0..<300 {
                let time = Int64.random(in: 946_684_800...1_767_225_600, using: &random) * 1_000
                let date = Date(timeIntervalSince1970: Double(time) / 1_000)
                let day = foundation.startOfDay(for: date).timeIntervalSince1970
                #expect(zone.firstInstant(of: zone.date(time)) == Int64(day) * 1_000)
                let hour = foundation.dateInterval(of: .hour, for: date)?.start
                #expect(
                    zone.hourStart(time) == hour.map { Int64($0.timeIntervalSince1970) * 1_000 }
                )
            }
        }
    }
}
