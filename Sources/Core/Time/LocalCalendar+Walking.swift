extension LocalCalendar {
    /// The local hours that share an instant with a range, oldest first, future ones too.
    ///
    /// An hour begins at every full local hour and at every change of the offset that falls on a
    /// quarter hour.
    ///
    /// - Parameter range: The range.
    /// - Returns: A sequence that is computed as it is walked, a few nanoseconds for each hour.
    public func hours(touching range: TimeRange) -> LocalHours {
        LocalHours(rules: rules, range: range)
    }

    /// The days, weeks or months that share an instant with a range, future ones too.
    func spans(_ granularity: Granularity, touching range: TimeRange) -> LocalSpans {
        LocalSpans(calendar: self, granularity: granularity, range: range)
    }

    /// The buckets of a range that have begun.
    ///
    /// - Parameters:
    ///   - granularity: What to group by.
    ///   - range: The range.
    ///   - now: The end of the running second; what begins then or later has not begun.
    ///   - limit: How many buckets there may be, those counted that have not begun.
    /// - Returns: The buckets, oldest first; nil where there are more than `limit`.
    /// - Complexity: O(buckets), at most O(`limit`).
    public func buckets(
        _ granularity: Granularity,
        touching range: TimeRange,
        now: UnixMilliseconds,
        limit: Int
    ) -> [Bucket]? {
        var buckets: [Bucket] = []
        var count = 0
        func add(_ span: LocalSpan, _ label: (inout TimeText) -> Void) {
            count += 1
            guard span.start < now, count <= limit else { return }
            var text = TimeText(reservingCapacity: 16)
            label(&text)
            buckets.append(
                Bucket(date: text.string, start: span.start, end: span.end, in: range, now: now)
            )
        }
        if granularity == .hour {
            for hour in hours(touching: range) {
                guard count <= limit else { return nil }
                add(hour) { $0.append(hourOf: rules.local(of: hour.start)) }
            }
        } else {
            for (date, span) in spans(granularity, touching: range) {
                guard count <= limit else { return nil }
                add(span) { text in
                    if granularity == .month {
                        text.append(monthOf: date)
                    } else {
                        text.append(date: date)
                    }
                }
            }
        }
        return count <= limit ? buckets : nil
    }
}

/// A local hour, day, week or month and the part of it that lies in a range.
public struct LocalSpan: Hashable, BitwiseCopyable, Sendable {
    /// Its own first instant.
    public let start: UnixMilliseconds
    /// The first instant of the next one.
    public let end: UnixMilliseconds
    /// The first instant that lies in the range too.
    public let from: UnixMilliseconds
    /// The end of the part that lies in the range.
    public let to: UnixMilliseconds

    init(start: UnixMilliseconds, end: UnixMilliseconds, in range: TimeRange) {
        self.start = start
        self.end = end
        from = max(start, range.start)
        to = min(end, range.end)
    }
}

/// The local hours of a range.
public struct LocalHours: Sequence, IteratorProtocol, Sendable {
    private let rules: ZoneRules
    private let range: TimeRange
    /// Where to stop.
    private let end: UnixMilliseconds
    /// The first instant of the next hour.
    private var start: UnixMilliseconds
    /// The change of the clock in force at ``start``.
    private var index: Int

    /// - Parameters:
    ///   - rules: The zone.
    ///   - range: The range; hours carry the part of them that lies in it.
    ///   - window: Hours outside it are left out; nil for all.
    init(rules: ZoneRules, range: TimeRange, within window: TimeRange? = nil) {
        self.rules = rules
        self.range = range
        // `min` and `max` would be the sequence's own.
        let first = Swift.max(range.start, window?.start ?? range.start)
        end = Swift.min(range.end, window?.end ?? range.end)
        (start, index) = Self.hourStart(first, rules)
        // An empty range may lie within an hour.
        if first >= end { start = end }
    }

    /// The next hour; nil after the last that shares an instant with the range.
    public mutating func next() -> LocalSpan? {
        guard start < end else { return nil }
        let hour = LocalSpan(start: start, end: nextStart(), in: range)
        start = hour.end
        while start >= rules.end(ofChange: index) { index += 1 }
        return hour
    }

    private func nextStart() -> UnixMilliseconds {
        var index = index
        var full = start + Milliseconds.hour - clock(start, index)
        // Where the clock is changed before the hour is full, the change begins an hour unless
        // it falls into a quarter hour; then the first full hour after it does.
        while case let change = rules.end(ofChange: index), full > change {
            if change % Milliseconds.quarterHour == 0 { return change }
            index += 1
            let past = clock(change, index)
            full = past == 0 ? change : change + Milliseconds.hour - past
        }
        return full
    }

    private func clock(_ time: UnixMilliseconds, _ index: Int) -> Int64 {
        Self.clock(time + rules.changes[index].offset)
    }

    /// Milliseconds since the full hour.
    private static func clock(_ local: Int64) -> Int64 {
        local - floorDivide(local, by: Milliseconds.hour) * Milliseconds.hour
    }

    /// The start of the hour that an instant lies in, and the change in force there.
    private static func hourStart(
        _ time: UnixMilliseconds,
        _ rules: ZoneRules
    ) -> (UnixMilliseconds, Int) {
        var quarter = floorDivide(time, by: Milliseconds.quarterHour) * Milliseconds.quarterHour
        var index = rules.index(at: quarter)
        while true {
            let change = rules.changes[index]
            let full = quarter - clock(quarter + change.offset)
            if full >= change.start { return (full, index) }
            // The first change lies before everything, so an earlier one exists.
            if change.start % Milliseconds.quarterHour == 0 { return (change.start, index) }
            quarter =
                floorDivide(change.start - 1, by: Milliseconds.quarterHour)
                * Milliseconds.quarterHour
            index = rules.index(at: quarter)
        }
    }
}

/// The local days, weeks or months of a range, each with its first date.
struct LocalSpans: Sequence, IteratorProtocol {
    private let calendar: LocalCalendar
    private let granularity: Granularity
    private let range: TimeRange
    private var date: CivilDate
    private var start: UnixMilliseconds
    private var hint = 0

    init(calendar: LocalCalendar, granularity: Granularity, range: TimeRange) {
        self.calendar = calendar
        self.granularity = granularity
        self.range = range
        // A date can begin, be left again for the last minutes of the day before and go on; the
        // range may begin in those minutes. `day(of:)` knows.
        date = calendar.firstDate(granularity, of: calendar.day(of: range.start))
        start = calendar.rules.firstInstant(of: date, near: &hint)
    }

    mutating func next() -> (date: CivilDate, span: LocalSpan)? {
        guard !range.isEmpty else { return nil }
        while start < range.end {
            let following =
                switch granularity {
                case .hour, .day: date.adding(days: 1)
                case .week: date.adding(days: 7)
                case .month: date.adding(months: 1)
                }
            let end = calendar.rules.firstInstant(of: following, near: &hint)
            defer {
                date = following
                start = end
            }
            // A date that never occurred has no instant, and no bucket.
            if start < end {
                return (date, LocalSpan(start: start, end: end, in: range))
            }
        }
        return nil
    }
}
