internal import Documents

/// Charts on pages: the drawings that SVG shows, scaled.
extension PDFLayout {
    /// Points for a unit of a drawing.
    private static let scale = 0.65
    private static let gap = 12.0
    private static let padding = 9.0
    private static let titleHeight = 16.0
    private static let legendHeight = 14.0

    /// Charts in pairs; one that is left over takes the whole width.
    mutating func charts(_ charts: [ReportChart], of document: ReportDocument) {
        let shown = charts.filter { draw($0, of: document, width: 100) != nil }
        for start in stride(from: 0, to: shown.count, by: 2) {
            let row = shown[start..<min(start + 2, shown.count)]
            let gaps = Self.gap * Double(row.count - 1)
            let width = (PDFTheme.contentWidth - gaps) / Double(row.count)
            let drawings = row.compactMap { chart in
                draw(chart, of: document, width: width - 2 * Self.padding).map { (chart, $0) }
            }
            let heights = drawings.map { drawing in
                let legend = drawing.1.legend.isEmpty ? 0 : Self.legendHeight
                return drawing.1.height * Self.scale + legend
            }
            let height = (heights.max() ?? 0) + Self.titleHeight + 2 * Self.padding
            reserve(height)
            for (index, (chart, drawing)) in drawings.enumerated() {
                let x = PDFTheme.margin + (width + Self.gap) * Double(index)
                let frame = ChartDrawing.Rectangle(x: x, y: y, width: width, height: height)
                place(drawing, titled: chart.title, in: frame)
            }
            y += height + 14
        }
    }

    private func draw(
        _ chart: ReportChart,
        of document: ReportDocument,
        width: Double
    ) -> ChartDrawing? {
        document.table(chart.table).flatMap {
            ChartLayout.draw(chart, of: $0, width: width / Self.scale, height: 190)
        }
    }

    private mutating func place(
        _ drawing: ChartDrawing,
        titled title: String,
        in frame: ChartDrawing.Rectangle
    ) {
        add(.fill(frame, radius: 5, PDFTheme.line))
        let inner = ChartDrawing.Rectangle(
            x: frame.x + 0.7,
            y: frame.y + 0.7,
            width: frame.width - 1.4,
            height: frame.height - 1.4
        )
        add(.fill(inner, radius: 4.5, DocumentColor(hex: 0xffffff)))
        let left = frame.x + Self.padding
        let top = frame.y + Self.padding
        var style = PDFTheme.body
        style.isBold = true
        write(title, style, x: left, y: top - 1, width: frame.width - 2 * Self.padding, isCut: true)
        func point(_ point: ChartDrawing.Point) -> ChartDrawing.Point {
            ChartDrawing.Point(
                x: left + point.x * Self.scale,
                y: top + Self.titleHeight + point.y * Self.scale
            )
        }
        for shape in drawing.shapes { add(shape, point) }
        var x = left
        for item in drawing.legend {
            let y = top + Self.titleHeight + drawing.height * Self.scale + 3
            let box = ChartDrawing.Rectangle(x: x, y: y + 1.5, width: 6, height: 6)
            add(.fill(box, radius: 1.2, PDFTheme.series[item.color]))
            write(item.title, PDFTheme.tiny, x: x + 9, y: y)
            x += 22 + canvas.measure(item.title, PDFTheme.tiny).width
        }
    }

    private mutating func add(
        _ shape: ChartDrawing.Shape,
        _ point: (ChartDrawing.Point) -> ChartDrawing.Point
    ) {
        switch shape {
        case .gridLine(let from, let to):
            add(.stroke([point(from), point(to)], width: 0.5, PDFTheme.line))
        case .curve(let points, let color):
            add(.stroke(points.map(point), width: 1.3, PDFTheme.series[color]))
        case .dot(let center, let color):
            let center = point(center)
            let dot = ChartDrawing.Rectangle(
                x: center.x - 1.8,
                y: center.y - 1.8,
                width: 3.6,
                height: 3.6
            )
            add(.fill(dot, radius: 1.8, PDFTheme.series[color]))
        case .bar(let bar, let color):
            let corner = point(ChartDrawing.Point(x: bar.x, y: bar.y))
            let scaled = ChartDrawing.Rectangle(
                x: corner.x,
                y: corner.y,
                width: bar.width * Self.scale,
                height: bar.height * Self.scale
            )
            add(.fill(scaled, radius: 0, PDFTheme.series[color]))
        case .label(let text, let anchor, let side, let isMuted):
            label(text, at: point(anchor), side, isMuted: isMuted)
        }
    }

    private mutating func label(
        _ text: String,
        at anchor: ChartDrawing.Point,
        _ side: ChartDrawing.Anchor,
        isMuted: Bool
    ) {
        let style = TextStyle(
            size: ChartDrawing.labelSize * Self.scale,
            isMuted ? PDFTheme.muted : PDFTheme.ink
        )
        let size = canvas.measure(text, style)
        let x =
            switch side {
            case .start: anchor.x
            case .middle: anchor.x - size.width / 2
            case .end: anchor.x - size.width
            }
        write(text, style, x: x, y: anchor.y - size.baseline)
    }
}
