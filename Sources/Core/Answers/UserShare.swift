/// One user's share of all figures, computed from the sessions they took part in.
///
/// Rollups know users only as members of sets, so a `user_id` filter goes back to the timelines:
/// a user has few sessions. What they contribute has the form of a commit, so that it is summed
/// like one.
public struct UserShare: RollupSource {
    private let changes: ChangeSet

    /// Computes a user's share.
    ///
    /// - Parameters:
    ///   - user: The user's ordinal.
    ///   - sessions: All events of each session the user took part in, in any order.
    ///   - names: Bots by ordinal.
    ///   - directory: Names that the order of messages depends on.
    ///   - timeoutMilliseconds: The session timeout.
    ///   - now: The end of the running second.
    /// - Complexity: O(events of these sessions).
    public init(
        user: UInt32,
        sessions: [[EventRecord]],
        names: AnswerNames,
        directory: some Directory,
        timeoutMilliseconds: Int64,
        now: UnixMilliseconds
    ) {
        var sink = UserSink(user: user)
        var history = SessionHistory()
        var first: [UInt32: FirstMessage] = [:]
        for events in sessions {
            guard let bot = events.first?.bot else { continue }
            history.removeAll()
            for event in events {
                history.append(event)
                guard event.user == user else { continue }
                sink.addMessage(event)
                guard event.kind == .incoming else { continue }
                let message = FirstMessage(
                    quarter: Quarters.containing(event.timestamp),
                    channel: event.channel
                )
                for scope in [bot, SlotKey.allBots] {
                    first[scope] = min(first[scope] ?? message, message)
                }
            }
            history.sort(with: directory)
            let context = EvaluationContext(
                timeoutMilliseconds: timeoutMilliseconds,
                firstOutcome: names.bots[Int(bot)].firstOutcome,
                now: now
            )
            sink.output.contributingBot = bot
            ConversationEvaluation.run(history, context: context, into: &sink)
        }
        for (scope, message) in first {
            let key = SlotKey(bot: scope, channel: message.channel, quarter: message.quarter)
            sink.output.newcomers.append(
                ChangeSet.NewcomerMove(key: key, user: user, isAdded: true)
            )
        }
        changes = ChangeSet(
            fold: sink.output,
            number: 0,
            dataVersion: 0,
            now: now,
            firstPosition: 0
        )
    }

    /// Adds the user's share of a scope and range.
    ///
    /// - Parameters:
    ///   - scope: The bot and channel.
    ///   - quarters: The range.
    ///   - accumulator: Receives the figures it asks for.
    public func accumulate(
        _ scope: RollupScope,
        _ quarters: Range<Quarter>,
        into accumulator: inout SlotAccumulator
    ) {
        accumulator.add(changes, scope: scope, quarters: quarters)
    }
}

/// Takes only what belongs to one user.
private struct UserSink: ContributionSink {
    var output = FoldOutput()
    let user: UInt32

    init(user: UInt32) { self.user = user }

    mutating func addMessage(_ event: EventRecord) {
        let key = SlotKey(
            bot: event.bot,
            channel: event.channel,
            quarter: Quarters.containing(event.timestamp)
        )
        output.slots.addMessageFigures(of: event, at: key)
        if event.kind == .incoming {
            output.activities.append(ChangeSet.Activity(key: key, user: event.user))
        }
    }

    mutating func add(
        _ amount: Int64,
        to field: Counters.Field,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        guard user == self.user else { return }
        output.add(amount, to: field, at: instant, channel: channel, user: user)
    }

    mutating func measure(
        _ milliseconds: Int64,
        as kind: DurationKind,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        guard user == self.user else { return }
        output.measure(milliseconds, as: kind, at: instant, channel: channel, user: user)
    }
}
