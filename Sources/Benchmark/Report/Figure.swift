internal import Foundation

/// Numbers as people read them.
enum Figure {
    /// A count with groups of three digits.
    static func count(_ value: Double) -> String { count(Int(value.rounded())) }

    /// A count with groups of three digits.
    static func count(_ value: Int) -> String {
        var text = ""
        for (index, digit) in String(abs(value)).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// A number with three significant digits or so.
    static func decimal(_ value: Double) -> String {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }

    /// A duration, given in seconds.
    static func time(_ seconds: Double) -> String {
        if seconds >= 1 { return "\(decimal(seconds)) s" }
        if seconds >= 0.001 { return "\(decimal(seconds * 1_000)) ms" }
        return "\(decimal(seconds * 1_000_000)) µs"
    }

    /// A number of bytes as mebibytes.
    static func mebibytes(_ bytes: Int) -> String {
        "\(decimal(Double(bytes) / 1_048_576)) MiB"
    }

    /// A share as a percentage.
    static func percent(_ share: Double) -> String { "\(decimal(share * 100)) %" }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
