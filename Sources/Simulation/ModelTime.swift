/// Milliseconds since 1970 and their text.
enum ModelTime {
    static let second: Int64 = 1_000
    static let minute: Int64 = 60 * second
    static let quarterHour: Int64 = 15 * minute
    static let hour: Int64 = 60 * minute
    static let day: Int64 = 24 * hour

    /// The last multiple of `unit` at or before a time, also before 1970.
    static func floor(_ time: Int64, to unit: Int64) -> Int64 {
        let remainder = time % unit
        return time - (remainder < 0 ? remainder + unit : remainder)
    }

    /// The first multiple of `unit` at or after a time.
    static func ceiling(_ time: Int64, to unit: Int64) -> Int64 {
        let floor = floor(time, to: unit)
        return floor == time ? floor : floor + unit
    }

    /// The civil date of a time read as if it were in UTC.
    static func date(_ time: Int64) -> CivilDate {
        CivilDate(day: Int(floor(time, to: day) / day))
    }

    /// `2025-01-06T14:00:00-03:00`, with three decimals where there are milliseconds.
    static func rfc3339(_ time: Int64, offset: Int64) -> String {
        let local = time + offset
        let date = date(local)
        let clock = Int(local - Int64(date.day) * day)
        let milliseconds = clock % 1_000
        let fraction = milliseconds == 0 ? "" : "." + padded(milliseconds, 3)
        let minutes = Int(abs(offset) / minute)
        return "\(date)T\(padded(clock / 3_600_000, 2)):\(padded(clock / 60_000 % 60, 2))"
            + ":\(padded(clock / 1_000 % 60, 2))\(fraction)"
            + "\(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    /// A date or date-time as written in a parameter or an event.
    struct Parsed: Equatable {
        /// The civil date.
        var date: CivilDate
        /// Milliseconds since local midnight; nil when only a date was written.
        var clock: Int64?
        /// The offset in milliseconds; nil when none was written.
        var offset: Int64?
    }

    /// Reads `2025-01-06`, `2025-01-06T14:30`, `…:00`, `.123`, with `Z` or an offset.
    static func parse(_ text: String) -> Parsed? {
        var rest = Substring(text)
        guard let year = digits(&rest, 4), drop("-", &rest), let month = digits(&rest, 2),
            drop("-", &rest), let dayOfMonth = digits(&rest, 2), (1...12).contains(month)
        else { return nil }
        let date = CivilDate(year: year, month: month, dayOfMonth: dayOfMonth)
        guard date.components == (year, month, dayOfMonth) else { return nil }
        if rest.isEmpty { return Parsed(date: date) }
        guard drop("T", &rest) || drop("t", &rest) || drop(" ", &rest),
            let hours = digits(&rest, 2), hours < 24, drop(":", &rest),
            let minutes = digits(&rest, 2), minutes < 60
        else { return nil }
        var clock = Int64(hours) * hour + Int64(minutes) * minute
        if drop(":", &rest) {
            guard let seconds = digits(&rest, 2), seconds < 60 else { return nil }
            clock += Int64(seconds) * second
            if drop(".", &rest) {
                let fraction = rest.prefix { $0.isASCII && $0.isNumber }
                guard !fraction.isEmpty, let thousandths = Int64((fraction + "00").prefix(3)) else {
                    return nil
                }
                clock += thousandths
                rest = rest.dropFirst(fraction.count)
            }
        }
        if rest.isEmpty { return Parsed(date: date, clock: clock) }
        if rest == "Z" || rest == "z" { return Parsed(date: date, clock: clock, offset: 0) }
        let sign: Int64 = rest.first == "-" ? -1 : 1
        guard drop("+", &rest) || drop("-", &rest), let hours = digits(&rest, 2), hours < 24,
            drop(":", &rest), let minutes = digits(&rest, 2), minutes < 60, rest.isEmpty
        else { return nil }
        let offset = sign * (Int64(hours) * hour + Int64(minutes) * minute)
        return Parsed(date: date, clock: clock, offset: offset)
    }

    private static func digits(_ rest: inout Substring, _ count: Int) -> Int? {
        let head = rest.prefix(count)
        guard head.utf8.count == count, head.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return Int(head)
    }

    private static func drop(_ character: Character, _ rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }
}
