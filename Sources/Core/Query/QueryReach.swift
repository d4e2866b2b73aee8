/// What a retention lets a query read.
public struct QueryReach: Sendable, Equatable {
    /// What nothing is read before.
    public let cutoffs: Cutoffs
    /// Where the figures begin; nil where they would begin nowhere else without a retention.
    public let retainedFrom: UnixMilliseconds?

    /// Finds out how far back the figures of a query can be had as a whole.
    ///
    /// Days outlive hours. A query whose days are not the daemon's needs hours at least at the ends
    /// of each of its days: with the whole days between them and without these, its figures would
    /// be those of no range at all. So it reads nothing before the hours begin.
    ///
    /// - Parameters:
    ///   - plan: The query.
    ///   - cutoffs: What is kept.
    ///   - days: The days of the daemon's zone.
    /// - Complexity: O(buckets × log days) where hours are not kept for ever.
    public init(of plan: QueryPlan, cutoffs: Cutoffs, days: DayTable) {
        var cutoffs = cutoffs
        let first: Quarter
        if plan.user != nil {
            first = cutoffs.conversations
        } else if plan.needsHours(before: cutoffs.hours, days) {
            first = cutoffs.hours
            cutoffs.days = max(cutoffs.days, first)
            cutoffs.day = max(cutoffs.day, days.day(of: first))
        } else {
            // Days whose rows are gone are read from their hours.
            first = min(cutoffs.days, cutoffs.hours)
        }
        self.cutoffs = cutoffs
        let start = Quarters.start(of: first)
        retainedFrom = first > 0 && plan.earliest < start ? start : nil
    }
}

extension QueryPlan {
    /// The earliest instant that a figure of this query looks at.
    fileprivate var earliest: UnixMilliseconds {
        var earliest = min(range.start, comparison?.earliest ?? range.start)
        if method == .engagement, let month = lastLocalDays(30).first {
            earliest = min(earliest, month.start)
        }
        return earliest
    }

    /// Whether one of its limits before an instant lies within a day of the daemon's zone.
    fileprivate func needsHours(before cutoff: Quarter, _ days: DayTable) -> Bool {
        let end = Quarters.start(of: cutoff)
        func isWithinDay(_ instant: UnixMilliseconds) -> Bool {
            let quarter = Quarters.containing(instant)
            guard instant < end, quarter > days.start(of: 0) else { return false }
            return days.start(of: days.firstDay(atOrAfter: quarter)) != quarter
        }
        guard cutoff > 0 else { return false }
        return isWithinDay(range.start) || isWithinDay(range.end)
            || buckets.contains { isWithinDay($0.from) }
            || (method == .engagement && lastLocalDays(30).contains { isWithinDay($0.start) })
            || comparison?.needsHours(before: cutoff, days) == true
    }
}
