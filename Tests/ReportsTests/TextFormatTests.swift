import Foundation
import JSON
import Testing

@testable import Reports

@Suite
struct TextFormatTests {
    @Test(
        arguments: [
            (.integer(0), "0"), (.integer(1_234_567), "1,234,567"), (.integer(-1_000), "-1,000"),
            (.decimal(3.14159), "3.14"), (.decimal(1_234.005), "1,234.01"),
            (.rate(0.4567), "45.7%"),
            (.rate(1), "100.0%"), (.seconds(0.123), "0.12 s"), (.seconds(9.999), "10.0 s"),
            (.seconds(59.96), "1 min 00 s"), (.seconds(185), "3 min 05 s"),
            (.seconds(7_380), "2 h 03 min"), (.seconds(360_000), "4 d 04 h"),
            (.change(-0.0312), "-3.1%"), (.change(0.5), "+50.0%"), (.change(-0.0001), "0.0%"),
            (.unknown, "–"),
        ] as [(ReportCell, String)]
    )
    func `a cell is written as people read it`(cell: ReportCell, text: String) {
        #expect(CellText.text(cell) == text)
    }

    @Test(arguments: ReportType.allCases)
    func `JSON has the answers as the methods give them`(type: ReportType) throws {
        let file = try JSONValue(parsing: Sample.bytes(type, .json))
        let answers = try Sample.answers()
        for member in try #require(file["data"]?.objectValue) {
            let answer = try #require(answers[member.name]?.objectValue)
            for figure in answer where figure.name != "meta" {
                #expect(member.value[figure.name] == figure.value)
            }
            #expect(member.value["meta"]?["generated_at"] == nil)
        }
        let data = try #require(file["data"])
        #expect(
            file["data_sha256"]?.stringValue == ReportFigures.digest(data.serializedBytes())
        )
    }

    @Test
    func `CSV has the numbers of the JSON, unrounded`() throws {
        let csv = CSVFile(try Sample.text(.full, .csv))
        let answers = try Sample.answers()
        for (table, method) in Series.all {
            let records = csv.table(table)
            let rows = try #require(answers[method]?["data"]?.arrayValue)
            let heading = try #require(records.first)
            for (record, row) in zip(records.dropFirst(), rows) {
                for (name, field) in zip(heading, record) {
                    #expect(field == Self.field(row[name]), "\(table).\(name)")
                }
            }
            #expect(records.count - 1 >= rows.count)
        }
        for (table, method) in Series.summaries {
            for record in csv.table(table).dropFirst() {
                let answer = try #require(answers[method])
                #expect(record[1] == Self.field(answer[record[0]]))
                #expect(record[2] == Self.field(answer["previous"]?[record[0]]))
                #expect(record[3] == Self.field(answer["change"]?[record[0]]))
            }
        }
        let cohorts = try #require(answers["engagement.retention"]?["data"]?.arrayValue)
        for (record, row) in zip(csv.table("retention_rates").dropFirst(), cohorts) {
            #expect(record[0] == row["cohort"]?.stringValue)
            #expect(Array(record.dropFirst(2)) == row["rates"]?.arrayValue?.map { Self.field($0) })
        }
    }

    private static func field(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case let value?: value.serialized()
        }
    }

    @Test
    func `one table of CSV stands alone`() throws {
        let csv = CSVFile(try Sample.text(.usage, .csv, ["table": "channels"]))
        #expect(csv.records.first == ["channel", "conversations", "messages"])
        #expect(csv.records.count == 5)
    }

    @Test(arguments: [
        "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "＝1",
    ])
    func `no text of CSV is a formula`(title: String) throws {
        let csv = CSVFile(try Sample.text(.usage, .csv, ["title": .string(title)]))
        #expect(csv.records.first == ["report", "'" + title])
    }

    @Test
    func `a title keeps its commas and quotes in CSV`() throws {
        let title = "Bots, \"big\" ones"
        let csv = CSVFile(try Sample.text(.usage, .csv, ["title": .string(title)]))
        #expect(csv.records.first == ["report", title])
    }

    @Test
    func `HTML has every row's figures as people read them`() throws {
        let html = try Sample.text(.full, .html)
        let answers = try Sample.answers()
        for (table, method) in Series.all {
            let start = try #require(html.range(of: "<table id=\"\(table)\">"))
            let end = try #require(
                html.range(of: "</table>", range: start.upperBound..<html.endIndex)
            )
            let text = html[start.upperBound..<end.lowerBound]
            for row in try #require(answers[method]?["data"]?.arrayValue) {
                let fields = try #require(Series.fields[table])
                let cells = fields.map {
                    "<td class=\"n\">\(Series.text(row[$0], field: $0))</td>"
                }
                let line = "<tr><td>\(try #require(row["date"]?.stringValue))</td>" + cells.joined()
                #expect(text.contains(line), "\(table): \(line)")
            }
        }
    }

    @Test
    func `HTML takes nothing from elsewhere and no text for markup`() throws {
        let title = "<script>alert(1)</script> & \"co\""
        let html = try Sample.text(.full, .html, ["title": .string(title)])
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;"))
        for reference in ["src=", "href=", "url(", "@import", "http:", "https:"] {
            #expect(!html.contains(reference))
        }
        #expect(html.contains("prefers-color-scheme: dark"))
        #expect(html.contains("<svg"))
    }

    @Test
    func `charts are left out where none are wanted`() throws {
        #expect(!(try Sample.text(.full, .html, ["include_charts": false])).contains("<svg"))
    }
}
