/// Computes from whole sessions what they contribute to the rollups, in the form of a commit.
///
/// The fold reaches the same sum event by event; this is the short statement of what it is. It
/// serves what goes back to the timelines: the figures of one user, a rebuild, a check.
public struct ContributionBuilder: Sendable {
    private let bots: [BotRecord]
    private let timeoutMilliseconds: Int64
    private let now: UnixMilliseconds
    private let user: UInt32?
    private var sink: ContributionSieve
    private var history = SessionHistory()
    private var firstOfBot: [UInt32: FirstMessage] = [:]
    private var firstOfAll: [UInt32: FirstMessage] = [:]
    private var bot: UInt32?

    /// Events taken in since the last ``take()``.
    public private(set) var eventCount = 0

    /// Makes a builder.
    ///
    /// - Parameters:
    ///   - bots: All bots, by ordinal.
    ///   - timeoutMilliseconds: The session timeout.
    ///   - now: The end of the running second.
    ///   - user: The only user whose share counts; nil for everybody.
    public init(
        bots: [BotRecord],
        timeoutMilliseconds: Int64,
        now: UnixMilliseconds,
        user: UInt32? = nil
    ) {
        self.bots = bots
        self.timeoutMilliseconds = timeoutMilliseconds
        self.now = now
        self.user = user
        sink = ContributionSieve(user: user)
    }

    /// Adds a session.
    ///
    /// - Parameters:
    ///   - session: The session's ordinal.
    ///   - events: All of its events, in any order; sessions of one bot come together.
    ///   - directory: Names that the order of messages depends on.
    ///   - known: A user's first message to a bot or all bots, where conversations that are no
    ///     longer kept may have held it.
    /// - Complexity: O(n log n) in the events.
    public mutating func add(
        session: UInt32,
        events: [EventRecord],
        directory: some Directory,
        known: (_ user: UInt32, _ scope: UInt32) -> FirstMessage? = { _, _ in nil }
    ) {
        guard let bot = events.first?.bot else { return }
        if self.bot != bot { closeBot() }
        self.bot = bot
        eventCount += events.count
        history.removeAll()
        var users: Set<UInt32> = []
        for event in events {
            history.append(event)
            if event.user != EventRecord.absent { users.insert(event.user) }
            guard user == nil || event.user == user else { continue }
            addOwnFigures(of: event, known)
        }
        for user in users.sorted() { sink.output.userSessions.append((user, session)) }
        history.sort(with: directory)
        let context = EvaluationContext(
            timeoutMilliseconds: timeoutMilliseconds,
            firstOutcome: bots[Int(bot)].firstOutcome,
            now: now
        )
        sink.output.contributingBot = bot
        let outcome = ConversationEvaluation.run(history, context: context, into: &sink)
        schedule(session, outcome)
    }

    private mutating func addOwnFigures(
        of event: EventRecord,
        _ known: (_ user: UInt32, _ scope: UInt32) -> FirstMessage?
    ) {
        let key = SlotKey(
            bot: event.bot,
            channel: event.channel,
            quarter: Quarters.containing(event.timestamp)
        )
        sink.output.slots.addMessageFigures(of: event, at: key)
        guard event.kind == .incoming else { return }
        sink.output.activities.append(ChangeSet.Activity(key: key, user: event.user))
        let message = FirstMessage(quarter: key.quarter, channel: key.channel)
        let ofBot = firstOfBot[event.user] ?? known(event.user, event.bot) ?? message
        firstOfBot[event.user] = min(ofBot, message)
        let ofAll = firstOfAll[event.user] ?? known(event.user, SlotKey.allBots) ?? message
        firstOfAll[event.user] = min(ofAll, message)
    }

    /// The second at which the fold wants the session back, as it would state it itself.
    private mutating func schedule(_ session: UInt32, _ outcome: EvaluationOutcome) {
        let second = LiveSession.dueSecond(
            nextChange: outcome.nextChangeSecond.map { UInt32(clamping: $0) } ?? LiveSession.never,
            lastTimestamp: history.latestTimestamp,
            now: now
        )
        guard second != 0 else { return }
        sink.output.schedule.append(
            ChangeSet.ScheduleMove(session: session, oldSecond: 0, newSecond: second)
        )
    }

    /// States who is new to the bot whose sessions have been added.
    private mutating func closeBot() {
        if let bot { addNewcomers(firstOfBot, to: bot) }
        firstOfBot.removeAll(keepingCapacity: true)
        bot = nil
    }

    private mutating func addNewcomers(_ first: [UInt32: FirstMessage], to scope: UInt32) {
        for (user, message) in first.sorted(by: { $0.key < $1.key }) {
            let key = SlotKey(bot: scope, channel: message.channel, quarter: message.quarter)
            sink.output.newcomers.append(
                ChangeSet.NewcomerMove(key: key, user: user, isAdded: true)
            )
            sink.output.firstSeen.append(
                ChangeSet.FirstSeen(bot: scope, user: user, first: message)
            )
        }
    }

    /// Takes out what the sessions since the last call contribute.
    ///
    /// - Returns: A commit without number and events.
    public mutating func take() -> ChangeSet {
        let changes = ChangeSet(
            fold: sink.output,
            number: 0,
            dataVersion: 0,
            now: now,
            firstPosition: 0
        )
        sink = ContributionSieve(user: user)
        eventCount = 0
        return changes
    }

    /// Takes out the rest, with who is new to all bots.
    ///
    /// - Returns: A commit without number and events.
    public mutating func finish() -> ChangeSet {
        closeBot()
        addNewcomers(firstOfAll, to: SlotKey.allBots)
        firstOfAll = [:]
        return take()
    }
}

/// Lets everything through, or only what belongs to one user.
private struct ContributionSieve: ContributionSink {
    var output = FoldOutput()
    let user: UInt32?

    init(user: UInt32?) { self.user = user }

    mutating func add(
        _ amount: Int64,
        to field: Counters.Field,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        guard self.user == nil || user == self.user else { return }
        output.add(amount, to: field, at: instant, channel: channel, user: user)
    }

    mutating func measure(
        _ milliseconds: Int64,
        as kind: DurationKind,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        guard self.user == nil || user == self.user else { return }
        output.measure(milliseconds, as: kind, at: instant, channel: channel, user: user)
    }
}
