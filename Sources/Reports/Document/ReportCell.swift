internal import Core
internal import JSON

/// A value of a table, of the kind it has in every format.
enum ReportCell: Equatable {
    /// What cannot be known.
    case unknown
    case text(String)
    /// The label of a bucket of time.
    case moment(LocalMoment)
    case integer(Int64)
    case decimal(Double)
    /// A fraction, shown in percent.
    case rate(Double)
    /// A duration.
    case seconds(Double)
    /// A fraction by which something grew or shrank.
    case change(Double)

    /// The number; nil for texts and what is unknown.
    var number: Double? {
        switch self {
        case .unknown, .text, .moment: nil
        case .integer(let value): Double(value)
        case .decimal(let value), .rate(let value), .seconds(let value), .change(let value): value
        }
    }

    var isNumber: Bool { number != nil }
}

extension ReportCell {
    /// Fields that are fractions without being called a rate.
    private static let fractions: Set<String> = [
        "csat_score", "score", "stickiness", "outcome_coverage", "relative_error",
    ]

    /// The cell of an answer's field, its kind known by the field's name.
    init(_ value: JSONValue?, field: String) {
        switch value {
        case .integer(let number) where !Self.isMeasured(field): self = .integer(number)
        case .integer, .double:
            let number = value?.doubleValue ?? 0
            if Self.isRate(field) {
                self = .rate(number)
            } else if Self.isDuration(field) {
                self = .seconds(number)
            } else {
                self = .decimal(number)
            }
        case .string(let text): self = .text(text)
        default: self = .unknown
        }
    }

    private static func isMeasured(_ field: String) -> Bool { isRate(field) || isDuration(field) }

    private static func isRate(_ field: String) -> Bool {
        field.hasSuffix("_rate") || fractions.contains(field)
    }

    private static func isDuration(_ field: String) -> Bool {
        field.hasSuffix("_seconds") || ["p50", "p75", "p90", "p95", "p99"].contains(field)
    }
}

/// A bucket's label taken apart, so that a spreadsheet can have it as a date.
struct LocalMoment: Equatable {
    enum Precision { case hour, day, month }

    /// As in the answer: `2025-01-06`, `2025-01`, `2025-01-06T14:00`.
    let label: String
    let precision: Precision
    let year: Int
    let month: Int
    let dayOfMonth: Int
    let hour: Int

    /// Takes a label apart; nil where it is none.
    init?(_ label: String) {
        let parts = label.split(separator: "T")
        let date = parts.first?.split(separator: "-").map { Int($0) } ?? []
        guard date.count == 2 || date.count == 3, let year = date[0], let month = date[1],
            (1...12).contains(month)
        else { return nil }
        self.label = label
        self.year = year
        self.month = month
        dayOfMonth = date.count == 3 ? date[2] ?? 1 : 1
        let hour = parts.count == 2 ? Int(parts[1].prefix(2)) : nil
        self.hour = hour ?? 0
        precision = hour != nil ? .hour : date.count == 3 ? .day : .month
    }

    var date: CivilDate { CivilDate(year: year, month: month, dayOfMonth: dayOfMonth) }

    /// For people: an hour's label without the letter in it.
    var text: String { label.replacing("T", with: " ") }

    static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// For an axis: `6 Jan`, `Jan 2025`, `14:00`.
    var short: String {
        let name = Self.monthNames[month - 1]
        return switch precision {
        case .hour: label.split(separator: "T").last.map(String.init) ?? label
        case .day: "\(dayOfMonth) \(name)"
        case .month: "\(name) \(year)"
        }
    }
}
