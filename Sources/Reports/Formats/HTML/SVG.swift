/// A chart's drawing as an `svg` element; its colours are the style sheet's.
enum SVG {
    static func text(of drawing: ChartDrawing, title: String) -> String {
        let legendHeight = drawing.legend.isEmpty ? 0.0 : 22
        let height = drawing.height + legendHeight
        var svg = """
            <svg viewBox="0 0 \(number(drawing.width)) \(number(height))" role="img" \
            aria-label="\(HTMLFormat.escaped(title))" font-size="\(number(ChartDrawing.labelSize))">

            """
        for shape in drawing.shapes { svg += element(shape) + "\n" }
        var x = 8.0
        for item in drawing.legend {
            let y = drawing.height + 6
            svg += "<rect class=\"f\(item.color)\" x=\"\(number(x))\" y=\"\(number(y))\" "
            svg += "width=\"10\" height=\"10\" rx=\"2\"/>"
            svg += "<text x=\"\(number(x + 15))\" y=\"\(number(y + 9))\">"
            svg += "\(HTMLFormat.escaped(item.title))</text>\n"
            x += 34 + Double(item.title.count) * ChartDrawing.labelSize * 0.58
        }
        return svg + "</svg>\n"
    }

    private static func element(_ shape: ChartDrawing.Shape) -> String {
        switch shape {
        case .gridLine(let from, let to):
            "<line class=\"grid\" x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" "
                + "x2=\"\(number(to.x))\" y2=\"\(number(to.y))\"/>"
        case .curve(let points, let color):
            "<polyline class=\"curve s\(color)\" points=\""
                + points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ") + "\"/>"
        case .dot(let point, let color):
            "<circle class=\"f\(color)\" cx=\"\(number(point.x))\" cy=\"\(number(point.y))\" r=\"3\"/>"
        case .bar(let bar, let color):
            "<rect class=\"f\(color)\" x=\"\(number(bar.x))\" y=\"\(number(bar.y))\" "
                + "width=\"\(number(bar.width))\" height=\"\(number(bar.height))\"/>"
        case .label(let text, let point, let anchor, let isMuted):
            "<text\(isMuted ? " class=\"muted\"" : "") x=\"\(number(point.x))\" "
                + "y=\"\(number(point.y))\" text-anchor=\"\(anchor.rawValue)\">"
                + "\(HTMLFormat.escaped(text))</text>"
        }
    }

    /// A coordinate with two decimals at most.
    private static func number(_ value: Double) -> String {
        let hundredths = Int64((value * 100).rounded())
        if hundredths % 100 == 0 { return String(hundredths / 100) }
        return (Double(hundredths) / 100).description
    }
}
