internal import Core

/// Cells as people read them; HTML and PDF show the same text.
enum CellText {
    /// What stands where nothing can be known.
    static let unknown = "–"

    /// The text of a cell: grouped digits, percent, durations in units.
    static func text(_ cell: ReportCell) -> String {
        switch cell {
        case .unknown: unknown
        case .text(let text): text
        case .moment(let moment): moment.text
        case .integer(let value): grouped(value)
        case .decimal(let value): decimal(value, places: 2)
        case .rate(let value): decimal(value * 100, places: 1) + "%"
        case .seconds(let value): duration(value)
        case .change(let value): change(value)
        }
    }

    /// `+12.3%`, `-4.0%`, `0.0%`.
    private static func change(_ value: Double) -> String {
        let text = decimal(abs(value) * 100, places: 1) + "%"
        if text == "0.0%" { return text }
        return (value < 0 ? "-" : "+") + text
    }

    /// An integer with its digits in groups of three.
    static func grouped(_ value: Int64) -> String {
        var text: [Character] = []
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + String(text.reversed())
    }

    /// A number rounded to a number of decimal places, halves away from zero.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 0 ? 1 : places == 1 ? 10 : 100
        let scaled = (abs(value) * Double(scale)).rounded()
        // Beyond that a double has no decimals, and 64 bits end.
        guard scaled < 9e15 else { return "\(value)" }
        let number = Int64(scaled)
        let whole = grouped(number / Int64(scale))
        let sign = value < 0 && number > 0 ? "-" : ""
        guard places > 0 else { return sign + whole }
        let fraction = String(number % Int64(scale))
        let zeros = String(repeating: "0", count: max(0, places - fraction.count))
        return "\(sign)\(whole).\(zeros)\(fraction)"
    }

    /// `0.35 s`, `12.3 s`, `3 min 05 s`, `2 h 03 min`, `3 d 04 h`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 9.995 { return decimal(seconds, places: 2) + " s" }
        if seconds < 59.95 { return decimal(seconds, places: 1) + " s" }
        guard seconds < 9e15 else { return "\(seconds) s" }
        let whole = Int64(seconds.rounded())
        if whole < 3_600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        let minutes = (whole + 30) / 60
        if minutes < 1_440 { return "\(minutes / 60) h \(twoDigits(minutes % 60)) min" }
        let hours = (minutes + 30) / 60
        return "\(grouped(hours / 24)) d \(twoDigits(hours % 24)) h"
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
