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
        var builder = ContributionBuilder(
            bots: names.bots,
            timeoutMilliseconds: timeoutMilliseconds,
            now: now,
            user: user
        )
        let byBot = sessions.filter { !$0.isEmpty }.sorted { $0[0].bot < $1[0].bot }
        for events in byBot {
            builder.add(session: events[0].session, events: events, directory: directory)
        }
        changes = builder.finish()
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
        accumulator.add(changes, scope: scope, ranges: [quarters])
    }

    /// When the user first wrote to a bot; see ``RollupSource/firstQuarter(of:to:)``.
    public func firstQuarter(of user: UInt32, to bot: UInt32) -> Quarter? {
        changes.firstSeen.first { $0.bot == bot && $0.user == user }?.first.quarter
    }
}
