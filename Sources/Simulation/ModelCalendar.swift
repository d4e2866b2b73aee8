/// The buckets of a zone: which there are, how they are called, when they begin and end.
struct ModelCalendar: Sendable {
    /// What rows are grouped by.
    enum Grouping: String, Sendable {
        case hour, day, week, month
    }

    /// One row's stretch of time.
    struct Bucket: Sendable {
        /// The local label, such as `2025-01-06`.
        var label: String
        /// The bucket's own first instant.
        var start: Int64
        /// The next bucket's first instant.
        var end: Int64
    }

    let zone: ModelZone
    /// The weekday a week begins with: 0 is Sunday.
    let firstWeekday: Int

    /// The first day of the date's week.
    func firstOfWeek(_ date: CivilDate) -> CivilDate {
        date.adding(days: -((date.weekday - firstWeekday + 7) % 7))
    }

    /// All buckets that share an instant with a range, oldest first, future ones too.
    func buckets(_ grouping: Grouping, touching range: Range<Int64>) -> [Bucket] {
        guard !range.isEmpty else { return [] }
        if grouping == .hour { return hours(touching: range) }
        var buckets: [Bucket] = []
        // One bucket earlier than the first date's: a date can begin, be left again for the
        // last minutes of the day before and go on (St. John's until 2011).
        var index = -1
        let first = zone.date(range.lowerBound)
        while true {
            let bucket = bucket(grouping, of: first, later: index)
            if bucket.start >= range.upperBound { return buckets }
            // A date that never occurred has no instant, and no bucket.
            if bucket.start < bucket.end && bucket.end > range.lowerBound {
                buckets.append(bucket)
            }
            index += 1
        }
    }

    /// The day, week or month that is `count` buckets later than the one of a date.
    func bucket(_ grouping: Grouping, of date: CivilDate, later count: Int) -> Bucket {
        let first = firstDate(grouping, of: date, later: count)
        return Bucket(
            label: grouping == .month ? first.monthLabel : first.description,
            start: zone.firstInstant(of: first),
            end: zone.firstInstant(of: firstDate(grouping, of: date, later: count + 1))
        )
    }

    private func firstDate(
        _ grouping: Grouping,
        of date: CivilDate,
        later count: Int
    ) -> CivilDate {
        switch grouping {
        case .month: date.firstOfMonth.adding(months: count)
        case .week: firstOfWeek(date).adding(days: 7 * count)
        case .day, .hour: date.adding(days: count)
        }
    }

    private func hours(touching range: Range<Int64>) -> [Bucket] {
        var buckets: [Bucket] = []
        var start = zone.hourStart(range.lowerBound)
        while start < range.upperBound {
            var end = start + ModelTime.quarterHour
            while !zone.isHourStart(end) { end += ModelTime.quarterHour }
            let hour = Int(ModelTime.floor(zone.local(start), to: ModelTime.hour))
            let label = "\(zone.date(start))T\(padded(hour / 3_600_000 % 24, 2)):00"
            buckets.append(Bucket(label: label, start: start, end: end))
            start = end
        }
        return buckets
    }
}
