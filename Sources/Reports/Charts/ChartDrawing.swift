/// A chart as shapes at places, for whatever draws it: SVG and PDF show the same picture.
///
/// Lengths are in units of its own; y grows downwards.
struct ChartDrawing {
    var width: Double
    var height: Double
    var shapes: [Shape] = []
    /// What the colours stand for; none where there is one series, which the title names.
    var legend: [LegendItem] = []

    enum Shape {
        /// A thin line behind the data.
        case gridLine(from: Point, to: Point)
        case curve([Point], color: Int)
        case dot(Point, color: Int)
        case bar(Rectangle, color: Int)
        /// A label; the point is its anchor on the base line.
        case label(String, at: Point, Anchor, isMuted: Bool)
    }

    enum Anchor: String { case start, middle, end }

    struct Point: Equatable {
        var x: Double
        var y: Double
    }

    struct Rectangle: Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double
    }

    struct LegendItem: Equatable {
        var title: String
        var color: Int
    }

    /// The size of a label's letters.
    static let labelSize = 10.0
    /// How many colours there are before they begin anew.
    static let colorCount = 6
}
