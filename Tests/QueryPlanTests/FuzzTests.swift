import Core
import JSON
import Simulation
import Testing

@testable import Simulation

/// No input may end the program.
struct FuzzTests {
    @Test func `whatever is asked is resolved or refused`() throws {
        var random = SeededGenerator.announced("fuzz")
        var accepted = 0
        for _ in 0..<20_000 {
            let method = random.pick(QueryMethod.allCases)
            let parameters = random.parameters()
            let now = random.instant(near: [])
            do {
                let plan = try QueryPlan.resolve(
                    method: method,
                    parameters: parameters,
                    now: now / 1_000 * 1_000,
                    defaultZone: random.pick(oddZones),
                    zones: zones
                )
                accepted += 1
                try expectSound(plan)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(accepted > 1_000)
    }

    private func expectSound(_ plan: QueryPlan) throws(ParameterError) {
        #expect(plan.buckets.count <= 5_000)
        #expect(plan.buckets.allSatisfy { $0.from < $0.to && $0.start < plan.now })
        #expect(zip(plan.buckets, plan.buckets.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(plan.lastLocalDays(30).allSatisfy { $0.start <= $0.end })
        for _ in plan.hourBuckets().prefix(50) {}
        if let cohort = plan.buckets.last, let retention = plan.retention {
            for periods in retention.periods {
                let bucket = retention.bucket(after: cohort, periods.upperBound)
                #expect(bucket.start <= bucket.end)
            }
        }
        _ = plan.calendar.text(of: plan.range.start) + plan.calendar.text(of: plan.range.end)
    }
}

extension SeededGenerator {
    fileprivate mutating func parameters() -> JSONValue? {
        switch below(40) {
        case 0: return nil
        case 1: return value(depth: 2)
        default: break
        }
        let names = [
            "start_date", "end_date", "days", "period", "group_by", "timezone", "week_start",
            "bot_id", "user_id", "channel", "compare", "criteria", "brackets", "periods",
            "window_minutes", "x",
        ]
        return .object(
            (0..<below(4)).map { _ in
                let name = pick(names)
                return JSONValue.Member(
                    name: name,
                    value: chance(0.1) ? value(depth: 2) : likely(name)
                )
            }
        )
    }

    /// A value that is right, or almost.
    private mutating func likely(_ name: String) -> JSONValue {
        let text =
            switch name {
            case "start_date", "end_date": date()
            case "days", "periods", "window_minutes":
                pick(["1", "60", "61", "3660", "3661", "-0", "9223372036854775808"])
            case "period": pick(["today", "week", "month", "year", "Year"])
            case "group_by": pick(["hour", "day", "week", "month", "minute"])
            case "timezone": pick(oddZones + ["../UTC", "posix/UTC", "America", "localtime"])
            case "week_start": pick(["monday", "sunday", "saturday", "friday"])
            case "bot_id", "user_id": uuidText()
            case "compare": pick(["previous_period", "previous_year", "x"])
            case "criteria": pick(["on", "on_or_after", "bracket"])
            case "brackets": pick(["1-3,4-7", "1", "-", ",", "1-99"])
            default: pick(["web", "", "\u{0}"])
            }
        return .string(chance(0.05) ? mutated(text) : text)
    }

    private mutating func date() -> String {
        let years = [
            "0000", "0001", "1582", "1969", "1999", "2000", "2024", "2025", "2100", "9999",
        ]
        var text = "\(pick(years))-\(pick(["01", "02", "12"]))-\(pick(["01", "28", "29", "31"]))"
        if chance(0.5) { text += pick(["T00:00", "T23:59:59.999", "t12:30:00"]) }
        if text.utf8.count > 10, chance(0.5) { text += pick(["Z", "+14:00", "-23:59", "+23:59"]) }
        return text
    }

    private mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return "\u{301}" }
        bytes[below(bytes.count)] = UInt8(below(256))
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 7 : 5) {
        case 0: .null
        case 1: .bool(chance(0.5))
        case 2: .integer(pick([.min, -1, 0, 1, 7, .max]))
        case 3: .double(pick([-0.5, 1e300, 7.5, -1e-300]))
        case 4: .string(mutated("2025-01-01"))
        case 5: .array([value(depth: depth - 1)])
        default: .object([JSONValue.Member(name: "days", value: value(depth: depth - 1))])
        }
    }
}
