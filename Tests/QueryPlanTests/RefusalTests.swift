import Core
import Foundation
import JSON
import Simulation
import Testing

/// Which parameter is named, and why.
struct RefusalTests {
    private static let tooMany = "gives more than 5000 rows; shorten the range"

    @Test(
        arguments: [
            (.usage, [("days", 0)], "days: days must be between 1 and 3660"),
            (.usage, [("days", 3_661)], "days: days must be between 1 and 3660"),
            (.usage, [("days", "-1")], "days: days must be between 1 and 3660"),
            (.usage, [("days", 1.5)], "days: days must be an integer"),
            (.usage, [("days", "7.0")], "days: days must be an integer"),
            (.usage, [("days", true)], "days: days must be an integer"),
            (.usage, [("days", "")], "days: days must not be empty"),
            (.usage, [("days", nil)], "days: days must be an integer"),
            (.usage, [("channel", 7)], "channel: channel must be a text"),
            (.usage, [("timezone", [])], "timezone: timezone must be a text"),
            (.usage, [("end_date", "")], "end_date: end_date must not be empty"),
            (.usage, [("end_date", "2025-01-31")], "start_date: end_date needs start_date"),
            (
                .usage, [("start_date", "2025-01-02"), ("end_date", "2025-01-01")],
                "start_date: start_date must be before the end of the range"
            ),
            (
                .usage, [("start_date", "2025-01-02T10:00"), ("end_date", "2025-01-02T10:00")],
                "start_date: start_date must be before the end of the range"
            ),
            (
                .usage, [("start_date", "2030-01-01")],
                "start_date: start_date must be before the end of the range"
            ),
            (
                .usage, [("start_date", "2030-01-01"), ("days", 7)],
                "days: days excludes start_date and end_date"
            ),
            (
                .usage, [("end_date", "2025-01-01"), ("days", 7)],
                "days: days excludes start_date and end_date"
            ),
            (
                .usage, [("period", "week"), ("days", 7)],
                "period: period excludes start_date, end_date and days"
            ),
            (
                .usage, [("period", "week"), ("end_date", "2025-01-01")],
                "period: period excludes start_date, end_date and days"
            ),
            (
                .usage, [("period", "fortnight")],
                "period: period must be today, week, month or year"
            ),
            (.usage, [("group_by", "day")], "group_by: group_by is no parameter of usage"),
            (
                .engagement, [("group_by", "minute")],
                "group_by: group_by must be hour, day, week or month"
            ),
            (
                .engagementRetention, [("group_by", "hour")],
                "group_by: group_by must be day, week or month"
            ),
            (
                .engagement, [("group_by", "hour"), ("days", 209)],
                "group_by: group_by \(tooMany)"
            ),
            (
                .usageDaily, [("start_date", "0001-01-01"), ("end_date", "9999-12-31")],
                "group_by: group_by \(tooMany)"
            ),
            (.usage, [("timezone", "Mars/Olympus")], "timezone: timezone must be an IANA name"),
            (
                .usage, [("week_start", "friday")],
                "week_start: week_start must be monday, sunday or saturday"
            ),
            (.usage, [("bot_id", "bot")], "bot_id: bot_id must be a UUID"),
            (.usage, [("user_id", "7")], "user_id: user_id must be a UUID"),
            (
                .usage, [("channel", "Web!")],
                "channel: channel must be 1 to 32 of a to z, 0 to 9, _ and -"
            ),
            (
                .usage, [("channel", .string(String(repeating: "a", count: 33)))],
                "channel: channel must be 1 to 32 of a to z, 0 to 9, _ and -"
            ),
            (
                .usage, [("compare", "last")],
                "compare: compare must be previous_period or previous_year"
            ),
            (
                .engagementRetention, [("compare", "previous_year")],
                "compare: compare is no parameter of engagement.retention"
            ),
            (
                .engagementRetention, [("criteria", "bracket")],
                "brackets: brackets must be given with criteria=bracket"
            ),
            (
                .engagementRetention, [("brackets", "1-3")],
                "brackets: brackets need criteria=bracket"
            ),
            (
                .engagementRetention, [("periods", 61)],
                "periods: periods must be between 1 and 60"
            ),
            (.realtime, [("days", 7)], "days: days is no parameter of realtime"),
            (
                .realtime, [("window_minutes", 61)],
                "window_minutes: window_minutes must be between 1 and 60"
            ),
            (.systemStatus, [("bot_id", "x")], "bot_id: bot_id is no parameter of system.status"),
            (.usage, [("b", 1), ("a", 1)], "a: a is unknown"),
            (.usage, [("a", 1), ("b", 1)], "a: a is unknown"),
            (.realtime, [("b", 1)], "b: b is unknown"),
        ] as [(QueryMethod, [(String, JSONValue)], String)]
    )
    func `a wrong parameter is named`(
        method: QueryMethod,
        parameters: [(String, JSONValue)],
        expected: String
    ) {
        #expect(refusal(method, parameters) == expected)
    }

    @Test(arguments: [
        "", "0", "1-", "-3", "3-1", "1-61", "61", "1,,2", "1-2-3", "a", "+1", "001", " 1", "1;2",
        Array(repeating: "1", count: 61).joined(separator: ","),
    ])
    func `brackets that are none are refused`(text: String) {
        let error = refusal(
            .engagementRetention,
            [("criteria", "bracket"), ("brackets", .string(text))]
        )
        #expect(error.hasPrefix("brackets: "))
    }

    @Test(arguments: [
        "2025", "2025-1-01", "2025-13-01", "2025-00-10", "2025-02-29", "2025-01-00", "2025-01-01T",
        "2025-01-01T24:00", "2025-01-01T10", "2025-01-01T10:60", "2025-01-01T10:00:60",
        "2025-01-01T10:00:00.", "2025-01-01T10:00Q", "2025-01-01T10:00+24:00",
        "2025-01-01T10:00+3:00", "2025-01-01T10:00+0300", "2025-01-01 ", " 2025-01-01",
        "2025-01-01Z", "20250101", "2025-W01-1", "-2025-01-01", "٢٠٢٥-٠١-٠١", "today",
        "2025-01-01T10:00Zz", "99999-01-01",
    ])
    func `what is no date is refused`(text: String) {
        let message = "must be an ISO 8601 date or date-time"
        #expect(
            refusal(.usage, [("start_date", .string(text))]) == "start_date: start_date \(message)"
        )
        #expect(
            refusal(.usage, [("start_date", "2025-01-01"), ("end_date", .string(text))])
                == "end_date: end_date \(message)"
        )
    }

    @Test func `of several faults the first in the table's order is named`() {
        // Each is wrong by itself; every round takes the first away.
        var wrong: [(String, JSONValue)] = [
            ("start_date", "x"), ("end_date", "x"), ("days", 0), ("period", "x"),
            ("group_by", "x"), ("timezone", "x"), ("week_start", "x"), ("bot_id", "x"),
            ("user_id", "x"), ("channel", "X"), ("compare", "x"), ("criteria", "x"),
            ("brackets", "x"), ("periods", 0), ("window_minutes", 0), ("aaa", "x"),
        ]
        // end_date alone is start_date's fault, so it goes with it.
        #expect(refusal(.engagement, wrong.reversed()).hasPrefix("start_date: "))
        wrong[0].1 = "2025-01-01"
        #expect(refusal(.engagement, wrong.reversed()).hasPrefix("end_date: "))
        wrong.removeFirst(2)
        while let first = wrong.first {
            #expect(refusal(.engagement, wrong.reversed()).hasPrefix("\(first.0): "), "\(wrong)")
            #expect(
                refusal(.engagementRetention, wrong.reversed()).hasPrefix("\(first.0): ")
            )
            wrong.removeFirst()
        }
    }

    @Test func `faults of the range come before a wrong zone`() {
        let zone: (String, JSONValue) = ("timezone", "Mars/Olympus")
        #expect(
            refusal(.usage, [zone, ("start_date", "2025-01-02"), ("end_date", "2025-01-01")])
                .hasPrefix("start_date: ")
        )
        #expect(
            refusal(.engagement, [zone, ("group_by", "hour"), ("days", 3_660)])
                .hasPrefix("group_by: ")
        )
    }

    @Test func `five thousand rows are not too many`() throws {
        let start: (String, JSONValue) = ("start_date", "2024-06-14T16:00")
        let end: (String, JSONValue) = ("end_date", "2025-01-09T00:00")
        let hourly: (String, JSONValue) = ("group_by", "hour")
        #expect(try resolve(.engagement, [start, end, hourly]).granularity == .hour)
        // Hours that have not begun count too.
        let longer: (String, JSONValue) = ("end_date", "2025-01-09T00:15")
        #expect(refusal(.engagement, [start, longer, hourly]).hasPrefix("group_by: "))
    }

    @Test(arguments: [nil, 7, "x", [], [7], true] as [JSONValue])
    func `params that are no object are refused`(params: JSONValue) {
        let error = #expect(throws: ParameterError.self) {
            try QueryPlan.resolve(
                method: .usage,
                parameters: params,
                now: at("2025-01-08T14:37:00Z"),
                defaultZone: "UTC",
                zones: zones
            )
        }
        #expect(error == ParameterError(parameter: nil, message: "params must be an object"))
    }

    @Test func `no params are no parameters`() throws {
        let plan = try QueryPlan.resolve(
            method: .usage,
            parameters: nil,
            now: at("2025-01-08T14:37:00Z"),
            defaultZone: "UTC",
            zones: zones
        )
        #expect(plan.range == (try resolve(.usage)).range)
    }

    @Test func `the protocol's refused requests are refused by the same name`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../protocol/vectors/requests.json")
        let vectors = try JSONValue(parsing: Data(contentsOf: file))
        var count = 0
        for vector in vectors["requests"]?.arrayValue ?? [] {
            guard case .string(let text)? = vector["request"],
                let request = try? JSONValue(parsing: Data(text.utf8)),
                vector["error"]?["code"] == .integer(-32602),
                let method = request["method"]?.stringValue.flatMap(QueryMethod.init)
            else { continue }
            count += 1
            let error = #expect(throws: ParameterError.self, "\(text)") {
                try QueryPlan.resolve(
                    method: method,
                    parameters: request["params"],
                    now: at("2026-11-24T15:00:00Z"),
                    defaultZone: "UTC",
                    zones: zones
                )
            }
            #expect(error?.parameter == vector["error"]?["parameter"]?.stringValue, "\(text)")
        }
        #expect(count > 25)
    }
}
