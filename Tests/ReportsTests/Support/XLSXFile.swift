import Foundation
import Testing

/// A workbook as unzip and a few patterns read it.
struct XLSXFile {
    /// Cells by their reference, such as `B2`.
    typealias Sheet = [String: Cell]

    enum Cell: Equatable {
        case text(String)
        case number(Double)
        case boolean(Bool)
    }

    private(set) var sheets: [String: Sheet] = [:]
    /// The names of the files inside.
    let parts: [String]
    /// When it says it was made.
    let created: String?

    init(_ bytes: [UInt8]) throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "botstats-\(UUID().uuidString).xlsx")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        func part(_ name: String) throws -> String {
            try Tool.run("unzip", ["-p", url.path, name])
        }
        parts = try Tool.run("unzip", ["-Z1", url.path]).split(separator: "\n").map(String.init)
        created = try part("docProps/core.xml").firstMatch(of: /<dcterms:created[^>]*>([^<]*)</)
            .map { String($0.1) }
        let strings = try part("xl/sharedStrings.xml").matches(of: /<si><t[^>]*>(.*?)<\/t><\/si>/)
            .map { Self.unescaped(String($0.1)) }
        let names = try part("xl/workbook.xml").matches(of: /<sheet name="([^"]*)"/)
            .map { Self.unescaped(String($0.1)) }
        for (index, name) in names.enumerated() {
            let xml = try part("xl/worksheets/sheet\(index + 1).xml")
            try #require(!xml.contains("<f>"), "no cell is a formula")
            var sheet: Sheet = [:]
            for cell in xml.matches(of: /<c r="([A-Z]+[0-9]+)"([^>]*)><v>([^<]*)<\/v><\/c>/) {
                let value = String(cell.3)
                let attributes = String(cell.2)
                sheet[String(cell.1)] =
                    if attributes.contains("t=\"s\"") {
                        .text(strings[Int(value) ?? 0])
                    } else if attributes.contains("t=\"b\"") {
                        .boolean(value == "1")
                    } else {
                        .number(Double(value) ?? .nan)
                    }
            }
            sheets[name] = sheet
        }
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
    }

    /// The day's number in a spreadsheet: days since 30 December 1899.
    static func day(_ label: String) throws -> Double {
        let parts = label.split(separator: "-").compactMap { Int($0) }
        var components = DateComponents()
        (components.year, components.month, components.day) = (parts[0], parts[1], parts[2])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        return try #require(calendar.date(from: components)).timeIntervalSince1970 / 86_400 + 25_569
    }
}
