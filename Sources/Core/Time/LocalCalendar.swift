/// The local hours, days, weeks and months of a zone.
public struct LocalCalendar: Sendable {
    /// The zone.
    public let rules: ZoneRules
    /// The day that weeks begin with.
    public let weekStart: WeekStart

    /// Makes a calendar.
    ///
    /// - Parameters:
    ///   - rules: The zone.
    ///   - weekStart: The day that weeks begin with.
    public init(rules: ZoneRules, weekStart: WeekStart = .monday) {
        self.rules = rules
        self.weekStart = weekStart
    }

    /// An instant as RFC 3339 text with the zone's offset.
    ///
    /// - Parameter time: The instant.
    /// - Returns: Such as `2025-01-06T14:00:00-03:00`, with three decimals where there are
    ///   milliseconds, and `+00:00` for UTC.
    /// - Complexity: O(log changes of the zone).
    public func text(of time: UnixMilliseconds) -> String {
        var text = TimeText(reservingCapacity: 32)
        text.append(time: time, offset: rules.offset(at: time))
        return text.string
    }

    /// The date that the wall clock shows at an instant.
    ///
    /// - Parameter time: The instant.
    /// - Returns: The local date.
    public func date(of time: UnixMilliseconds) -> CivilDate { rules.date(of: time) }

    /// The day bucket that an instant lies in.
    ///
    /// It is the wall clock's date but where a date began, was left again when the clock was set
    /// back, and went on (St. John's until 2011): buckets are contiguous, so that the repeated
    /// hour belongs to the date that had begun.
    ///
    /// - Parameter time: The instant.
    /// - Returns: The last date whose first instant is not after `time`.
    public func day(of time: UnixMilliseconds) -> CivilDate {
        var date = date(of: time)
        while rules.firstInstant(of: date) > time { date = date.adding(days: -1) }
        while case let next = date.adding(days: 1), rules.firstInstant(of: next) <= time {
            date = next
        }
        return date
    }

    /// The first day of a date's week.
    ///
    /// - Parameter date: The date.
    /// - Returns: The last date at or before it that is a ``weekStart``.
    public func firstOfWeek(_ date: CivilDate) -> CivilDate {
        date.adding(days: -((date.weekday - weekStart.weekday + 7) % 7))
    }

    /// The first date of a bucket.
    ///
    /// - Parameters:
    ///   - granularity: Day, week or month; an hour is taken for a day.
    ///   - date: A date of some bucket.
    ///   - count: How many buckets after that one; negative for before.
    /// - Returns: The date, which may be one that never occurred.
    public func firstDate(
        _ granularity: Granularity,
        of date: CivilDate,
        later count: Int = 0
    ) -> CivilDate {
        switch granularity {
        case .hour, .day: date.adding(days: count)
        case .week: firstOfWeek(date).adding(days: 7 * count)
        case .month: date.firstOfMonth.adding(months: count)
        }
    }

    /// How many local dates share an instant with a range.
    ///
    /// - Parameter range: The range.
    /// - Returns: The number of day buckets, without dates that never occurred; 0 for an empty
    ///   range.
    /// - Complexity: O(log changes of the zone), however long the range is.
    public func dayCount(touching range: TimeRange) -> Int {
        guard !range.isEmpty else { return 0 }
        let first = day(of: range.start).day
        let last = day(of: range.end - 1).day
        return last - first + 1 - rules.skippedDays.count { first < $0 && $0 < last }
    }
}
