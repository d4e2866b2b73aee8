import JSON
import Simulation
import Testing

@testable import Core
@testable import Simulation

/// Whole plans against the reference model's, for random parameters and random nows.
struct PlanComparisonTests {
    private static let methods = QueryMethod.allCases.filter(\.takesRange)

    @Test(arguments: oddZones)
    func `plans agree with the model`(zone: String) throws {
        var random = SeededGenerator.announced("plans in \(zone)")
        let rules = try #require(zones.rules(named: zone))
        let changes = rules.changes.dropFirst().map(\.start)
        var accepted = 0
        for _ in 0..<500 {
            let now = random.instant(near: changes) / 1_000 * 1_000
            let method = random.pick(Self.methods)
            let texts = random.parameters(of: method, around: now, rules: rules)
            if try compare(method, texts, now: now, zone: zone) { accepted += 1 }
        }
        // The comparison is worth nothing where nearly all is refused.
        #expect(accepted > 200)
    }

    /// Whether both accept; where the model refuses, the plan must name the same parameter.
    private func compare(
        _ method: QueryMethod,
        _ texts: [String: String],
        now: Int64,
        zone: String
    ) throws -> Bool {
        let comment: Comment = "\(method.rawValue) \(texts) at \(now) in \(zone)"
        let model: ModelParameters
        do {
            model = try ModelParameters(
                method: method.rawValue,
                texts: texts,
                bots: nil,
                defaultTimezone: zone,
                now: now
            )
        } catch {
            let refused = #expect(throws: ParameterError.self, comment) {
                try resolved(method, texts, now: now, zone: zone)
            }
            #expect(refused?.parameter == error.parameter, comment)
            return false
        }
        let plan = try resolved(method, texts, now: now, zone: zone)
        expectEqual(plan, model, now: now, comment)
        return true
    }

    private func resolved(
        _ method: QueryMethod,
        _ texts: [String: String],
        now: Int64,
        zone: String
    ) throws(ParameterError) -> QueryPlan {
        let members = texts.map { JSONValue.Member(name: $0.key, value: .string($0.value)) }
        return try QueryPlan.resolve(
            method: method,
            parameters: .object(members),
            now: now,
            defaultZone: zone,
            zones: zones
        )
    }

    private func expectEqual(
        _ plan: QueryPlan,
        _ model: ModelParameters,
        now: Int64,
        _ comment: Comment
    ) {
        let zone = model.calendar.zone
        #expect(plan.calendar.rules.name == zone.name, comment)
        #expect(plan.range == TimeRange(model.range), comment)
        #expect(plan.granularity?.rawValue == model.grouping?.rawValue, comment)
        #expect(plan.comparison?.range == model.previousRange.map(TimeRange.init), comment)
        #expect(plan.bot?.description == model.filter.bots?.first, comment)
        #expect(plan.user?.description == model.filter.user, comment)
        #expect(plan.channel == model.filter.channel, comment)
        let empty = ReferenceModel(events: [], sessionTimeoutSeconds: 1, defaultTimezone: "UTC")
        let query = ModelQuery(model: empty, parameters: model, now: now)
        let rows = query.rows
        #expect(
            plan.buckets.map { words($0.date, $0.start, $0.end, zone) + " \($0.complete)" }
                == rows.map {
                    words($0.bucket.label, $0.bucket.start, $0.bucket.end, zone)
                        + " \($0.isComplete)"
                },
            comment
        )
        #expect(plan.buckets.map(\.from) == rows.map(\.range.lowerBound), comment)
        #expect(plan.buckets.map(\.to) == rows.map(\.range.upperBound), comment)
        expectDays(plan, model, now: now, comment)
        expectRetention(plan, model, rows, comment)
        if plan.range.end - plan.range.start < 40 * Milliseconds.day {
            expectHours(plan, model, comment)
        }
    }

    /// `dau`, `wau` and `mau` as the model finds their days, of the earlier range too.
    private func expectDays(
        _ plan: QueryPlan,
        _ model: ModelParameters,
        now: Int64,
        _ comment: Comment
    ) {
        let zone = model.calendar.zone
        for plan in [plan] + (plan.comparison.map { [$0] } ?? []) {
            let end = plan.range.end
            let bucket = model.calendar.buckets(.day, touching: end - 1..<end).last
            let today = zone.date(now - 1)
            let last = min(bucket.map { zone.date($0.start) } ?? today, today)
            let days = plan.lastLocalDays(8)
            #expect(days.count == 8, comment)
            for (index, day) in days.enumerated() {
                let date = last.adding(days: index - 7)
                #expect(day.start == zone.firstInstant(of: date), comment)
                #expect(day.end == zone.firstInstant(of: date.adding(days: 1)), comment)
            }
        }
    }

    private func expectRetention(
        _ plan: QueryPlan,
        _ model: ModelParameters,
        _ rows: [ModelQuery.Row],
        _ comment: Comment
    ) {
        guard plan.method == .engagementRetention else {
            #expect(plan.retention == nil, comment)
            return
        }
        #expect(plan.retention?.criteria.rawValue == model.criteria, comment)
        let periods =
            model.criteria == "bracket" ? model.brackets : (1...model.periods).map { $0...$0 }
        #expect(plan.retention?.periods == [0...0] + periods, comment)
        for (bucket, row) in zip(plan.buckets, rows).prefix(3) {
            let date = model.calendar.zone.date(row.bucket.start)
            for period in [0, 1, 2, 7, 60] {
                let expected = model.calendar.bucket(
                    model.grouping ?? .week,
                    of: date,
                    later: period
                )
                let found = plan.retention?.bucket(after: bucket, period)
                #expect(found?.start == expected.start && found?.end == expected.end, comment)
            }
        }
    }

    private func expectHours(_ plan: QueryPlan, _ model: ModelParameters, _ comment: Comment) {
        let known = Limits.earliestMilliseconds
        let expected = model.calendar.buckets(.hour, touching: model.range)
            .filter { $0.end > known }
        let hours = Array(plan.hourBuckets())
        #expect(hours.map(\.start) == expected.map(\.start), comment)
        #expect(hours.map(\.end) == expected.map(\.end), comment)
        let parts = expected.map { max($0.start, plan.range.start) }
        #expect(hours.map(\.from) == parts, comment)
        #expect(hours.map(\.to) == expected.map { min($0.end, plan.range.end) }, comment)
    }
}

extension TimeRange {
    fileprivate init(_ range: Range<Int64>) {
        self.init(start: range.lowerBound, end: range.upperBound)
    }
}

extension SeededGenerator {
    /// Parameters of which at most one is wrong, so that both must name the same one.
    fileprivate mutating func parameters(
        of method: QueryMethod,
        around now: Int64,
        rules: ZoneRules
    ) -> [String: String] {
        var texts: [String: String] = [:]
        addRange(to: &texts, around: now, rules: rules)
        let zone = chance(0.1) ? pick(oddZones) : nil
        if let zone { texts["timezone"] = zone }
        if chance(0.4) { texts["week_start"] = pick(["monday", "sunday", "saturday"]) }
        if chance(0.2) { texts["bot_id"] = uuidText() }
        if chance(0.2) { texts["user_id"] = uuidText().uppercased() }
        if chance(0.2) { texts["channel"] = "web" }
        let isRetention = method == .engagementRetention
        if ParameterName.groupBy.isTaken(by: method), chance(0.5) {
            texts["group_by"] = pick(
                isRetention ? ["day", "week", "month"] : ["hour", "day", "week", "month"]
            )
        }
        if isRetention {
            if chance(0.3) { texts["periods"] = "\(below(60) + 1)" }
            switch below(4) {
            case 0: texts["criteria"] = "on_or_after"
            case 1:
                texts["criteria"] = "bracket"
                texts["brackets"] = pick(["1-3,4-7", "1,2-4", "60", "2-2,1-60,5"])
            default: break
            }
        } else if chance(0.6) {
            texts["compare"] = pick(["previous_period", "previous_year"])
        }
        if chance(0.08) {
            // One fault only: in a range without another, and with few rows.
            for name in ["days", "period", "end_date", "group_by"] { texts[name] = nil }
            texts["start_date"] = time(now - 86_400_000, rules)
            let (name, value) = pick(Self.wrong)
            texts[name] = value
        }
        return texts
    }

    private static let wrong = [
        ("start_date", "2025-02-30"), ("end_date", "2025-1-1"), ("days", "0"), ("period", ""),
        ("timezone", "Mars/Olympus"), ("week_start", "friday"), ("bot_id", ""),
        ("window_minutes", "7"), ("colour", "red"),
    ]

    private mutating func addRange(
        to texts: inout [String: String],
        around now: Int64,
        rules: ZoneRules
    ) {
        switch below(5) {
        case 0: texts["days"] = "\(below(chance(0.5) ? 200 : 3_660) + 1)"
        case 1: texts["period"] = pick(["today", "week", "month", "year"])
        case 2, 3:
            let start = now - Int64(below(400 * 86_400)) * 1_000 / (chance(0.6) ? 50 : 1)
            texts["start_date"] = time(start, rules)
            // Now and then end is before start: both must say so.
            if chance(0.7) {
                let length = Int64(below(500 * 86_400)) * 1_000 / (chance(0.6) ? 100 : 1)
                texts["end_date"] = time(start + length, rules)
            }
        default: break
        }
    }

    private mutating func time(_ time: Int64, _ rules: ZoneRules) -> String {
        let text = LocalCalendar(rules: rules).text(of: time)
        switch below(4) {
        case 0: return String(text.prefix(10))
        case 1: return String(text.prefix(16))
        case 2: return String(text.prefix(19)) + ".001"
        default: return text
        }
    }
}
