/// A report as RFC 4180 has tables: a section for each, an empty line between two of them.
///
/// Numbers are written as the JSON has them: not rounded, not grouped. What cannot be known is an
/// empty field.
enum CSVFormat {
    /// Writes a document, or one table of it without anything around it.
    static func bytes(of document: ReportDocument, table name: String?) -> [UInt8] {
        var output = CSVWriter()
        if let name {
            if let table = document.table(name) { write(table, into: &output) }
            return output.bytes
        }
        output.row([.text("report"), .text(document.title)])
        for fact in document.facts { output.row([.text(fact.name), .text(fact.text)]) }
        output.row([.text("data_sha256"), .text(document.sha256)])
        for table in document.tables {
            output.row([])
            output.row([.text("table"), .text(table.name), .text(table.title)])
            write(table, into: &output)
        }
        output.row([])
        output.row([.text("table"), .text("definitions"), .text("Definitions")])
        output.row([.text("figure"), .text("title"), .text("meaning")])
        for definition in document.definitions {
            output.row([
                .text(definition.name), .text(definition.title), .text(definition.text),
            ])
        }
        return output.bytes
    }

    /// The column names of the JSON, the rows, and the totals where there are any.
    private static func write(_ table: ReportTable, into output: inout CSVWriter) {
        var heading = table.columns.map { ReportCell.text($0.name) }
        let isSummary = table.columns.first?.name == "figure"
        if table.isSeries { heading += [.text("start"), .text("complete")] }
        output.row(heading)
        for row in table.rows {
            var cells = row.cells
            if isSummary, let field = row.field { cells[0] = .text(field) }
            if table.isSeries {
                cells.append(.text(row.start ?? ""))
                cells.append(.text(row.isComplete ? "true" : "false"))
            }
            output.row(cells)
        }
        if var totals = table.totals {
            if table.isSeries { totals += [.unknown, .unknown] }
            output.row(totals)
        }
    }
}

/// Fields and records.
private struct CSVWriter {
    /// A byte order mark: without one Excel takes the text for the system's old code page.
    private(set) var bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    mutating func row(_ cells: [ReportCell]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: Self.field(cell).utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func field(_ cell: ReportCell) -> String {
        switch cell {
        case .unknown: ""
        case .text(let text): quoted(text)
        case .moment(let moment): moment.label
        case .integer(let value): String(value)
        case .decimal(let value), .rate(let value), .seconds(let value), .change(let value):
            value.description
        }
    }

    /// A text, in quotes where it needs them, and with an apostrophe before what a spreadsheet
    /// would take for a formula.
    private static func quoted(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) {
            text = "'" + text
        }
        let needsQuotes = text.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0a || byte == 0x0d
        }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
