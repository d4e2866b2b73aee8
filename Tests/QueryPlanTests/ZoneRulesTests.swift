import Testing

@testable import Core

/// Zones made of literals: what no file of today has, too.
struct ZoneRulesTests {
    private func rules(_ changes: [(String, Int64)]) -> ZoneRules {
        ZoneRules(
            name: "Test/Zone",
            changes: changes.map { ZoneRules.Change(start: at($0.0), offset: $0.1 * 60_000) }
        )
    }

    @Test func `without changes it is UTC`() {
        let calendar = LocalCalendar(rules: ZoneRules(name: "x", changes: []))
        #expect(calendar.text(of: 1_736_172_000_123) == "2025-01-06T14:00:00.123+00:00")
        #expect(calendar.text(of: -1) == "1969-12-31T23:59:59.999+00:00")
    }

    @Test func `what was before 1990 is forgotten, the offset then in force is not`() {
        // Liberia was 44 minutes and 30 seconds behind until 1972; a change on the day itself.
        let zone = rules([("1900-01-01T00:00:00Z", -44), ("1972-01-07T00:44:30Z", 0)])
        #expect(zone.changes.map(\.offset) == [0])
        let later = rules([("1980-01-01T00:00:00Z", 60), ("1990-01-01T00:00:01Z", 120)])
        #expect(later.changes.map(\.offset) == [3_600_000, 7_200_000])
        #expect(later.offset(at: at("0001-01-01T00:00:00Z")) == 3_600_000)
    }

    @Test func `offsets are rounded to the quarter hour`() {
        #expect(rules([("1995-01-01T00:00:00Z", 7)]).changes.last?.offset == 0)
        #expect(rules([("1995-01-01T00:00:00Z", 8)]).changes.last?.offset == 900_000)
        #expect(rules([("1995-01-01T00:00:00Z", -23)]).changes.last?.offset == -1_800_000)
    }

    @Test func `equal neighbours are one, and of two changes at one instant the later counts`() {
        let zone = rules([
            ("1980-01-01T00:00:00Z", 0), ("2000-01-01T00:00:00Z", 60),
            ("2000-01-01T00:00:00Z", 0), ("2001-01-01T00:00:00Z", 0),
            ("2002-01-01T00:00:00Z", 60),
        ])
        #expect(zone.changes.map(\.offset) == [0, 3_600_000])
    }

    @Test func `dates that never occurred are known`() throws {
        let apia = try #require(zones.rules(named: "Pacific/Apia"))
        #expect(apia.skippedDays.map { CoreDate(day: $0).description } == ["2011-12-30"])
        let kiritimati = try #require(zones.rules(named: "Pacific/Kiritimati"))
        #expect(kiritimati.skippedDays.map { CoreDate(day: $0).description } == ["1994-12-31"])
        #expect(ZoneRules.utc.skippedDays.isEmpty)
    }

    @Test func `a date that occurred twice is one bucket`() {
        // Nobody did so since 1990: back across the date line.
        let zone = rules([("1980-01-01T00:00:00Z", 720), ("2020-06-10T12:00:00Z", -720)])
        let calendar = LocalCalendar(rules: zone)
        let range = TimeRange(start: at("2020-06-08T12:00:00Z"), end: at("2020-06-13T12:00:00Z"))
        let days = calendar.buckets(.day, touching: range, now: .max, limit: 10) ?? []
        #expect(days.map(\.date) == ["2020-06-09", "2020-06-10", "2020-06-11", "2020-06-12"])
        #expect(days.map { ($0.end - $0.start) / Milliseconds.hour } == [24, 48, 24, 24])
    }

    @Test func `every change that falls on a quarter hour begins an hour`() {
        // Two changes within one hour, the first at five past.
        let zone = rules([
            ("1980-01-01T00:00:00Z", 0), ("2020-01-01T10:05:00Z", 30), ("2020-01-01T10:15:00Z", 15),
        ])
        let range = TimeRange(start: at("2020-01-01T10:10:00Z"), end: at("2020-01-01T11:00:00Z"))
        let calendar = LocalCalendar(rules: zone)
        let hours = calendar.buckets(.hour, touching: range, now: .max, limit: 10) ?? []
        #expect(
            hours.map { "\($0.date) \(calendar.text(of: $0.start)) \(calendar.text(of: $0.from))" }
                == [
                    "2020-01-01T10:00 2020-01-01T10:00:00+00:00 2020-01-01T10:40:00+00:30",
                    "2020-01-01T10:00 2020-01-01T10:30:00+00:15 2020-01-01T10:30:00+00:15",
                    "2020-01-01T11:00 2020-01-01T11:00:00+00:15 2020-01-01T11:00:00+00:15",
                ]
        )
        #expect(hours.last?.to == range.end)
    }
}
