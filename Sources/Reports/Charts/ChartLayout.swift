/// Places a chart's data on its drawing.
struct ChartLayout {
    private let chart: ReportChart
    private let rows: [ReportTable.Row]
    private let category: Int
    private let series: [(title: String, column: Int)]
    private var drawing: ChartDrawing

    /// Draws a chart of a table.
    ///
    /// - Parameters:
    ///   - chart: The chart.
    ///   - table: Its table.
    ///   - width: The drawing's width.
    ///   - height: Its height; rankings take what their rows need.
    /// - Returns: The drawing; nil where there is nothing to show.
    static func draw(
        _ chart: ReportChart,
        of table: ReportTable,
        width: Double,
        height: Double
    ) -> ChartDrawing? {
        guard let category = table.column(chart.category) else { return nil }
        let series = chart.series.compactMap { name in
            table.column(name).map { (title: table.columns[$0].title, column: $0) }
        }
        let rows = Array(table.rows.prefix(chart.rowsMaximum))
        let hasNumbers = rows.contains { row in series.contains { row.cells[$0.column].isNumber } }
        // Two points are no course of anything.
        guard hasNumbers, chart.kind != .line || rows.count > 2 else { return nil }
        var layout = ChartLayout(
            chart: chart,
            rows: rows,
            category: category,
            series: series,
            drawing: ChartDrawing(width: width, height: height)
        )
        if series.count > 1 {
            layout.drawing.legend = series.enumerated().map {
                ChartDrawing.LegendItem(
                    title: $0.element.title,
                    color: $0.offset % ChartDrawing.colorCount
                )
            }
        }
        if chart.kind == .ranking { layout.drawRanking() } else { layout.drawUpright() }
        return layout.drawing
    }

    // MARK: - Values

    private func value(_ row: Int, _ index: Int) -> Double? {
        rows[row].cells[series[index].column].number
    }

    /// The greatest value that has to fit.
    private var maximum: Double {
        var maximum = 0.0
        for row in rows.indices {
            let values = series.indices.map { value(row, $0) ?? 0 }
            maximum = max(
                maximum,
                chart.kind == .stacked ? values.reduce(0, +) : values.max() ?? 0
            )
        }
        return maximum
    }

    /// A cell of the series' kind that says a value on the axis.
    private func axisText(_ value: Double) -> String {
        let cells = rows.lazy.flatMap { row in series.map { row.cells[$0.column] } }
        return switch cells.first(where: \.isNumber) {
        case .rate:
            CellText.decimal(value * 100, places: value * 100 < 1 && value > 0 ? 1 : 0) + "%"
        case .seconds: value == 0 ? "0" : Self.axisDuration(value)
        default: value == value.rounded() ? CellText.grouped(Int64(value)) : "\(value)"
        }
    }

    private static func axisDuration(_ seconds: Double) -> String {
        func number(_ value: Double) -> String {
            value == value.rounded() ? CellText.grouped(Int64(value)) : "\(value)"
        }
        if seconds >= 3_600 { return number(seconds / 3_600) + " h" }
        if seconds >= 60 { return number(seconds / 60) + " min" }
        return number(seconds) + " s"
    }

    private var isDuration: Bool {
        rows.contains { row in
            series.contains {
                if case .seconds = row.cells[$0.column] { return true }
                return false
            }
        }
    }

    /// The steps between grid lines: a round number, so that there are three to six of them.
    private func step(for maximum: Double) -> Double {
        let isWhole = rows.allSatisfy { row in
            series.allSatisfy {
                if case .integer = row.cells[$0.column] { return true }
                return false
            }
        }
        if isDuration {
            let steps: [Double] = [
                15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 18_000, 36_000, 86_400,
            ]
            if maximum > 60, let step = steps.first(where: { maximum / $0 <= 5 }) { return step }
        }
        var scale = 1.0
        while maximum / scale > 10 { scale *= 10 }
        while maximum / scale <= 1, !(isWhole && scale == 1) { scale /= 10 }
        let ratio = maximum / scale
        let step = ratio <= 2 ? scale * 0.5 : ratio <= 5 ? scale : scale * 2
        return isWhole ? max(1, step.rounded(.up)) : step
    }

    // MARK: - Upright charts

    private mutating func drawUpright() {
        let maximum = maximum
        let step = maximum > 0 ? step(for: maximum) : 1
        let lineCount = max(1, Int((maximum / step).rounded(.up)))
        let top = step * Double(lineCount)
        let texts = (0...lineCount).map { axisText(Double($0) * step) }
        let left = 10 + Double(texts.map(\.count).max() ?? 0) * ChartDrawing.labelSize * 0.58
        let plot = ChartDrawing.Rectangle(
            x: left,
            y: 10,
            width: drawing.width - left - 14,
            height: drawing.height - 36
        )
        for (index, text) in texts.enumerated() {
            let y = plot.y + plot.height * (1 - Double(index) / Double(lineCount))
            drawing.shapes.append(
                .gridLine(
                    from: ChartDrawing.Point(x: plot.x, y: y),
                    to: ChartDrawing.Point(x: plot.x + plot.width, y: y)
                )
            )
            let anchor = ChartDrawing.Point(x: plot.x - 6, y: y + ChartDrawing.labelSize * 0.35)
            drawing.shapes.append(.label(text, at: anchor, .end, isMuted: true))
        }
        switch chart.kind {
        case .line: drawLines(plot, top)
        case .bars: drawBars(plot, top)
        default: drawStacks(plot, top)
        }
        drawCategories(plot)
    }

    private func center(_ row: Int, _ plot: ChartDrawing.Rectangle) -> Double {
        plot.x + plot.width * (Double(row) + 0.5) / Double(rows.count)
    }

    private mutating func drawLines(_ plot: ChartDrawing.Rectangle, _ top: Double) {
        for index in series.indices {
            let color = index % ChartDrawing.colorCount
            var run: [ChartDrawing.Point] = []
            func shape(of run: [ChartDrawing.Point]) -> ChartDrawing.Shape? {
                run.count > 1 ? .curve(run, color: color) : run.first.map { .dot($0, color: color) }
            }
            for row in rows.indices {
                if let value = value(row, index) {
                    run.append(
                        ChartDrawing.Point(
                            x: center(row, plot),
                            y: plot.y + plot.height * (1 - value / top)
                        )
                    )
                } else {
                    // What is not known is a gap, not a zero.
                    if let shape = shape(of: run) { drawing.shapes.append(shape) }
                    run = []
                }
            }
            if let shape = shape(of: run) { drawing.shapes.append(shape) }
        }
    }

    private mutating func drawBars(_ plot: ChartDrawing.Rectangle, _ top: Double) {
        let slot = plot.width / Double(rows.count)
        let width = min(44, slot * 0.7) / Double(series.count)
        for row in rows.indices {
            for index in series.indices {
                guard let value = value(row, index), value > 0 else { continue }
                let height = plot.height * value / top
                let x =
                    center(row, plot) + (Double(index) - Double(series.count) / 2) * width
                let bar = ChartDrawing.Rectangle(
                    x: x,
                    y: plot.y + plot.height - height,
                    width: width * 0.94,
                    height: height
                )
                drawing.shapes.append(.bar(bar, color: index % ChartDrawing.colorCount))
                guard rows.count * series.count <= 16 else { continue }
                let text = CellText.text(rows[row].cells[series[index].column])
                let anchor = ChartDrawing.Point(x: x + width * 0.47, y: bar.y - 3)
                drawing.shapes.append(.label(text, at: anchor, .middle, isMuted: false))
            }
        }
    }

    private mutating func drawStacks(_ plot: ChartDrawing.Rectangle, _ top: Double) {
        let width = min(44, plot.width / Double(rows.count) * 0.76)
        for row in rows.indices {
            var y = plot.y + plot.height
            for index in series.indices {
                guard let value = value(row, index), value > 0 else { continue }
                let height = plot.height * value / top
                y -= height
                let bar = ChartDrawing.Rectangle(
                    x: center(row, plot) - width / 2,
                    y: y,
                    width: width,
                    height: height
                )
                drawing.shapes.append(.bar(bar, color: index % ChartDrawing.colorCount))
            }
        }
    }

    private func categoryText(_ row: Int) -> String {
        switch rows[row].cells[category] {
        case .moment(let moment): moment.short
        case let cell: CellText.text(cell)
        }
    }

    /// Names the categories, as many of them as there is room for.
    private mutating func drawCategories(_ plot: ChartDrawing.Rectangle) {
        let texts = rows.indices.map { categoryText($0) }
        let widest = Double(texts.map(\.count).max() ?? 1) * ChartDrawing.labelSize * 0.62 + 10
        let every = max(1, Int((widest * Double(rows.count) / plot.width).rounded(.up)))
        let y = plot.y + plot.height + ChartDrawing.labelSize + 6
        for row in stride(from: 0, to: rows.count, by: every) {
            let anchor = ChartDrawing.Point(x: center(row, plot), y: y)
            drawing.shapes.append(.label(texts[row], at: anchor, .middle, isMuted: true))
        }
    }

    // MARK: - Rankings

    private mutating func drawRanking() {
        let rowHeight = 22.0
        drawing.height = rowHeight * Double(rows.count) + 8
        let texts = rows.indices.map { categoryText($0) }
        let left = min(
            drawing.width * 0.4,
            16 + Double(texts.map(\.count).max() ?? 0) * ChartDrawing.labelSize * 0.6
        )
        let room = drawing.width - left - 70
        let maximum = max(maximum, 1)
        for row in rows.indices {
            let y = 4 + rowHeight * Double(row)
            let base = y + rowHeight / 2 + ChartDrawing.labelSize * 0.35
            let name = ChartDrawing.Point(x: left - 8, y: base)
            drawing.shapes.append(.label(texts[row], at: name, .end, isMuted: false))
            let value = value(row, 0) ?? 0
            let bar = ChartDrawing.Rectangle(
                x: left,
                y: y + 3,
                width: max(1, room * value / maximum),
                height: rowHeight - 6
            )
            drawing.shapes.append(.bar(bar, color: 0))
            let anchor = ChartDrawing.Point(x: bar.x + bar.width + 6, y: base)
            let text = CellText.text(rows[row].cells[series[0].column])
            drawing.shapes.append(.label(text, at: anchor, .start, isMuted: true))
        }
    }
}
