/// A date of the Gregorian calendar, without a time or a zone.
public struct CivilDate: Hashable, Comparable, BitwiseCopyable, Sendable {
    /// Days since 1 January 1970; earlier dates are negative.
    public let day: Int

    /// Makes a date of its number.
    ///
    /// - Parameter day: Days since 1 January 1970.
    public init(day: Int) { self.day = day }

    /// Makes a date of its parts.
    ///
    /// - Parameters:
    ///   - year: The year; the calendar is extended to years before 1.
    ///   - month: 1 to 12.
    ///   - dayOfMonth: The day; it may run over into neighbouring months.
    public init(year: Int, month: Int, dayOfMonth: Int) {
        // Years begin in March here, so that the leap day is the last day of one.
        let shifted = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        day = era * 146_097 + dayOfEra - 719_468
    }

    /// The year, the month (1 to 12) and the day of the month (1 to 31).
    public var components: (year: Int, month: Int, dayOfMonth: Int) {
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

    /// The day of the week: 0 is Sunday, 1 is Monday and so on.
    public var weekday: Int {
        // 1 January 1970 was a Thursday.
        let remainder = (day + 4) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }

    /// The first day of the date's month.
    public var firstOfMonth: CivilDate { CivilDate(day: day - components.dayOfMonth + 1) }

    /// The date a number of days later.
    ///
    /// - Parameter days: How many; negative for an earlier date.
    /// - Returns: The date.
    public func adding(days: Int) -> CivilDate { CivilDate(day: day + days) }

    /// The same day of the month in another month.
    ///
    /// - Parameter months: How many months later; negative for an earlier one.
    /// - Returns: The date; the month's last day where it has no such day (29 February moves to
    ///   28 February).
    public func adding(months: Int) -> CivilDate {
        let (year, month, dayOfMonth) = components
        let count = year * 12 + month - 1 + months
        let newYear = Self.floorDivide(count, 12)
        let newMonth = count - newYear * 12 + 1
        let first = CivilDate(year: newYear, month: newMonth, dayOfMonth: 1)
        let next =
            newMonth == 12
            ? CivilDate(year: newYear + 1, month: 1, dayOfMonth: 1)
            : CivilDate(year: newYear, month: newMonth + 1, dayOfMonth: 1)
        return CivilDate(day: first.day + min(dayOfMonth, next.day - first.day) - 1)
    }

    /// Whether this date is earlier than the other.
    public static func < (left: CivilDate, right: CivilDate) -> Bool { left.day < right.day }

    private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }
}

extension CivilDate: CustomStringConvertible {
    /// `2025-01-06`.
    public var description: String {
        var text = TimeText(reservingCapacity: 10)
        text.append(date: self)
        return text.string
    }
}
