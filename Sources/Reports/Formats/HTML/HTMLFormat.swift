/// A report as one file for a browser: no script, nothing loaded from anywhere.
struct HTMLFormat {
    private let document: ReportDocument

    init(_ document: ReportDocument) { self.document = document }

    func bytes() -> [UInt8] {
        var html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="data-version" content="\(document.dataVersion)">
            <meta name="data-sha256" content="\(document.sha256)">
            <title>\(Self.escaped(document.title))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>

            """
        writeHeader(into: &html)
        for section in document.sections { write(section, into: &html) }
        writeDefinitions(into: &html)
        html += """
            <footer>Data version \(CellText.grouped(document.dataVersion)) · SHA-256 of the figures \
            <code>\(document.sha256)</code></footer>
            </main>
            </body>
            </html>

            """
        return Array(html.utf8)
    }

    // MARK: - Parts

    private func writeHeader(into html: inout String) {
        html += "<header>\n<h1 dir=\"auto\">\(Self.escaped(document.title))</h1>\n<dl>\n"
        for fact in document.facts {
            html += "<div><dt>\(fact.title)</dt><dd>\(Self.escaped(fact.text))</dd></div>\n"
        }
        html += "</dl>\n</header>\n<ul class=\"highlights\">\n"
        for highlight in document.highlights {
            html += "<li><span>\(Self.escaped(highlight.title))</span>"
            html += "<strong>\(CellText.text(highlight.value))</strong>"
            html +=
                "<em class=\"\(Self.tone(highlight))\">\(changeText(highlight))</em></li>\n"
        }
        html += "</ul>\n"
    }

    private func changeText(_ highlight: ReportDocument.Highlight) -> String {
        guard case .change = highlight.change else { return "no comparison" }
        return CellText.text(highlight.change) + " vs \(document.comparison)"
    }

    private static func tone(_ highlight: ReportDocument.Highlight) -> String {
        highlight.isGood.map { $0 ? "good" : "bad" } ?? "neutral"
    }

    private func write(_ section: ReportDocument.Section, into html: inout String) {
        html += "<section>\n<h2>\(Self.escaped(section.title))</h2>\n"
        let charts = section.charts.compactMap { chart in
            document.table(chart.table).flatMap { table in
                ChartLayout.draw(chart, of: table, width: 520, height: 220).map { (chart, $0) }
            }
        }
        if !charts.isEmpty { html += "<div class=\"charts\">\n" }
        for (chart, drawing) in charts {
            html += "<figure>\n<figcaption>\(Self.escaped(chart.title))</figcaption>\n"
            html += SVG.text(of: drawing, title: chart.title)
            html += "</figure>\n"
        }
        if !charts.isEmpty { html += "</div>\n" }
        for table in section.tables { write(table, into: &html) }
        html += "</section>\n"
    }

    private func write(_ table: ReportTable, into html: inout String) {
        html += "<h3>\(Self.escaped(table.title))</h3>\n<div class=\"scroll\"><table"
        html += " id=\"\(table.name)\">\n<thead><tr>"
        for (index, column) in table.columns.enumerated() {
            html += "<th scope=\"col\"\(table.isNumeric(index) ? " class=\"n\"" : "")>"
            html += "\(Self.escaped(column.title))</th>"
        }
        html += "</tr></thead>\n<tbody>\n"
        for row in table.rows {
            html += "<tr>"
            for (index, cell) in row.cells.enumerated() {
                html += Self.cell(
                    cell,
                    isShaded: table.columns[index].isShaded,
                    mark: index == 0 && !row.isComplete ? "&nbsp;*" : ""
                )
            }
            html += "</tr>\n"
        }
        html += "</tbody>\n"
        if let totals = table.totals {
            html += "<tfoot><tr>" + totals.map { Self.cell($0) }.joined() + "</tr></tfoot>\n"
        }
        html += "</table></div>\n"
        for note in table.notes { html += "<p class=\"note\">\(Self.escaped(note))</p>\n" }
    }

    private static func cell(
        _ cell: ReportCell,
        isShaded: Bool = false,
        mark: String = ""
    ) -> String {
        var attributes = ""
        switch cell {
        case .text, .moment: break
        default: attributes = " class=\"n\""
        }
        if isShaded, case .rate(let value) = cell {
            attributes =
                " class=\"n heat\" style=\"--heat:\(CellText.decimal(value * 100, places: 1))%\""
        }
        return "<td\(attributes)>\(escaped(CellText.text(cell)))\(mark)</td>"
    }

    private func writeDefinitions(into html: inout String) {
        html += "<section class=\"definitions\">\n<h2>Definitions</h2>\n<dl>\n"
        for definition in document.definitions {
            html += "<dt>\(Self.escaped(definition.title))</dt>"
            html += "<dd>\(Self.escaped(definition.text))</dd>\n"
        }
        html += "</dl>\n</section>\n"
    }

    /// Text as it may stand in an element or an attribute.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
