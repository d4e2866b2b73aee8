import Core
import Foundation
import JSON
import Testing

@testable import Reports

@Suite
struct PDFTests {
    @Test(arguments: ReportType.allCases)
    func `a PDF has every figure of the JSON, in its row`(type: ReportType) throws {
        let pdf = try PDFFile(try Sample.bytes(type, .pdf))
        let answers = try Sample.answers()
        let request = try Sample.request(type, .pdf)
        let methods = Set(request.plans.map(\.method.rawValue))
        for (table, method) in Series.all where methods.contains(method) {
            let fields = try #require(Series.fields[table])
            for row in try #require(answers[method]?["data"]?.arrayValue) {
                let date = try #require(row["date"]?.stringValue)
                let line = ([date] + fields.map { Series.text(row[$0], field: $0) })
                    .joined(separator: " ")
                #expect(pdf.lines.contains(line), "\(table): \(line)")
            }
        }
        for (_, method) in Series.summaries where methods.contains(method) {
            let answer = try #require(answers[method])
            for member in answer.objectValue ?? [] where member.value.doubleValue != nil {
                let text = Series.text(member.value, field: member.name)
                #expect(pdf.lines.contains { $0.contains(" \(text)") }, "\(method).\(member.name)")
            }
        }
    }

    @Test
    func `a PDF says what it is about, page by page`() throws {
        let pdf = try PDFFile(try Sample.bytes(.full, .pdf, ["title": "Relatório de janeiro"]))
        #expect(pdf.information["Title"] == "Relatório de janeiro")
        #expect(pdf.information["Creator"] == "botstats")
        // The figures' own time, `data_as_of` in the fixture, and not that of making.
        #expect(pdf.information["CreationDate"] == "2026-11-25T11:51:24-03")
        #expect(pdf.information["Page size"]?.contains("A4") == true)
        let count = try #require(pdf.information["Pages"].flatMap { Int($0) })
        for page in 1...count {
            #expect(pdf.lines.contains { $0.hasSuffix("Page \(page) of \(count)") })
        }
        let sha256 = try Sample.figures(try Sample.request(.full, .pdf)).sha256
        #expect(pdf.lines.count { $0.contains(sha256) } == count)
    }

    @Test
    func `a table that goes on over pages repeats its header`() throws {
        let pdf = try PDFFile(try Sample.bytes(.full, .pdf))
        var continued = 0
        for page in pdf.pages {
            guard let first = page.firstIndex(where: { $0.hasPrefix("2025-01-") }) else { continue }
            let headers = ["Day", "First week", "Busiest hour Conv"]
            #expect(page[..<first].contains { line in headers.contains { line.hasPrefix($0) } })
            if !page[first].hasPrefix("2025-01-01") { continued += 1 }
        }
        #expect(continued > 0)
    }

    @Test(arguments: ["Relatório de atenção", "تقرير المحادثات الشهري", "一月份聊天报告", "Отчёт"])
    func `a title in any script is embedded and can be searched`(title: String) throws {
        let pdf = try PDFFile(try Sample.bytes(.satisfaction, .pdf, ["title": .string(title)]))
        #expect(pdf.text.contains(title))
        #expect(!pdf.fonts.isEmpty)
        #expect(pdf.fonts.allSatisfy { $0.isEmbedded && $0.hasText })
    }

    @Test
    func `the same figures give the same bytes`() throws {
        let first = try Sample.bytes(.full, .pdf)
        #expect(try Sample.bytes(.full, .pdf) == first)
        #expect(try Sample.bytes(.full, .pdf, ["title": "Another"]) != first)
    }
}
