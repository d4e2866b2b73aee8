import Simulation
import Testing

@testable import Core
@testable import Simulation

/// The calendar against the reference model's, which tries every quarter hour.
struct CalendarComparisonTests {
    private func pair(_ name: String) throws -> (rules: ZoneRules, model: ModelZone) {
        (try #require(zones.rules(named: name)), try #require(ModelZone.named(name)))
    }

    @Test(arguments: oddZones)
    func `offsets, dates and texts agree with the model`(name: String) throws {
        var random = SeededGenerator.announced("texts of \(name)")
        let (rules, model) = try pair(name)
        let calendar = LocalCalendar(rules: rules)
        let changes = rules.changes.dropFirst().map(\.start)
        var times = (0..<2_000).map { _ in random.instant(near: changes) }
        for change in changes where change < at("2038-01-01T00:00:00Z") {
            times += [change - 1, change, change + 1]
        }
        for time in times {
            #expect(calendar.text(of: time) == model.text(time))
            #expect(rules.local(of: time) == model.local(time))
            #expect(calendar.date(of: time).day == model.date(time).day)
        }
    }

    @Test(arguments: oddZones)
    func `local times and first instants agree with the model`(name: String) throws {
        var random = SeededGenerator.announced("local times of \(name)")
        let (rules, model) = try pair(name)
        let changes = rules.changes.dropFirst().map(\.start)
        for _ in 0..<600 {
            let time = random.instant(near: changes)
            let offset = Int64(random.below(27) - 13) * Milliseconds.hour
            #expect(
                rules.instant(ofLocal: time + offset) == model.time(ofLocal: time + offset),
                "\(time + offset)"
            )
            let day = Int(floorDivide(time, by: Milliseconds.day))
            #expect(
                rules.firstInstant(of: CoreDate(day: day))
                    == model.firstInstant(of: ModelDate(day: day)),
                "\(CoreDate(day: day))"
            )
        }
    }

    @Test(arguments: oddZones, WeekStart.allCases)
    func `buckets agree with the model`(name: String, weekStart: WeekStart) throws {
        var random = SeededGenerator.announced("buckets of \(name)")
        let (rules, zone) = try pair(name)
        let calendar = LocalCalendar(rules: rules, weekStart: weekStart)
        let model = ModelCalendar(zone: zone, firstWeekday: weekStart.weekday)
        let changes = rules.changes.dropFirst().map(\.start)
        let spans: [Granularity: Int] = [.hour: 4, .day: 40, .week: 200, .month: 900]
        for round in 0..<40 {
            for granularity in Granularity.allCases {
                let start = random.instant(near: changes) / 900_000 * 900_000
                let days = spans[granularity] ?? 1
                // Short ranges too: those within one bucket.
                let length = random.below(random.chance(0.3) ? 8 : days * 96) + 1
                let range = TimeRange(start: start, end: start + Int64(length) * 900_000)
                let grouping = try #require(
                    ModelCalendar.Grouping(rawValue: granularity.rawValue)
                )
                let expected = model.buckets(grouping, touching: range.start..<range.end)
                let found = try #require(
                    calendar.buckets(granularity, touching: range, now: .max, limit: 100_000)
                )
                #expect(
                    found.map { words($0.date, $0.start, $0.end, zone) }
                        == expected.map { words($0.label, $0.start, $0.end, zone) },
                    "round \(round), \(granularity), \(range)"
                )
                #expect(found.allSatisfy { $0.from < $0.to })
                #expect(found.first?.from == range.start && found.last?.to == range.end)
                if granularity == .day {
                    #expect(calendar.dayCount(touching: range) == expected.count, "\(range)")
                }
            }
        }
    }

    @Test(arguments: oddZones)
    func `hours agree with the model over whole years of changes`(name: String) throws {
        let (rules, zone) = try pair(name)
        let model = ModelCalendar(zone: zone, firstWeekday: 1)
        for change in rules.changes.dropFirst() where change.start < at("2037-12-01T00:00:00Z") {
            let low = change.start / 900_000 * 900_000 - 12 * 900_000
            for shift in 0..<12 {
                let range = TimeRange(
                    start: low + Int64(shift) * 900_000,
                    end: low + 28 * 900_000
                )
                let hours = LocalCalendar(rules: rules).hours(touching: range).map {
                    words("", $0.start, $0.end, zone)
                }
                let expected = model.buckets(.hour, touching: range.start..<range.end).map {
                    words("", $0.start, $0.end, zone)
                }
                #expect(hours == expected)
            }
        }
    }

    @Test func `civil dates agree with the model's`() {
        for day in stride(from: -800_000, to: 3_000_000, by: 37) {
            let date = CoreDate(day: day)
            let model = ModelDate(day: day)
            #expect(date.components == model.components)
            #expect(date.weekday == model.weekday)
            #expect(date.description == model.description)
            for months in [-13, -12, -1, 1, 11, 12] {
                #expect(date.adding(months: months).day == model.adding(months: months).day)
            }
            let (year, month, dayOfMonth) = date.components
            #expect(CoreDate(year: year, month: month, dayOfMonth: dayOfMonth) == date)
        }
    }
}
