/// A date of the Gregorian calendar, without a time or a zone.
struct CivilDate: Hashable, Comparable, CustomStringConvertible, Sendable {
    /// Days since 1 January 1970.
    var day: Int

    init(day: Int) {
        self.day = day
    }

    /// Makes a date; the day of the month may run over into neighbouring months.
    init(year: Int, month: Int, dayOfMonth: Int) {
        // Years begin in March here, so that the leap day is the last day of one.
        let shifted = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        day = era * 146_097 + dayOfEra - 719_468
    }

    /// The date's year, month and day of the month.
    var components: (year: Int, month: Int, dayOfMonth: Int) {
        let shifted = day + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// 0 is Sunday, 1 is Monday and so on; 1 January 1970 was a Thursday.
    var weekday: Int { ((day + 4) % 7 + 7) % 7 }

    /// The first day of the date's month.
    var firstOfMonth: CivilDate {
        CivilDate(year: components.year, month: components.month, dayOfMonth: 1)
    }

    /// `2025-01-06`.
    var description: String {
        let (year, month, dayOfMonth) = components
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    /// `2025-01`.
    var monthLabel: String { String(description.dropLast(3)) }

    /// The date a number of days later, or earlier when negative.
    func adding(days: Int) -> CivilDate {
        CivilDate(day: day + days)
    }

    /// The same day of the month in another month, or that month's last day where it has no
    /// such day (29 February moves to 28 February).
    func adding(months: Int) -> CivilDate {
        let (year, month, dayOfMonth) = components
        let count = year * 12 + month - 1 + months
        let newYear = Self.floorDivide(count, 12)
        let newMonth = count - newYear * 12 + 1
        let first = CivilDate(year: newYear, month: newMonth, dayOfMonth: 1)
        let next = CivilDate(
            year: newMonth == 12 ? newYear + 1 : newYear,
            month: newMonth == 12 ? 1 : newMonth + 1,
            dayOfMonth: 1
        )
        return CivilDate(day: first.day + min(dayOfMonth, next.day - first.day) - 1)
    }

    static func < (left: CivilDate, right: CivilDate) -> Bool { left.day < right.day }

    static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A number with leading zeros.
func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
