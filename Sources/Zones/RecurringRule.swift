internal import Core

/// The rule a zone file ends with, in the form of POSIX's `TZ` with RFC 8536's extension:
/// `EST5EDT,M3.2.0,M11.1.0`, `<-02>2<-01>,M3.5.0/-1,M10.5.0/0`.
struct RecurringRule {
    /// Local time minus UTC in winter, milliseconds.
    let standardOffset: Int64
    private let summer: Summer?

    /// Daylight saving: from when until when.
    private struct Summer {
        var offset: Int64
        var begin: YearlyTime
        var end: YearlyTime
    }

    /// Reads a rule; nil when the text is none.
    ///
    /// - Parameter text: Its bytes.
    init?(_ text: some Sequence<UInt8>) {
        var scanner = Scanner(Array(text))
        guard scanner.name(), let west = scanner.time(hours: 24) else { return nil }
        // POSIX counts westwards.
        standardOffset = -west
        guard !scanner.isAtEnd else {
            summer = nil
            return
        }
        guard scanner.name() else { return nil }
        var offset = standardOffset + Milliseconds.hour
        if !scanner.isNext(",") {
            guard let west = scanner.time(hours: 24) else { return nil }
            offset = -west
        }
        guard scanner.drop(","), let begin = scanner.yearlyTime(), scanner.drop(","),
            let end = scanner.yearlyTime(), scanner.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    /// The changes of a year: none, or those to summer and to winter.
    func changes(ofYear year: Int) -> [ZoneRules.Change] {
        guard let summer else { return [] }
        // Each is told by the clock that it ends.
        return [
            ZoneRules.Change(
                start: summer.begin.local(inYear: year) - standardOffset,
                offset: summer.offset
            ),
            ZoneRules.Change(
                start: summer.end.local(inYear: year) - summer.offset,
                offset: standardOffset
            ),
        ]
    }

    /// A time of every year.
    private struct YearlyTime {
        enum Day {
            /// The day 1 to 365, 29 February never counted.
            case withoutLeapDay(Int)
            /// The day 0 to 365, 29 February counted.
            case ofYear(Int)
            /// The week 1 to 5 (the last), of the month 1 to 12; the weekday 0 (Sunday) to 6.
            case ofMonth(Int, week: Int, weekday: Int)
        }

        var day: Day
        /// Milliseconds since the day's midnight, from −167 to 167 hours.
        var clock: Int64

        func local(inYear year: Int) -> Int64 {
            Int64(date(inYear: year).day) * Milliseconds.day + clock
        }

        private func date(inYear year: Int) -> CivilDate {
            let first = CivilDate(year: year, month: 1, dayOfMonth: 1)
            switch day {
            case .ofYear(let day): return first.adding(days: day)
            case .withoutLeapDay(let day):
                let march = CivilDate(year: year, month: 3, dayOfMonth: 1)
                return day <= 59
                    ? first.adding(days: day - 1) : march.adding(days: day - 60)
            case .ofMonth(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, dayOfMonth: 1)
                let next = first.adding(months: 1)
                let date = first.adding(
                    days: (weekday - first.weekday + 7) % 7 + 7 * (week - 1)
                )
                return date < next ? date : date.adding(days: -7)
            }
        }
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        func isNext(_ character: Unicode.Scalar) -> Bool {
            position < bytes.count && bytes[position] == UInt8(ascii: character)
        }

        mutating func drop(_ character: Unicode.Scalar) -> Bool {
            guard isNext(character) else { return false }
            position += 1
            return true
        }

        /// `EST` or `<-03>`.
        mutating func name() -> Bool {
            let start = position
            if drop("<") {
                while !isAtEnd, !isNext(">") { position += 1 }
                return drop(">")
            }
            while !isAtEnd, Self.isLetter(bytes[position]) { position += 1 }
            return position >= start + 3
        }

        /// `[+-]h[h[h]][:mm[:ss]]` in milliseconds.
        mutating func time(hours maximum: Int) -> Int64? {
            let isNegative = drop("-")
            if !isNegative { _ = drop("+") }
            guard let hours = number(0...maximum) else { return nil }
            var time = Int64(hours) * Milliseconds.hour
            if drop(":") {
                guard let minutes = number(0...59) else { return nil }
                time += Int64(minutes) * Milliseconds.minute
                if drop(":") {
                    guard let seconds = number(0...59) else { return nil }
                    time += Int64(seconds) * Milliseconds.second
                }
            }
            return isNegative ? -time : time
        }

        /// `M3.2.0`, `J60` or `59`, with `/2` or another time.
        mutating func yearlyTime() -> YearlyTime? {
            guard let day = day() else { return nil }
            guard drop("/") else { return YearlyTime(day: day, clock: 2 * Milliseconds.hour) }
            return time(hours: 167).map { YearlyTime(day: day, clock: $0) }
        }

        private mutating func day() -> YearlyTime.Day? {
            if drop("J") { return number(1...365).map { .withoutLeapDay($0) } }
            guard drop("M") else { return number(0...365).map { .ofYear($0) } }
            guard let month = number(1...12), drop("."), let week = number(1...5), drop("."),
                let weekday = number(0...6)
            else { return nil }
            return .ofMonth(month, week: week, weekday: weekday)
        }

        private mutating func number(_ range: ClosedRange<Int>) -> Int? {
            var value = 0
            let start = position
            while !isAtEnd, position < start + 3, Self.isDigit(bytes[position]) {
                value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
                position += 1
            }
            return position > start && range.contains(value) ? value : nil
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }
}
