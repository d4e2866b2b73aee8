internal import JSON

extension QueryPlan {
    /// The plan of a method about a range of time.
    ///
    /// Parameters are read in the order in which faults are told. The zone and the week are needed
    /// before their turn; until it comes, wrong ones are replaced and not complained about.
    static func figures(
        _ reader: ParameterReader,
        now: UnixMilliseconds,
        defaultZone: String,
        zones: some ZoneDatabase,
        bots: Set<UUID128>?
    ) throws(ParameterError) -> QueryPlan {
        let rules = zones.rules(named: reader.peek(.timezone) ?? defaultZone)
        let calendar = LocalCalendar(
            rules: rules ?? .utc,
            weekStart: reader.peek(.weekStart).flatMap(WeekStart.init) ?? .monday
        )
        let asked = try AskedRange(reader, calendar: calendar, now: now)
        let granularity = try granularity(reader, calendar: calendar, range: asked.range)
        let buckets = try buckets(
            reader,
            granularity,
            calendar: calendar,
            range: asked.range,
            now: now
        )
        _ = try reader.text(.timezone)
        guard rules != nil else { throw reader.fault(.timezone, "must be an IANA name") }
        let _: WeekStart? = try reader.choice(.weekStart)
        let filter = try filter(reader, bots: bots)
        let compare: Compare? = try reader.choice(.compare)
        let retention = try retention(reader, calendar: calendar, granularity: granularity)
        _ = try reader.text(.windowMinutes)
        try reader.refuseUnknown()
        return QueryPlan(
            method: reader.method,
            calendar: calendar,
            range: asked.range,
            granularity: granularity,
            buckets: buckets,
            filter: filter,
            now: now,
            retention: retention,
            previous: compare.map { ($0, asked.previous($0, now: now)) }
        )
    }

    /// The plan of `realtime` without parameters: all bots, the default window.
    ///
    /// - Parameter now: The end of the running UTC second, in the years 1970 to 9999.
    /// - Returns: The plan.
    public static func realtime(now: UnixMilliseconds) -> QueryPlan {
        live(.realtime, filter: Filter(bots: nil), now: now, windowMinutes: windowMinutesDefault)
    }

    /// The plan of a method about this moment, in UTC.
    static func live(
        _ reader: ParameterReader,
        now: UnixMilliseconds,
        bots: Set<UUID128>?
    ) throws(ParameterError) -> QueryPlan {
        var filter = Filter(bots: bots)
        var minutes = windowMinutesDefault
        for name in ParameterName.allCases {
            switch name {
            case .botID: filter.bot = try reader.identity(name)
            case .channel: filter.channel = try reader.channel()
            case .windowMinutes: minutes = try reader.integer(name, in: 1...60) ?? minutes
            // Not taken: refused where it is there.
            default: _ = try reader.text(name)
            }
        }
        try reader.refuseUnknown()
        return live(reader.method, filter: filter, now: now, windowMinutes: minutes)
    }

    private static func live(
        _ method: QueryMethod,
        filter: Filter,
        now: UnixMilliseconds,
        windowMinutes minutes: Int
    ) -> QueryPlan {
        let window = method == .systemStatus ? 0 : Int64(minutes) * Milliseconds.minute
        return QueryPlan(
            method: method,
            calendar: LocalCalendar(rules: .utc),
            range: TimeRange(start: now - window, end: now),
            filter: filter,
            now: now,
            windowMinutes: minutes
        )
    }

    private static func filter(
        _ reader: ParameterReader,
        bots: Set<UUID128>?
    ) throws(ParameterError) -> Filter {
        Filter(
            bot: try reader.identity(.botID),
            bots: bots,
            user: try reader.identity(.userID),
            channel: try reader.channel()
        )
    }

    // MARK: - Rows

    private static func granularity(
        _ reader: ParameterReader,
        calendar: LocalCalendar,
        range: TimeRange
    ) throws(ParameterError) -> Granularity? {
        let isRetention = reader.method == .engagementRetention
        let asked: Granularity? =
            isRetention
            ? try reader.choice(.groupBy, of: [.day, .week, .month])
            : try reader.choice(.groupBy)
        switch reader.method {
        case .usageDaily: return .day
        case .usageMonthly: return .month
        case _ where !ParameterName.groupBy.isTaken(by: reader.method): return nil
        case _ where isRetention: return asked ?? .week
        default: break
        }
        if let asked { return asked }
        return switch calendar.dayCount(touching: range) {
        case ...2: .hour
        case ...92: .day
        case ...182: .week
        default: .month
        }
    }

    private static func buckets(
        _ reader: ParameterReader,
        _ granularity: Granularity?,
        calendar: LocalCalendar,
        range: TimeRange,
        now: UnixMilliseconds
    ) throws(ParameterError) -> [Bucket] {
        guard let granularity else { return [] }
        // What is refused is counted and not made: no bucket is much shorter than these but at
        // a change of the clock.
        let hours = (range.end - range.start) / Milliseconds.hour
        let shortest: Int64 =
            switch granularity {
            case .hour: 1
            case .day: 23
            case .week: 166
            case .month: 660
            }
        guard hours / shortest <= 6_000,
            let buckets = calendar.buckets(
                granularity,
                touching: range,
                now: now,
                limit: bucketsMaximum
            )
        else {
            // By name also where it cannot be chosen, as for `usage.daily`: `protocol/limits.md`.
            throw reader.fault(
                .groupBy,
                "gives more than \(bucketsMaximum) rows; shorten the range"
            )
        }
        return buckets
    }

    // MARK: - Retention

    private static func retention(
        _ reader: ParameterReader,
        calendar: LocalCalendar,
        granularity: Granularity?
    ) throws(ParameterError) -> RetentionPlan? {
        let criteria: RetentionPlan.Criteria? = try reader.choice(.criteria)
        let brackets = try brackets(reader)
        if criteria == .bracket, brackets == nil {
            throw reader.fault(.brackets, "must be given with criteria=bracket")
        }
        if criteria != .bracket, brackets != nil {
            throw reader.fault(.brackets, "need criteria=bracket")
        }
        let count = try reader.integer(.periods, in: 1...60) ?? 8
        guard reader.method == .engagementRetention, let granularity else { return nil }
        return RetentionPlan(
            criteria: criteria ?? .on,
            periods: brackets ?? (1...count).map { $0...$0 },
            calendar: calendar,
            granularity: granularity
        )
    }

    /// Reads `1-3,4-7`; nil where there are none.
    ///
    /// A bracket may be a single period.
    private static func brackets(
        _ reader: ParameterReader
    ) throws(ParameterError) -> [ClosedRange<Int>]? {
        guard let text = try reader.text(.brackets) else { return nil }
        var brackets: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = ends.first.flatMap(period), let last = ends.last.flatMap(period),
                ends.count <= 2, first <= last
            else { throw reader.fault(.brackets, "must look like 1-3,4-7, from 1 to 60") }
            brackets.append(first...last)
            // As many as there may be `periods`: brackets may overlap, so their ends bound nothing.
            guard brackets.count <= 60 else { throw reader.fault(.brackets, "must be at most 60") }
        }
        return brackets
    }

    private static func period(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text), (1...60).contains(number)
        else { return nil }
        return number
    }
}
