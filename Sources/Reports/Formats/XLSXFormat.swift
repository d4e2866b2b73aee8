internal import Core
internal import Documents

/// A report as a workbook: what it is about, a sheet for each table, what the figures mean.
struct XLSXFormat {
    private let document: ReportDocument
    private let workbook: Workbook

    /// Makes the bytes of a document.
    static func bytes(of document: ReportDocument) throws(ReportFailure) -> [UInt8] {
        do throws(DocumentError) {
            let format = XLSXFormat(
                document: document,
                workbook: try Workbook(
                    title: document.title,
                    subject: document.facts.first { $0.name == "period" }?.text ?? "",
                    comments: "Data version \(document.dataVersion), "
                        + "SHA-256 of figures \(document.sha256)",
                    createdAtSeconds: seconds(document.dataAsOf)
                )
            )
            try format.writeCover()
            for table in document.tables { try format.write(table) }
            try format.writeDefinitions()
            return try format.workbook.finish()
        } catch {
            throw ReportFailure(error.description)
        }
    }

    /// Seconds since 1970 of RFC 3339, its clock taken as UTC's; the library writes it back so.
    private static func seconds(_ text: String?) -> Int {
        guard let text, let day = LocalMoment(String(text.prefix(10))) else { return 1 }
        let parts = text.dropFirst(11).prefix(8).split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3 else { return 1 }
        // The text is local time with its offset; the file has no zone.
        let zone = text.suffix(6)
        let offset = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard offset.count == 2 else { return 1 }
        let ahead = (offset[0] * 3_600 + offset[1] * 60) * (zone.hasPrefix("-") ? -1 : 1)
        return day.date.day * 86_400 + parts[0] * 3_600 + parts[1] * 60 + parts[2] - ahead
    }

    // MARK: - Sheets

    private func writeCover() throws(DocumentError) {
        let sheet = try workbook.addSheet("Report")
        var title = CellFormat(isBold: true)
        title.size = 18
        sheet.write(.text(document.title), row: 0, column: 0, title)
        var row = 2
        for fact in document.facts {
            sheet.write(.text(fact.title), row: row, column: 0, CellFormat(isBold: true))
            sheet.write(.text(fact.text), row: row, column: 1, CellFormat())
            row += 1
        }
        sheet.write(.text("SHA-256 of figures"), row: row, column: 0, CellFormat(isBold: true))
        sheet.write(.text(document.sha256), row: row, column: 1, CellFormat())
        row += 2
        var heading = CellFormat(isBold: true)
        heading.isHeading = true
        let headings = ["Key figures", "Value", "Change vs \(document.comparison)"]
        for (column, text) in headings.enumerated() {
            sheet.write(.text(text), row: row, column: column, heading)
        }
        for highlight in document.highlights {
            row += 1
            sheet.write(.text(highlight.title), row: row, column: 0, CellFormat())
            write(highlight.value, to: sheet, row: row, column: 1)
            write(highlight.change, to: sheet, row: row, column: 2)
        }
        sheet.setWidth(26, ofColumn: 0)
        sheet.setWidth(30, ofColumn: 1)
        sheet.setWidth(26, ofColumn: 2)
        sheet.fitPage()
    }

    private func write(_ table: ReportTable) throws(DocumentError) {
        let sheet = try workbook.addSheet(table.title)
        var heading = CellFormat(isBold: true)
        heading.isHeading = true
        for (column, item) in table.columns.enumerated() {
            sheet.write(.text(item.title), row: 0, column: column, heading)
        }
        let completeColumn = table.columns.count
        if table.isSeries {
            sheet.write(.text("Complete"), row: 0, column: completeColumn, heading)
        }
        for (index, row) in table.rows.enumerated() {
            for (column, cell) in row.cells.enumerated() {
                write(cell, to: sheet, row: index + 1, column: column)
            }
            guard table.isSeries else { continue }
            let complete = Sheet.Value.boolean(row.isComplete)
            sheet.write(complete, row: index + 1, column: completeColumn, CellFormat())
        }
        var next = table.rows.count + 1
        if let totals = table.totals {
            for (column, cell) in totals.enumerated() {
                write(cell, to: sheet, row: next, column: column, isBold: true)
            }
            next += 1
        }
        for (index, note) in table.notes.enumerated() {
            sheet.write(.text(note), row: next + 1 + index, column: 0, CellFormat())
        }
        let shaded = table.columns.indices.filter { table.columns[$0].isShaded }
        if let first = shaded.first, let last = shaded.last {
            sheet.shade(rows: 1..<table.rows.count + 1, columns: first..<last + 1)
        }
        setWidths(of: table, sheet)
        sheet.freeze(rowCount: 1)
        sheet.fitPage()
        insertCharts(of: table, sheet)
    }

    private func setWidths(of table: ReportTable, _ sheet: Sheet) {
        for (column, item) in table.columns.enumerated() {
            let texts = table.rows.map { CellText.text($0.cells[column]) } + [item.title]
            let longest = texts.map(\.count).max() ?? 0
            sheet.setWidth(Double(min(60, max(9, longest + 3))), ofColumn: column)
        }
    }

    private func writeDefinitions() throws(DocumentError) {
        let sheet = try workbook.addSheet("Definitions")
        var heading = CellFormat(isBold: true)
        heading.isHeading = true
        sheet.write(.text("Figure"), row: 0, column: 0, heading)
        sheet.write(.text("Meaning"), row: 0, column: 1, heading)
        var wrapped = CellFormat()
        wrapped.wraps = true
        for (index, definition) in document.definitions.enumerated() {
            sheet.write(.text(definition.title), row: index + 1, column: 0, wrapped)
            sheet.write(.text(definition.text), row: index + 1, column: 1, wrapped)
        }
        sheet.setWidth(28, ofColumn: 0)
        sheet.setWidth(95, ofColumn: 1)
        sheet.freeze(rowCount: 1)
        sheet.fitPage()
    }

    // MARK: - Cells

    /// Writes a cell as the number or the date it is; what is unknown stays empty.
    private func write(
        _ cell: ReportCell,
        to sheet: Sheet,
        row: Int,
        column: Int,
        isBold: Bool = false
    ) {
        func put(_ value: Sheet.Value, _ format: String?) {
            sheet.write(value, row: row, column: column, CellFormat(format, isBold: isBold))
        }
        switch cell {
        case .unknown: break
        case .text(let text): put(.text(text), nil)
        case .integer(let value): put(.number(Double(value)), "#,##0")
        case .decimal(let value): put(.number(value), "#,##0.00")
        case .rate(let value): put(.number(value), "0.0%")
        case .change(let value): put(.number(value), "+0.0%;-0.0%;0.0%")
        case .seconds(let value): put(.number(value), "#,##0.00\" s\"")
        case .moment(let moment):
            // Spreadsheets have no dates before.
            guard moment.year >= 1_900 else { return put(.text(moment.text), nil) }
            let date = Sheet.Value.date(
                year: moment.year,
                month: moment.month,
                dayOfMonth: moment.dayOfMonth,
                hour: moment.hour
            )
            switch moment.precision {
            case .hour: put(date, "yyyy\\-mm\\-dd hh:mm")
            case .day: put(date, "yyyy\\-mm\\-dd")
            case .month: put(date, "yyyy\\-mm")
            }
        }
    }

    // MARK: - Charts

    private func insertCharts(of table: ReportTable, _ sheet: Sheet) {
        let charts = document.sections.flatMap(\.charts).filter { $0.table == table.name }
        var row = 1
        for chart in charts {
            guard let category = table.column(chart.category) else { continue }
            let columns = chart.series.compactMap { table.column($0) }
            let count = min(table.rows.count, chart.rowsMaximum)
            sheet.insert(
                Sheet.Chart(
                    title: chart.title,
                    kind: chart.kind.onSheet,
                    rows: 1..<count + 1,
                    categories: category,
                    series: columns.enumerated().map { index, column in
                        (column, PDFTheme.seriesHex[index % PDFTheme.seriesHex.count])
                    }
                ),
                row: row,
                column: table.columns.count + 2
            )
            row += 18
        }
    }
}

extension ReportChart.Kind {
    fileprivate var onSheet: Sheet.Chart.Kind {
        switch self {
        case .line: .line
        case .bars: .column
        case .stacked: .stackedColumn
        case .ranking: .bar
        }
    }
}
