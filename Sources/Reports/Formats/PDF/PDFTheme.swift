internal import Documents

/// Sizes and colours of pages; the colours are those of the HTML in light.
enum PDFTheme {
    /// A4 in points.
    static let pageWidth = 595.28
    static let pageHeight = 841.89
    static let margin = 42.0
    static let top = 62.0
    static let bottom = pageHeight - 56
    static let contentWidth = pageWidth - 2 * margin

    static let ink = DocumentColor(hex: 0x1d2433)
    static let muted = DocumentColor(hex: 0x667085)
    static let line = DocumentColor(hex: 0xe3e7ee)
    static let strongLine = DocumentColor(hex: 0xc2c9d6)
    static let panel = DocumentColor(hex: 0xf6f8fb)
    static let good = DocumentColor(hex: 0x16794c)
    static let bad = DocumentColor(hex: 0xb42318)
    static let accent = DocumentColor(hex: 0x1f66d1)
    static let seriesHex: [UInt32] = [
        0x1f66d1, 0x0f9d8a, 0xe08600, 0x8b5cf6, 0xd6336c, 0x6b7280,
    ]
    static let series = seriesHex.map { DocumentColor(hex: $0) }

    static let title = TextStyle(size: 22, ink, isBold: true)
    static let heading = TextStyle(size: 14, ink, isBold: true)
    static let subheading = TextStyle(size: 10, ink, isBold: true)
    static let body = TextStyle(size: 8.5, ink)
    static let small = TextStyle(size: 7.5, muted)
    static let tiny = TextStyle(size: 6.5, muted)
    static let hash = TextStyle(size: 5.5, muted)
}

/// A page before it is drawn: how many there are is known at the end only.
struct PDFPage {
    var items: [Item] = []
    var outline: [(title: String, y: Double)] = []

    enum Item {
        case fill(ChartDrawing.Rectangle, radius: Double, DocumentColor)
        case stroke([ChartDrawing.Point], width: Double, DocumentColor)
        case text(String, TextBox, TextStyle)
    }

    struct TextBox {
        var x: Double
        var y: Double
        /// nil for as wide as the text is.
        var width: Double?
        var alignment = TextAlignment.leading
        /// Whether it stays on one line, with an ellipsis where it is too long.
        var isCut = false
    }

    func draw(on canvas: PDFCanvas) {
        for item in items {
            switch item {
            case .fill(let box, let radius, let color):
                canvas.fill(
                    x: box.x,
                    y: box.y,
                    width: box.width,
                    height: box.height,
                    radius: radius,
                    color
                )
            case .stroke(let points, let width, let color):
                canvas.stroke(points.map { ($0.x, $0.y) }, width: width, color)
            case .text(let text, let box, let style):
                canvas.write(
                    text,
                    x: box.x,
                    y: box.y,
                    width: box.width,
                    style,
                    box.alignment,
                    isCut: box.isCut
                )
            }
        }
    }
}
