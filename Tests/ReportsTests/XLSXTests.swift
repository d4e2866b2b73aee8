import Core
import Foundation
import JSON
import Testing

@testable import Reports

@Suite
struct XLSXTests {
    private static let sheets = [
        "usage_daily": "Usage by day", "volume": "Volume", "duration_series": "Duration over time",
        "resolution_series": "Outcomes over time", "engagement_series": "Users over time",
        "satisfaction_series": "Satisfaction over time",
    ]

    @Test(arguments: ReportType.allCases)
    func `a workbook has every figure of the JSON as a number`(type: ReportType) throws {
        let file = try XLSXFile(try Sample.bytes(type, .xlsx))
        let answers = try Sample.answers()
        let request = try Sample.request(type, .xlsx)
        let methods = Set(request.plans.map(\.method.rawValue))
        for (table, method) in Series.all where methods.contains(method) {
            let name = try #require(Self.sheets[table])
            let sheet = try #require(file.sheets[name])
            let fields = try #require(Series.fields[table])
            let rows = try #require(answers[method]?["data"]?.arrayValue)
            for (index, row) in rows.enumerated() {
                let line = index + 2
                let label = try #require(row["date"]?.stringValue)
                #expect(sheet["A\(line)"] == .number(try XLSXFile.day(label)))
                for (column, field) in zip("BCDEFGH", fields) {
                    #expect(Self.equals(sheet["\(column)\(line)"], row[field]), "\(table).\(field)")
                }
            }
        }
        for (table, method) in Series.summaries where methods.contains(method) {
            let answer = try #require(answers[method])
            let name = table.prefix(1).uppercased() + table.dropFirst()
            let sheet = try #require(file.sheets[name])
            let figures = (answer.objectValue ?? []).filter {
                $0.value.doubleValue != nil || $0.value == .null
            }
            for (index, figure) in figures.enumerated() {
                let line = index + 2
                #expect(Self.equals(sheet["B\(line)"], figure.value))
                #expect(Self.equals(sheet["C\(line)"], answer["previous"]?[figure.name]))
                #expect(Self.equals(sheet["D\(line)"], answer["change"]?[figure.name]))
            }
        }
    }

    /// Whether a cell is a number, to the 15 digits that spreadsheets have, or empty for null.
    private static func equals(_ cell: XLSXFile.Cell?, _ value: JSONValue?) -> Bool {
        guard let number = value?.doubleValue else { return cell == nil }
        guard case .number(let written)? = cell else { return false }
        return abs(written - number) <= abs(number) * 1e-15
    }

    @Test
    func `a title that looks like a formula is a text`() throws {
        let file = try XLSXFile(try Sample.bytes(.usage, .xlsx, ["title": "=1+1"]))
        #expect(file.sheets["Report"]?["A1"] == .text("=1+1"))
    }

    @Test
    func `charts are the spreadsheet's own, where they are wanted`() throws {
        func charts(_ more: [String: JSONValue]) throws -> Int {
            try XLSXFile(try Sample.bytes(.full, .xlsx, more)).parts
                .count { $0.hasPrefix("xl/charts/chart") }
        }
        #expect(try charts([:]) == 11)
        #expect(try charts(["include_charts": false]) == 0)
    }

    @Test
    func `the same figures give the same workbook`() throws {
        let first = try Sample.bytes(.full, .xlsx)
        #expect(try Sample.bytes(.full, .xlsx) == first)
        // The figures' own time, and not that of making.
        #expect(try XLSXFile(first).created == "2026-11-25T14:51:24Z")
    }
}
