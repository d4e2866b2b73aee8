import Testing

@testable import Reports

@Suite
struct ChartTests {
    private static func table(_ values: [ReportCell]) -> ReportTable {
        ReportTable(
            name: "rows",
            title: "Rows",
            columns: [
                ReportTable.Column(name: "name", title: "Name"),
                ReportTable.Column(name: "value", title: "Value"),
            ],
            rows: values.enumerated().map { index, value in
                ReportTable.Row(cells: [.text("row \(index)"), value])
            }
        )
    }

    private static func draw(
        _ kind: ReportChart.Kind,
        _ values: [ReportCell]
    ) -> ChartDrawing? {
        let chart = ReportChart(
            title: "Chart",
            kind: kind,
            table: "rows",
            category: "name",
            series: ["value"]
        )
        return ChartLayout.draw(chart, of: table(values), width: 400, height: 200)
    }

    private static func bars(_ drawing: ChartDrawing) -> [ChartDrawing.Rectangle] {
        drawing.shapes.compactMap { shape in
            if case .bar(let bar, _) = shape { bar } else { nil }
        }
    }

    private static func curves(_ drawing: ChartDrawing) -> [[ChartDrawing.Point]] {
        drawing.shapes.compactMap { shape in
            if case .curve(let points, _) = shape { points } else { nil }
        }
    }

    @Test(arguments: [ReportChart.Kind.bars, .stacked])
    func `bars are as high as their values`(kind: ReportChart.Kind) throws {
        let drawing = try #require(Self.draw(kind, [.integer(10), .integer(40), .integer(20)]))
        let heights = Self.bars(drawing).map(\.height)
        #expect(abs(heights[1] - 4 * heights[0]) < 1e-9)
        #expect(abs(heights[2] - 2 * heights[0]) < 1e-9)
        #expect(Self.bars(drawing).allSatisfy { $0.y >= 0 && $0.y + $0.height <= 200 })
    }

    @Test
    func `lying bars are as long as their values`() throws {
        let drawing = try #require(Self.draw(.ranking, [.integer(300), .integer(100)]))
        let widths = Self.bars(drawing).map(\.width)
        #expect(abs(widths[0] - 3 * widths[1]) < 1e-9)
    }

    @Test
    func `what is unknown is a gap in a line, not a zero`() throws {
        let drawing = try #require(
            Self.draw(.line, [.rate(0.5), .rate(0.7), .unknown, .rate(0.1), .rate(0.2)])
        )
        let curves = Self.curves(drawing)
        #expect(curves.map(\.count) == [2, 2])
        // Greater values lie higher.
        #expect(curves[0][1].y < curves[0][0].y)
    }

    @Test
    func `a chart of nothing is left out`() {
        #expect(Self.draw(.bars, [.unknown, .unknown]) == nil)
        #expect(Self.draw(.bars, []) == nil)
        #expect(Self.draw(.line, [.integer(1), .integer(2)]) == nil)
    }

    @Test
    func `zeros are drawn on a scale of their own`() throws {
        let drawing = try #require(Self.draw(.line, [.integer(0), .integer(0), .integer(0)]))
        #expect(Self.curves(drawing).count == 1)
        #expect(Self.curves(drawing)[0].allSatisfy { $0.y.isFinite })
    }

    @Test(
        arguments: [
            ([.integer(7), .integer(130)], ["0", "50", "100", "150"]),
            ([.integer(1), .integer(2)], ["0", "1", "2"]),
            ([.rate(0.2), .rate(0.87)], ["0%", "20%", "40%", "60%", "80%", "100%"]),
            ([.seconds(30), .seconds(540)], ["0", "2 min", "4 min", "6 min", "8 min", "10 min"]),
            ([.integer(1_200_000)], ["0", "500,000", "1,000,000", "1,500,000"]),
        ] as [([ReportCell], [String])]
    )
    func `an axis has round numbers`(values: [ReportCell], texts: [String]) throws {
        let drawing = try #require(Self.draw(.bars, values))
        let labels: [String] = drawing.shapes.compactMap { shape in
            if case .label(let text, _, .end, _) = shape { text } else { nil }
        }
        #expect(labels == texts)
    }

    @Test
    func `names stand apart`() throws {
        let values = (0..<400).map { ReportCell.integer($0) }
        let drawing = try #require(Self.draw(.line, values))
        let places: [Double] = drawing.shapes.compactMap { shape in
            if case .label(_, let place, .middle, _) = shape { place.x } else { nil }
        }
        #expect(places.count > 2)
        for (left, right) in zip(places, places.dropFirst()) {
            // As wide as "row 399".
            #expect(right - left > 7 * ChartDrawing.labelSize * 0.5)
        }
    }
}
