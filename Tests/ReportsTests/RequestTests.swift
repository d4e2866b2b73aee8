import Core
import JSON
import Testing

@testable import Reports

@Suite
struct RequestTests {
    @Test(
        arguments: [
            (
                "type", "sales",
                "type must be usage, conversations, engagement, satisfaction or full"
            ),
            ("format", "docx", "format must be json, csv, html, pdf or xlsx"),
            ("title", "", "title must not be empty"),
            ("title", "a\u{7}b", "title must be one line of printable characters"),
            ("title", "   ", "title must have 1 to 200 characters"),
            ("include_charts", "perhaps", "include_charts must be true or false"),
            ("table", "volume", "table belongs to format=csv"),
            ("days", "7", "days excludes start_date and end_date"),
            (
                "start_date", "1990-01-01",
                "start_date is too early; a report covers at most 3660 days, this range has 12815"
            ),
            ("group_by", "second", "group_by must be hour, day, week or month"),
            ("periods", "3", "periods is unknown"),
        ] as [(String, JSONValue, String)]
    )
    func `a wrong parameter is refused by name`(
        name: String,
        value: JSONValue,
        message: String
    ) throws {
        let error = try #require(throws: ParameterError.self) {
            try Sample.request(.usage, .pdf, [name: value])
        }
        #expect(error == ParameterError(parameter: name, message: message))
    }

    @Test
    func `a type is asked for`() throws {
        let error = try #require(throws: ParameterError.self) {
            try ReportRequest(
                ["format": "pdf"],
                now: 1_740_787_200_000,
                defaultZone: "UTC",
                zones: NoZones()
            )
        }
        #expect(error.parameter == "type")
    }

    @Test
    func `the parameters are resolved, and the period before is compared`() throws {
        let resolved = try Sample.request(.engagement, .pdf).resolved
        #expect(
            resolved == [
                "start": "2025-01-01T00:00:00-03:00",
                "end": "2025-02-01T00:00:00-03:00",
                "timezone": "America/Sao_Paulo",
                "group_by": "day",
                "week_start": "monday",
                "compare": "previous_period",
                "previous_start": "2024-12-01T00:00:00-03:00",
                "previous_end": "2025-01-01T00:00:00-03:00",
                "include_charts": true,
            ]
        )
    }

    @Test(arguments: ReportType.allCases)
    func `all answers of a report are about one range`(type: ReportType) throws {
        // Nothing asked: every method takes the same 30 days, and `usage.monthly` too.
        for days in [30, 400] {
            let request = try ReportRequest(
                ["type": .string(type.rawValue), "days": .integer(Int64(days))],
                now: 1_740_787_200_000,
                defaultZone: "UTC",
                zones: NoZones()
            )
            #expect(Set(request.plans.map(\.range)).count == 1)
        }
        let request = try ReportRequest(
            ["type": .string(type.rawValue)],
            now: 1_740_787_200_000,
            defaultZone: "UTC",
            zones: NoZones()
        )
        let scope = request.resolved
        #expect(scope["start"] == "2025-01-30T00:00:00+00:00")
        #expect(Set(request.plans.map(\.range)).count == 1)
    }

    @Test
    func `long ranges show usage by month and cohorts by month`() throws {
        let request = try Sample.request(.full, .pdf, ["start_date": "2023-01-01"])
        #expect(request.plans.contains { $0.method == .usageMonthly })
        let retention = try #require(request.plans.first { $0.method == .engagementRetention })
        #expect(retention.granularity == .month)
    }
}

/// No zone but UTC.
struct NoZones: ZoneDatabase {
    func rules(named name: String) -> ZoneRules? { name == "UTC" ? .utc : nil }
}
