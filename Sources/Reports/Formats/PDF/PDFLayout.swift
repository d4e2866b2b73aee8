internal import Documents

/// Places a document's parts on pages, from top to bottom.
struct PDFLayout {
    let canvas: PDFCanvas
    private(set) var pages = [PDFPage()]
    /// How far the running page is filled.
    var y = PDFTheme.margin

    init(_ canvas: PDFCanvas) { self.canvas = canvas }

    // MARK: - Pages

    /// Room that is left on the running page.
    var room: Double { PDFTheme.bottom - y }

    /// Begins a page where less room than this is left.
    mutating func reserve(_ height: Double) {
        // What is taller than a page is not helped by a new one.
        guard room < height, y > PDFTheme.top else { return }
        breakPage()
    }

    mutating func breakPage() {
        pages.append(PDFPage())
        y = PDFTheme.top
    }

    mutating func add(_ item: PDFPage.Item) { pages[pages.count - 1].items.append(item) }

    mutating func write(
        _ text: String,
        _ style: TextStyle,
        x: Double,
        y: Double,
        width: Double? = nil,
        _ alignment: TextAlignment = .leading,
        isCut: Bool = false
    ) {
        let box = PDFPage.TextBox(x: x, y: y, width: width, alignment: alignment, isCut: isCut)
        add(.text(text, box, style))
    }

    /// A line across the content.
    mutating func rule(at y: Double, width: Double = 0.6, _ color: DocumentColor = PDFTheme.line) {
        let right = PDFTheme.margin + PDFTheme.contentWidth
        add(
            .stroke(
                [
                    ChartDrawing.Point(x: PDFTheme.margin, y: y),
                    ChartDrawing.Point(x: right, y: y),
                ],
                width: width,
                color
            )
        )
    }

    /// A text over the width of the content, its lines broken.
    mutating func paragraph(_ text: String, _ style: TextStyle, after gap: Double) {
        let height = canvas.measure(text, style, width: PDFTheme.contentWidth).height
        reserve(height)
        write(text, style, x: PDFTheme.margin, y: y, width: PDFTheme.contentWidth)
        y += height + gap
    }

    // MARK: - Parts

    /// The title, what the report is about, and the figures that stand out.
    mutating func cover(_ document: ReportDocument) {
        add(
            .fill(
                ChartDrawing.Rectangle(x: 0, y: 0, width: PDFTheme.pageWidth, height: 6),
                radius: 0,
                PDFTheme.accent
            )
        )
        pages[0].outline.append((document.title, 0))
        paragraph(document.title, PDFTheme.title, after: 10)
        facts(document.facts)
        highlights(document.highlights, document.comparison)
    }

    private mutating func facts(_ facts: [ReportDocument.Fact]) {
        let columnCount = 3
        let gap = 14.0
        let width =
            (PDFTheme.contentWidth - gap * Double(columnCount - 1)) / Double(columnCount)
        for start in stride(from: 0, to: facts.count, by: columnCount) {
            let row = facts[start..<min(start + columnCount, facts.count)]
            let heights = row.map { canvas.measure($0.text, PDFTheme.body, width: width).height }
            let height = 10 + (heights.max() ?? 0)
            reserve(height)
            for (index, fact) in row.enumerated() {
                let x = PDFTheme.margin + (width + gap) * Double(index)
                write(fact.title, PDFTheme.tiny, x: x, y: y)
                write(fact.text, PDFTheme.body, x: x, y: y + 9, width: width)
            }
            y += height + 7
        }
        y += 6
    }

    private mutating func highlights(
        _ highlights: [ReportDocument.Highlight],
        _ comparison: String
    ) {
        let columnCount = 4
        let gap = 8.0
        let width =
            (PDFTheme.contentWidth - gap * Double(columnCount - 1)) / Double(columnCount)
        let height = 58.0
        for (index, highlight) in highlights.enumerated() {
            let column = index % columnCount
            if column == 0, index > 0 { y += height + gap }
            let box = ChartDrawing.Rectangle(
                x: PDFTheme.margin + (width + gap) * Double(column),
                y: y,
                width: width,
                height: height
            )
            add(.fill(box, radius: 5, PDFTheme.panel))
            let inner = width - 18
            write(
                highlight.title,
                PDFTheme.small,
                x: box.x + 9,
                y: y + 7,
                width: inner,
                isCut: true
            )
            let value = CellText.text(highlight.value)
            let style = TextStyle(size: value.count > 10 ? 12 : 16, PDFTheme.ink, isBold: true)
            let size = canvas.measure(value, style)
            let middle = y + 28 - size.height / 2
            write(value, style, x: box.x + 9, y: middle, width: inner, isCut: true)
            var tone = TextStyle(size: 7.5, PDFTheme.muted)
            if let isGood = highlight.isGood { tone.color = isGood ? PDFTheme.good : PDFTheme.bad }
            var change = "no comparison"
            if case .change = highlight.change {
                change = CellText.text(highlight.change) + " vs \(comparison)"
            }
            write(change, tone, x: box.x + 9, y: y + 41, width: inner, isCut: true)
        }
        if !highlights.isEmpty { y += height + 14 }
    }

    /// A section: its charts, then its tables.
    mutating func section(_ section: ReportDocument.Section, of document: ReportDocument) {
        // A heading does not stand alone at the end of a page.
        reserve(250)
        heading(section.title)
        charts(section.charts, of: document)
        for table in section.tables { self.table(table) }
    }

    mutating func heading(_ title: String) {
        if y > PDFTheme.top { y += 10 }
        pages[pages.count - 1].outline.append((title, y))
        write(title, PDFTheme.heading, x: PDFTheme.margin, y: y)
        y += 21
        rule(at: y, width: 1.2, PDFTheme.line)
        y += 10
    }

    /// What the figures mean: footnotes of the whole report.
    mutating func definitions(_ definitions: [ReportDocument.Definition]) {
        reserve(120)
        heading("Definitions")
        let titleWidth = 130.0
        let textWidth = PDFTheme.contentWidth - titleWidth - 12
        var bold = PDFTheme.small
        bold.isBold = true
        bold.color = PDFTheme.ink
        for definition in definitions {
            let height = max(
                canvas.measure(definition.title, bold, width: titleWidth).height,
                canvas.measure(definition.text, PDFTheme.small, width: textWidth).height
            )
            reserve(height)
            write(definition.title, bold, x: PDFTheme.margin, y: y, width: titleWidth)
            write(
                definition.text,
                PDFTheme.small,
                x: PDFTheme.margin + titleWidth + 12,
                y: y,
                width: textWidth
            )
            y += height + 4
        }
    }
}
