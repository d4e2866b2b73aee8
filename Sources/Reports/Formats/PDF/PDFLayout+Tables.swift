internal import Documents

/// Tables on pages: as wide as the content, broken between rows, the header repeated.
extension PDFLayout {
    private static let rowHeight = 14.0
    private static let padding = 5.0

    /// A table's columns, placed.
    private struct Columns {
        var x: [Double] = []
        var width: [Double] = []
        var isNumber: [Bool] = []
        var style: TextStyle
        var headerHeight = 0.0
    }

    mutating func table(_ table: ReportTable) {
        let columns = columns(of: table)
        // Its title and header stay with the first rows; a short table stays in one piece.
        let rowCount = table.rows.count + (table.totals == nil ? 0 : 1)
        let kept = Double(rowCount <= 16 ? rowCount : 3) * Self.rowHeight
        reserve(20 + columns.headerHeight + kept)
        write(table.title, PDFTheme.subheading, x: PDFTheme.margin, y: y)
        y += 17
        header(table, columns)
        for row in table.rows {
            if room < Self.rowHeight {
                breakPage()
                header(table, columns)
            }
            cells(row.cells, table, columns, isMarked: !row.isComplete)
            rule(at: y, width: 0.4)
        }
        if table.rows.isEmpty {
            write("Nothing in this period.", PDFTheme.small, x: PDFTheme.margin, y: y + 2)
            y += Self.rowHeight
        }
        if let totals = table.totals {
            if room < Self.rowHeight {
                breakPage()
                header(table, columns)
            }
            rule(at: y, width: 1, PDFTheme.strongLine)
            cells(totals, table, columns, isBold: true)
        }
        y += 4
        for note in table.notes { paragraph(note, PDFTheme.tiny, after: 1) }
        y += 12
    }

    private mutating func header(_ table: ReportTable, _ columns: Columns) {
        var style = columns.style
        style.isBold = true
        style.color = PDFTheme.muted
        for (index, column) in table.columns.enumerated() {
            let width = columns.width[index] - 2 * Self.padding
            let height = canvas.measure(column.title, style, width: width).height
            write(
                column.title,
                style,
                x: columns.x[index] + Self.padding,
                y: y + columns.headerHeight - height - 3,
                width: width,
                columns.isNumber[index] ? .trailing : .leading
            )
        }
        y += columns.headerHeight
        rule(at: y, width: 1, PDFTheme.strongLine)
    }

    private mutating func cells(
        _ cells: [ReportCell],
        _ table: ReportTable,
        _ columns: Columns,
        isMarked: Bool = false,
        isBold: Bool = false
    ) {
        for (index, cell) in cells.enumerated() {
            var style = columns.style
            style.isBold = isBold
            if !isBold, table.columns[index].isShaded, case .rate(let value) = cell {
                let box = ChartDrawing.Rectangle(
                    x: columns.x[index] + 0.5,
                    y: y + 0.5,
                    width: columns.width[index] - 1,
                    height: Self.rowHeight - 1
                )
                add(.fill(box, radius: 0, PDFTheme.accent.onWhite(0.06 + 0.74 * value)))
                if value > 0.65 { style.color = DocumentColor(hex: 0xffffff) }
            }
            if cell == .unknown { style.color = PDFTheme.muted }
            let text = CellText.text(cell) + (isMarked && index == 0 ? " *" : "")
            write(
                text,
                style,
                x: columns.x[index] + Self.padding,
                y: y + (Self.rowHeight - style.size * 1.36) / 2,
                width: columns.width[index] - 2 * Self.padding,
                columns.isNumber[index] ? .trailing : .leading,
                isCut: true
            )
        }
        y += Self.rowHeight
    }

    // MARK: - Widths

    /// Gives each column what its widest cell needs, and shares out what is left over or missing.
    private func columns(of table: ReportTable) -> Columns {
        let isNarrow = table.columns.count > 8
        var columns = Columns(style: TextStyle(size: isNarrow ? 7 : 8, PDFTheme.ink))
        var bold = columns.style
        bold.isBold = true
        for (index, column) in table.columns.enumerated() {
            var cells = table.rows.map { $0.cells[index] }
            if let totals = table.totals { cells.append(totals[index]) }
            columns.isNumber.append(table.isNumeric(index))
            // The widest text is one of the longest; measuring all of them takes ten times longer.
            let texts = cells.map(CellText.text)
            let longest = texts.map(\.count).max() ?? 0
            let candidates = Set(texts.filter { $0.count == longest }.prefix(20))
            let words = column.title.split(separator: " ").map(String.init)
            let widths = (candidates + words).map { canvas.measure($0, bold).width }
            let mark = index == 0 && table.rows.contains { !$0.isComplete } ? 8.0 : 0
            columns.width.append((widths.max() ?? 0) + mark + 2 * Self.padding + 1)
        }
        let needed = columns.width.reduce(0, +)
        let missing = needed - PDFTheme.contentWidth
        if missing > 0,
            let widest = columns.width.indices.max(by: { left, right in
                columns.width[left] < columns.width[right]
            })
        {
            // A long name is cut before a number is.
            columns.width[widest] = max(40, columns.width[widest] - missing)
        }
        let rest = PDFTheme.contentWidth - columns.width.reduce(0, +)
        let share = rest / Double(columns.width.count)
        var x = PDFTheme.margin
        for index in columns.width.indices {
            columns.width[index] += share
            columns.x.append(x)
            x += columns.width[index]
        }
        let heights = zip(table.columns, columns.width).map { column, width in
            canvas.measure(column.title, bold, width: width - 2 * Self.padding).height
        }
        columns.headerHeight = (heights.max() ?? 0) + 6
        return columns
    }
}
