/// What `engagement.retention` asks about each cohort.
public struct RetentionPlan: Sendable {
    /// Which activity an entry counts.
    public enum Criteria: String, CaseIterable, Sendable {
        /// That in its period.
        case on
        /// That in its period or any later one.
        case onOrAfter = "on_or_after"
        /// That in any period of its bracket.
        case bracket
    }

    /// Which activity an entry counts.
    public let criteria: Criteria
    /// The entries of a cohort's row, in numbers of buckets after the cohort's.
    ///
    /// The first is `0...0`, the cohort's own bucket; then come the periods `1...1`, `2...2` and so
    /// on or the brackets, at most 60 of them, each within 1 to 60.
    public let periods: [ClosedRange<Int>]
    private let calendar: LocalCalendar
    private let granularity: Granularity

    init(
        criteria: Criteria,
        periods: [ClosedRange<Int>],
        calendar: LocalCalendar,
        granularity: Granularity
    ) {
        self.criteria = criteria
        self.periods = [0...0] + periods
        self.calendar = calendar
        self.granularity = granularity
    }

    /// The bucket a number of buckets after a cohort's.
    ///
    /// - Parameters:
    ///   - cohort: The cohort's bucket.
    ///   - period: How many buckets after it; 0 is the cohort's own.
    /// - Returns: The bucket's first instant and the next one's; equal for a date that never
    ///   occurred.
    /// - Complexity: O(log changes of the zone).
    public func bucket(
        after cohort: Bucket,
        _ period: Int
    ) -> (start: UnixMilliseconds, end: UnixMilliseconds) {
        let date = calendar.firstDate(
            granularity,
            of: calendar.date(of: cohort.start),
            later: period
        )
        let next = calendar.firstDate(granularity, of: date, later: 1)
        var hint = 0
        let start = calendar.rules.firstInstant(of: date, near: &hint)
        return (start, calendar.rules.firstInstant(of: next, near: &hint))
    }
}
