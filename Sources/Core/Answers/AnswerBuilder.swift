public import JSON

/// Answers a query from a source of rollups.
///
/// One code path for totals, rows, comparisons and reports: every figure of every method is
/// computed here and nowhere else. The daemon gives it a snapshot; it has no I/O of its own.
public struct AnswerBuilder<Source: RollupSource> {
    /// The query.
    public let plan: QueryPlan
    let source: Source
    let names: AnswerNames
    /// The scopes that the query is the sum of; none when its bots or channel never sent anything.
    let scopes: [RollupScope]

    /// Makes a builder.
    ///
    /// - Parameters:
    ///   - plan: The query, resolved.
    ///   - source: Where figures come from.
    ///   - names: Bots and channels by ordinal.
    public init(plan: QueryPlan, source: Source, names: AnswerNames) {
        self.plan = plan
        self.source = source
        self.names = names
        scopes = names.scopes(of: plan, withChannel: true)
    }

    /// Computes the answer, without `meta`.
    ///
    /// - Returns: The members of the answer in the contract's order.
    /// - Complexity: O(rollup rows in the range and its buckets).
    public func answer() -> JSONValue {
        var object = figures(of: plan)
        if let previous = plan.comparison {
            let before = AnswerBuilder(plan: previous, source: source, names: names)
            addComparison(to: &object, before.figures(of: previous))
        }
        return object.value
    }

    private func figures(of plan: QueryPlan) -> AnswerObject {
        switch plan.method {
        case .usage: usage()
        case .usageDaily, .usageMonthly: usageSeries()
        case .conversations: conversations()
        case .conversationsVolume: volume()
        case .conversationsDuration: durations()
        case .conversationsResolution: resolution()
        case .engagement: engagement()
        case .engagementRetention: retention()
        case .engagementSatisfaction: satisfaction()
        case .realtime, .realtimeActive, .systemStatus:
            preconditionFailure("the daemon answers these without rollups")
        }
    }

    /// Adds `previous` and `change`: the top-level numbers of the answer, or of its totals.
    private func addComparison(to object: inout AnswerObject, _ previous: AnswerObject) {
        let now = Self.comparable(object)
        let before = Self.comparable(previous)
        var change = AnswerObject()
        for (current, earlier) in zip(now, before) {
            guard let new = current.value.doubleValue, let old = earlier.value.doubleValue,
                old != 0
            else {
                change.set(current.name, .null)
                continue
            }
            change.set(current.name, .double((new - old) / old))
        }
        object.set("previous", .object(before))
        object.set("change", change.value)
    }

    private static func comparable(_ object: AnswerObject) -> [JSONValue.Member] {
        if let totals = object.members.first(where: { $0.name == "totals" }) {
            return totals.value.objectValue ?? []
        }
        return object.members.filter { member in
            switch member.value {
            // The stated bound of the percentiles is no figure that could change.
            case .integer, .double, .null: member.name != "relative_error"
            default: false
            }
        }
    }

    // MARK: - Reading

    /// Sums a span of time.
    func read(
        _ figures: FigureSet,
        from: UnixMilliseconds,
        to: UnixMilliseconds
    ) -> SlotAccumulator {
        var accumulator = SlotAccumulator(figures: figures)
        read(from: from, to: to, into: &accumulator)
        return accumulator
    }

    /// Sums a span of time into an emptied accumulator.
    func read(
        from: UnixMilliseconds,
        to: UnixMilliseconds,
        into accumulator: inout SlotAccumulator
    ) {
        accumulator.clear()
        let quarters = Self.quarters(from, to)
        for scope in scopes { source.accumulate(scope, quarters, into: &accumulator) }
        guard scopes.count > 1, accumulator.figures.contains(.newUsers) else { return }
        accumulator.newUsers = newcomers(scopes, quarters)
    }

    static func quarters(_ from: UnixMilliseconds, _ to: UnixMilliseconds) -> Range<Quarter> {
        let low = max(0, Quarters.containing(from))
        return low..<max(low, Quarters.containing(to))
    }

    /// Users who are new in a span: with a filter, those of the active ones whose first message
    /// to the scope, by whatever channel, lies there.
    func newUsers(from: UnixMilliseconds, to: UnixMilliseconds) -> OrdinalSet {
        let newcomers = newcomers(
            plan.channel == nil ? scopes : names.scopes(of: plan, withChannel: false),
            Self.quarters(from, to)
        ).makeSet()
        guard plan.channel != nil else { return newcomers }
        var active = read(.activeUsers, from: from, to: to).activeUsers.makeSet()
        active.formIntersection(newcomers)
        return active
    }

    /// Users whose first message to any of several scopes, by whatever channel, lies in a range.
    ///
    /// Such a user is new to one of the bots there, and was not heard of by another one before.
    private func newcomers(
        _ scopes: [RollupScope],
        _ quarters: Range<Quarter>
    ) -> UserAccumulator {
        var accumulator = SlotAccumulator(figures: .newUsers)
        var users = UserAccumulator()
        for scope in scopes {
            accumulator.clear()
            source.accumulate(scope, quarters, into: &accumulator)
            users.formUnion(accumulator.newUsers)
        }
        guard scopes.count > 1 else { return users }
        for bot in scopes.compactMap(\.bot) {
            // In the order of the table of first messages, bot by bot.
            for user in users.makeSet().members {
                guard let first = source.firstQuarter(of: user, to: bot) else { continue }
                if first < quarters.lowerBound { users.remove(user) }
            }
        }
        return users
    }

    /// The number of new users, without making a set where no filter asks for one.
    func newUserCount(
        _ accumulator: borrowing SlotAccumulator,
        from: UnixMilliseconds,
        to: UnixMilliseconds
    ) -> Int {
        plan.channel == nil
            ? accumulator.newUsers.count : newUsers(from: from, to: to).count
    }

    /// One row of `data[]` for each bucket.
    func series(
        _ figures: FigureSet,
        _ row: (inout AnswerObject, borrowing SlotAccumulator, Bucket) -> Void
    ) -> JSONValue {
        var accumulator = SlotAccumulator(figures: figures)
        var rows: [JSONValue] = []
        rows.reserveCapacity(plan.buckets.count)
        for bucket in plan.buckets {
            read(from: bucket.from, to: bucket.to, into: &accumulator)
            var object = AnswerObject()
            object.set("date", .string(bucket.date))
            object.set("start", .string(plan.calendar.text(of: bucket.start)))
            object.set("complete", .bool(bucket.complete))
            row(&object, accumulator, bucket)
            rows.append(object.value)
        }
        return .array(rows)
    }
}

/// Bots and channels by ordinal, for scopes and labels.
public struct AnswerNames: Sendable {
    /// All bots.
    public var bots: [BotRecord]
    /// Ordinals by identity.
    public var botOrdinals: UUIDTable
    /// All channels.
    public var channels: [String]

    /// Makes a directory.
    ///
    /// - Parameters:
    ///   - bots: All bots, by ordinal.
    ///   - botOrdinals: Their ordinals.
    ///   - channels: All channels, by ordinal.
    public init(bots: [BotRecord], botOrdinals: UUIDTable, channels: [String]) {
        self.bots = bots
        self.botOrdinals = botOrdinals
        self.channels = channels
    }

    /// Follows a commit.
    ///
    /// - Parameter changes: The next commit.
    public mutating func apply(_ changes: ChangeSet) {
        for bot in changes.names.bots {
            botOrdinals[bot.identity] = bot.ordinal
            bots.append(BotRecord(identity: bot.identity))
        }
        for channel in changes.names.channels { channels.append(channel.name) }
        for use in changes.botChannels { bots[Int(use.bot)].channels.append(use.channel) }
        for outcome in changes.firstOutcomes {
            bots[Int(outcome.bot)].firstOutcome = outcome.instant
        }
    }

    /// The scopes whose sum a query asks for.
    ///
    /// - Parameters:
    ///   - plan: The query.
    ///   - withChannel: Whether its channel filter applies.
    /// - Returns: All bots, or each bot asked about that is known. None when the channel or every
    ///   bot is unknown, so that every figure is zero.
    public func scopes(of plan: QueryPlan, withChannel: Bool) -> [RollupScope] {
        var channel: UInt16?
        if withChannel, let name = plan.channel {
            guard let index = channels.firstIndex(of: name) else { return [] }
            channel = UInt16(index)
        }
        return scopes(of: plan, channel: channel)
    }

    /// The scopes of a query's bots on one channel; nil for any.
    func scopes(of plan: QueryPlan, channel: UInt16?) -> [RollupScope] {
        guard let ordinals = ordinals(of: plan) else { return [RollupScope(allBots: channel)] }
        return ordinals.map {
            RollupScope(bot: $0, channel: channel, used: bots[Int($0)].channels)
        }
    }

    /// The ordinals of the bots a query asks about.
    ///
    /// - Parameter plan: The query.
    /// - Returns: nil for all bots; else those that are known, ascending.
    public func ordinals(of plan: QueryPlan) -> [UInt32]? {
        plan.bots.map { $0.compactMap { botOrdinals[$0] }.sorted() }
    }
}
