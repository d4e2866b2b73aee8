/// What the rows of an answer are grouped by.
public enum Granularity: String, CaseIterable, Sendable {
    /// Local hours.
    case hour
    /// Local dates.
    case day
    /// Seven local dates.
    case week
    /// Local months.
    case month
}

/// The day that weeks begin with.
public enum WeekStart: String, CaseIterable, Sendable {
    /// ISO 8601.
    case monday
    /// The Americas, Brazil among them.
    case sunday
    /// The Arab world and Iran.
    case saturday

    /// 0 for Sunday, as ``CivilDate/weekday``.
    var weekday: Int {
        switch self {
        case .sunday: 0
        case .monday: 1
        case .saturday: 6
        }
    }
}

/// One row of an answer: a local hour, day, week or month that has begun.
public struct Bucket: Hashable, Sendable {
    /// The local label: `2025-01-06`, `2025-01`, `2025-01-06T14:00`; a week's is its first day.
    public let date: String
    /// The bucket's own first instant.
    public let start: UnixMilliseconds
    /// The next bucket's first instant.
    public let end: UnixMilliseconds
    /// The first instant that lies in the range too.
    public let from: UnixMilliseconds
    /// The end of the part that lies in the range; always after ``from``.
    public let to: UnixMilliseconds
    /// Whether the whole bucket lies in the range and has elapsed.
    public let complete: Bool

    /// Makes a bucket.
    ///
    /// - Parameters:
    ///   - date: The local label.
    ///   - start: The bucket's own first instant.
    ///   - end: The next bucket's first instant.
    ///   - range: The range asked about, which shares an instant with the bucket.
    ///   - now: The end of the running second.
    public init(
        date: String,
        start: UnixMilliseconds,
        end: UnixMilliseconds,
        in range: TimeRange,
        now: UnixMilliseconds
    ) {
        self.date = date
        self.start = start
        self.end = end
        from = max(start, range.start)
        to = min(end, range.end)
        complete = range.start <= start && end <= range.end && end <= now
    }
}
