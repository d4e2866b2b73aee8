internal import CPango

/// Why a document cannot be made.
public struct DocumentError: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A colour, each part of it from 0 to 1.
public struct DocumentColor: Hashable, Sendable {
    /// How much red.
    public var red: Double
    /// How much green.
    public var green: Double
    /// How much blue.
    public var blue: Double

    /// Makes a colour of a number as style sheets have it.
    ///
    /// - Parameter hex: Such as `0x1f66d1`.
    public init(hex: UInt32) {
        red = Double(hex >> 16 & 255) / 255
        green = Double(hex >> 8 & 255) / 255
        blue = Double(hex & 255) / 255
    }

    /// A mixture with white.
    ///
    /// - Parameter share: How much of this colour it has, 0 to 1.
    /// - Returns: The mixture.
    public func onWhite(_ share: Double) -> DocumentColor {
        var color = self
        color.red = 1 - (1 - red) * share
        color.green = 1 - (1 - green) * share
        color.blue = 1 - (1 - blue) * share
        return color
    }
}

/// How text is set.
public struct TextStyle: Sendable {
    /// The size of its letters, in points.
    public var size: Double
    /// Whether it is bold.
    public var isBold: Bool
    /// Its colour.
    public var color: DocumentColor

    /// Makes a style.
    ///
    /// - Parameters:
    ///   - size: The size of its letters, in points.
    ///   - color: Its colour.
    ///   - isBold: Whether it is bold.
    public init(
        size: Double,
        _ color: DocumentColor,
        isBold: Bool = false
    ) {
        self.size = size
        self.color = color
        self.isBold = isBold
    }
}

/// Where text stands in its box.
public enum TextAlignment: Sendable {
    /// At the side where its script begins.
    case leading
    /// In the middle.
    case center
    /// At the other side.
    case trailing

    var pango: PangoAlignment {
        switch self {
        case .leading: PANGO_ALIGN_LEFT
        case .center: PANGO_ALIGN_CENTER
        case .trailing: PANGO_ALIGN_RIGHT
        }
    }
}
