/// When a session was last heard of, in 20 bytes.
struct SeenSession: TableEntry {
    /// An instant since 1970; zero for never.
    struct Instant: Sendable, BitwiseCopyable {
        var second: UInt32 = 0
        var milliseconds: UInt16 = 0

        static func < (left: Instant, right: Instant) -> Bool {
            left.second != right.second
                ? left.second < right.second : left.milliseconds < right.milliseconds
        }
    }

    /// The last counted message on any channel.
    var message = Instant()
    /// Its channel, where all of the hour are on one.
    var channel: UInt16 = 0
    /// The last end or resolution.
    ///
    /// It is kept without a message too: the message may be late.
    var end = Instant()
    /// Whether ``SessionChannels`` knows the channels; void when the last message is too old.
    var isOnSeveral = false
    var session: UInt32

    static var free: SeenSession { SeenSession(session: EventRecord.absent) }
    var isFree: Bool { session == EventRecord.absent }
    var hash: UInt64 { spread(UInt64(session)) }
    func hasKey(of other: SeenSession) -> Bool { session == other.session }

    func matters(since horizon: UInt32) -> Bool {
        message.second >= horizon || end.second >= horizon
    }

    /// Whether the session is counted: there is a message that no end follows.
    func isOpen(since horizon: UInt32) -> Bool { message.second >= horizon && end < message }
}

/// When a session was last seen on a channel.
struct SeenChannel: Sendable, BitwiseCopyable {
    var second: UInt32
    var channel: UInt16
}

/// The channels of the sessions that have several: few, hence not in the table of all.
struct SessionChannels: Sendable {
    private var lists: [UInt32: [SeenChannel]] = [:]
    private var limit = 1_024

    /// The bytes the lists hold on to, a dictionary's place and an array's head included.
    var byteCount: Int {
        lists.values.reduce(lists.capacity * 16) {
            $0 + 32 + $1.capacity * MemoryLayout<SeenChannel>.stride
        }
    }

    /// Drops what no longer matters.
    mutating func tidy(since horizon: UInt32) {
        lists = lists.filter { $0.value.contains { $0.second >= horizon } }
        limit = max(1_024, lists.count * 2)
    }

    subscript(session: UInt32) -> [SeenChannel] { lists[session, default: []] }

    /// Begins a session's list.
    ///
    /// - Complexity: O(1) amortised: what no longer matters is dropped when the number of
    ///   lists has doubled.
    mutating func begin(_ session: UInt32, with seen: SeenChannel, since horizon: UInt32) {
        if lists.count >= limit { tidy(since: horizon) }
        lists[session] = [seen]
    }

    /// Makes a session's channel seen.
    ///
    /// - Returns: The second before, 0 for none, and now.
    mutating func see(
        _ session: UInt32,
        _ channel: UInt16,
        in second: UInt32
    ) -> (old: UInt32, new: UInt32) {
        let list = lists[session, default: []]
        guard let index = list.firstIndex(where: { $0.channel == channel }) else {
            lists[session, default: []].append(SeenChannel(second: second, channel: channel))
            return (0, second)
        }
        let old = list[index].second
        guard second > old else { return (old, old) }
        lists[session, default: []][index].second = second
        return (old, second)
    }
}

extension RealtimeWindow {
    /// Takes in what lies before now.
    mutating func see(_ sighting: Sighting, cell: Int, in second: UInt32) {
        let instant = Int64(second) * Milliseconds.second + Int64(sighting.milliseconds)
        let channel = Int(sighting.channel)
        total.newest = max(total.newest, instant)
        channels[channel].newest = max(channels[channel].newest, instant)
        cells[cell].counts.newest = max(cells[cell].counts.newest, instant)
        guard second >= horizon, sighting.kind != .other else { return }
        precondition(sighting.session != EventRecord.absent, "only errors lack a session")
        let at = SeenSession.Instant(second: second, milliseconds: sighting.milliseconds)
        if sighting.kind == .end {
            seeEnd(sighting, at: at)
            return
        }
        seeMessage(sighting, cell: cell, at: at)
        if sighting.kind == .incoming, sighting.user != EventRecord.absent {
            seeUser(sighting, cell: cell, in: second)
        }
    }

    /// A counted message can only move a session's last message forward, so a session that was
    /// counted stays so.
    private mutating func seeMessage(
        _ sighting: Sighting,
        cell: Int,
        at instant: SeenSession.Instant
    ) {
        let horizon = horizon
        let place = sessions.place(SeenSession(session: sighting.session), since: horizon)
        var session = sessions[place]
        guard session.message.second >= horizon else {
            session.message = instant
            session.channel = sighting.channel
            session.isOnSeveral = false
            sessions[place] = session
            if session.isOpen(since: horizon) { count(session, bot: sighting.bot, 1) }
            return
        }
        let old = session
        if session.message < instant { session.message = instant }
        if !session.isOnSeveral && session.channel != sighting.channel {
            session.isOnSeveral = true
            let home = SeenChannel(second: old.message.second, channel: old.channel)
            sessionChannels.begin(session.session, with: home, since: horizon)
        }
        sessions[place] = session
        let wasOpen = old.isOpen(since: horizon)
        if session.isOnSeveral {
            moveOnSeveral(sighting, cell, at: instant, from: old, to: session, wasOpen)
        } else if wasOpen {
            moveOnOne(cell, from: old.message.second, to: session.message.second)
        }
        if !wasOpen, session.isOpen(since: horizon) { count(session, bot: sighting.bot, 1) }
    }

    private mutating func seeEnd(_ sighting: Sighting, at instant: SeenSession.Instant) {
        let horizon = horizon
        let place = sessions.place(SeenSession(session: sighting.session), since: horizon)
        let old = sessions[place]
        guard old.end < instant else { return }
        sessions[place].end = instant
        if old.isOpen(since: horizon), !sessions[place].isOpen(since: horizon) {
            count(old, bot: sighting.bot, -1)
        }
    }

    /// Moves a counted session of one channel to the second of its new last message.
    private mutating func moveOnOne(_ cell: Int, from old: UInt32, to new: UInt32) {
        guard old != new else { return }
        total.activity.add(new, 1, 0, since: horizon)
        total.activity.add(old, -1, 0, since: horizon)
        addActivity(cell: cell, in: new, sessions: 1)
        addActivity(cell: cell, in: old, sessions: -1)
    }

    /// Notes the channel and moves a counted session on it, in all and in the bot's surplus.
    private mutating func moveOnSeveral(
        _ sighting: Sighting,
        _ cell: Int,
        at instant: SeenSession.Instant,
        from old: SeenSession,
        to new: SeenSession,
        _ wasOpen: Bool
    ) {
        let (before, after) = sessionChannels.see(
            sighting.session,
            sighting.channel,
            in: instant.second
        )
        guard wasOpen, before != after else { return }
        let bot = sighting.bot
        addActivity(cell: cell, in: after, sessions: 1)
        addActivity(cell: cell, in: before, sessions: -1)
        total.activity.add(new.message.second, 1, 0, since: horizon)
        total.activity.add(old.message.second, -1, 0, since: horizon)
        // What is added comes first: the parts of a difference may meet in one second.
        bots[Int(bot)].surplus.add(after, 1, 0, since: horizon)
        bots[Int(bot)].surplus.add(old.message.second, 1, 0, since: horizon)
        bots[Int(bot)].surplus.add(before, -1, 0, since: horizon)
        bots[Int(bot)].surplus.add(new.message.second, -1, 0, since: horizon)
    }

    /// Counts a session everywhere (1) or nowhere (-1).
    private mutating func count(_ session: SeenSession, bot: UInt32, _ change: Int32) {
        let last = session.message.second
        total.activity.add(last, change, 0, since: horizon)
        guard session.isOnSeveral else {
            let cell = place(bot: bot, channel: session.channel)
            addActivity(cell: cell, in: last, sessions: change)
            return
        }
        if change < 0 { bots[Int(bot)].surplus.add(last, 1, 0, since: horizon) }
        for seen in sessionChannels[session.session] {
            let cell = place(bot: bot, channel: seen.channel)
            addActivity(cell: cell, in: seen.second, sessions: change)
            bots[Int(bot)].surplus.add(seen.second, change, 0, since: horizon)
        }
        if change > 0 { bots[Int(bot)].surplus.add(last, -1, 0, since: horizon) }
    }
}
