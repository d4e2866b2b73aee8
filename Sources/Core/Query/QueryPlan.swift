public import JSON

/// A query with every parameter resolved: which instants, which rows, whose events.
///
/// It is made once for a request and holds all that depends on the zone, the calendar and now;
/// what answers it only reads spans of time.
public struct QueryPlan: Sendable {
    /// What is asked.
    public let method: QueryMethod
    /// The zone and the weeks of the answer; UTC for realtime and status.
    public let calendar: LocalCalendar
    /// The range asked about: of realtime the window before now, of status nothing.
    public let range: TimeRange
    /// What rows are grouped by; nil for methods without rows of buckets.
    public let granularity: Granularity?
    /// The buckets of the range that have begun, oldest first.
    ///
    /// None for methods without rows, and none in a ``comparison``; at most 5,000.
    public let buckets: [Bucket]
    /// Only what belongs to this bot.
    public let bot: UUID128?
    /// The bots asked about: ``bot``, else those the asker is limited to; nil for all.
    ///
    /// None gives zeros. The first-ever message of a user is the first to any of them.
    public let bots: Set<UUID128>?
    /// Only what belongs to this user.
    public let user: UUID128?
    /// Only what belongs to this channel; 1 to 32 of `a` to `z`, digits, `_` and `-`.
    public let channel: String?
    /// What ``comparison`` was asked for.
    public let compare: Compare?
    /// The end of the running UTC second.
    public let now: UnixMilliseconds
    /// What `engagement.retention` asks about each cohort; nil for every other method.
    public let retention: RetentionPlan?
    /// The minutes of the realtime window, 1 to 60.
    public let windowMinutes: Int
    /// None or one: a struct cannot hold itself.
    private let comparisons: [QueryPlan]

    /// The earlier range to compare with.
    public enum Compare: String, CaseIterable, Sendable {
        /// As many local days, or one month or year, earlier.
        case previousPeriod = "previous_period"
        /// One year earlier.
        case previousYear = "previous_year"
    }

    /// The same query over the range that `compare` asks for; without buckets.
    public var comparison: QueryPlan? { comparisons.first }

    /// The day that weeks begin with.
    public var weekStart: WeekStart { calendar.weekStart }

    /// Resolves a request's parameters.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - parameters: The request's `params`; nil where it has none.
    ///   - now: The end of the running UTC second, in the years 1970 to 9999.
    ///   - defaultZone: The daemon's zone, for requests without `timezone`.
    ///   - zones: Where zones come from.
    ///   - bots: The bots that a request without `bot_id` is about; nil for all. A `bot_id` that
    ///     is not among them is the caller's to refuse.
    /// - Returns: The plan.
    /// - Throws: ``ParameterError`` naming the first parameter at fault in the order of
    ///   `protocol/queries.md`; unknown names come last.
    /// - Complexity: O(buckets); a few microseconds for a month of days.
    public static func resolve(
        method: QueryMethod,
        parameters: JSONValue?,
        now: UnixMilliseconds,
        defaultZone: String,
        zones: some ZoneDatabase,
        bots: Set<UUID128>? = nil
    ) throws(ParameterError) -> QueryPlan {
        let reader = try ParameterReader(parameters, method: method)
        guard method.takesRange else { return try live(reader, now: now, bots: bots) }
        return try figures(reader, now: now, defaultZone: defaultZone, zones: zones, bots: bots)
    }

    init(
        method: QueryMethod,
        calendar: LocalCalendar,
        range: TimeRange,
        granularity: Granularity? = nil,
        buckets: [Bucket] = [],
        filter: Filter,
        now: UnixMilliseconds,
        retention: RetentionPlan? = nil,
        windowMinutes: Int = QueryPlan.windowMinutesDefault,
        previous: (compare: Compare, range: TimeRange)? = nil
    ) {
        self.method = method
        self.calendar = calendar
        self.range = range
        self.granularity = granularity
        self.buckets = buckets
        bot = filter.bot
        bots = filter.bot.map { [$0] } ?? filter.bots
        user = filter.user
        channel = filter.channel
        self.now = now
        self.retention = retention
        self.windowMinutes = windowMinutes
        compare = previous?.compare
        comparisons =
            previous.map { previous in
                [
                    QueryPlan(
                        method: method,
                        calendar: calendar,
                        range: previous.range,
                        granularity: granularity,
                        filter: filter,
                        now: now
                    )
                ]
            } ?? []
    }

    /// Whose events count.
    struct Filter {
        var bot: UUID128?
        /// Where no bot is named.
        var bots: Set<UUID128>?
        var user: UUID128?
        var channel: String?
    }

    /// The minutes of the realtime window where none are asked for.
    static let windowMinutesDefault = 30
    /// The rows an answer may have.
    static let bucketsMaximum = 5_000
}

extension QueryPlan {
    /// The local days that end with the range's last one, today at the latest.
    ///
    /// - Parameter count: How many days, 1 or more.
    /// - Returns: As many spans, oldest first; that of a date that never occurred is empty.
    /// - Complexity: O(count).
    public func lastLocalDays(
        _ count: Int
    ) -> [(start: UnixMilliseconds, end: UnixMilliseconds)] {
        let today = calendar.date(of: now - 1)
        let last = min(calendar.day(of: range.end - 1), today)
        var hint = 0
        var start = calendar.rules.firstInstant(of: last.adding(days: 1 - count), near: &hint)
        var days: [(start: UnixMilliseconds, end: UnixMilliseconds)] = []
        days.reserveCapacity(count)
        for later in stride(from: 2 - count, through: 1, by: 1) {
            let end = calendar.rules.firstInstant(of: last.adding(days: later), near: &hint)
            days.append((start, end))
            start = end
        }
        return days
    }

    /// The local hours that share an instant with the range, for its busiest one.
    ///
    /// - Returns: The hours, future ones too, oldest first and computed as they are walked; those
    ///   of years in which no event can lie are left out.
    /// - Complexity: O(log changes of the zone), then O(1) for each hour.
    public func hourBuckets() -> LocalHours {
        LocalHours(
            rules: calendar.rules,
            range: range,
            within: TimeRange(
                start: Limits.earliestMilliseconds,
                end: Limits.latestMilliseconds
            )
        )
    }
}
