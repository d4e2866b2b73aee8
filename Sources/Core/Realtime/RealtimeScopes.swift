/// What is counted of one scope: all, a channel, or a channel of a bot.
struct ScopeCounts: Sendable {
    /// Sessions (first) and users (second) by the second in which the scope last saw them.
    ///
    /// Sessions that were ended and what lies ahead of now are not in it.
    var activity = SparseCounts()
    /// Incoming (first) and outgoing (second) messages by second, those of the last five
    /// minutes and what lies ahead.
    var recent = SparseCounts()
    /// Incoming and outgoing messages by UTC minute, those of the last hour and what lies ahead.
    var minutes = SparseCounts()
    /// The newest event before now.
    var newest: UnixMilliseconds = .min

    /// Whether nothing is in the window or ahead of it, once tidied.
    var isIdle: Bool { activity.isEmpty && recent.isEmpty && minutes.isEmpty }

    /// The bytes the counts hold on to.
    var byteCount: Int { activity.byteCount + recent.byteCount + minutes.byteCount }

    /// Counts a message.
    mutating func count(
        in second: UInt32,
        incoming: Int32,
        outgoing: Int32,
        _ horizons: Horizons
    ) {
        recent.add(second, incoming, outgoing, since: horizons.recent)
        minutes.add(second / 60, incoming, outgoing, since: horizons.minutes)
    }

    /// Drops what has left the window.
    mutating func tidy(_ horizons: Horizons) {
        activity.tidy(since: horizons.activity)
        recent.tidy(since: horizons.recent)
        minutes.tidy(since: horizons.minutes)
    }
}

/// The earliest keys that still matter.
struct Horizons: Sendable {
    /// Of what is counted by second for the longest window.
    var activity: UInt32
    /// Of what is counted by second for the last five minutes.
    var recent: UInt32
    /// Of what is counted by UTC minute: the first row of the longest series.
    var minutes: UInt32

    init(nowSecond: UInt32) {
        activity = nowSecond - 3_600
        recent = nowSecond - 300
        minutes = (nowSecond - 1) / 60 - 59
    }
}

/// One channel of one bot.
struct BotChannel: Sendable {
    var counts = ScopeCounts()
    /// The place of the bot's next channel, or ``EventRecord/absent``.
    var next: UInt32
    var channel: UInt16
}

/// What there is of a bot apart from its channels.
struct BotState: Sendable {
    /// What the sum of the bot's channels counts more than once.
    ///
    /// Sessions and users of several of the channels: once for each channel in the second in
    /// which they were last seen on it, less once in the second in which they were last seen at
    /// all. The channels' sum less this counts each once.
    var surplus = SparseCounts()
    /// The place of the bot's first channel, or ``EventRecord/absent``.
    var firstCell = EventRecord.absent
    /// Whether the bot is in the list of live ones.
    var isLive = false
}

/// Where a bot's channel is.
struct CellPlace: TableEntry {
    var bot: UInt32
    var cell: UInt32 = 0
    var channel: UInt16

    static var free: CellPlace { CellPlace(bot: EventRecord.absent, channel: 0) }
    var isFree: Bool { bot == EventRecord.absent }
    var hash: UInt64 { spread(UInt64(bot) << 16 | UInt64(channel)) }
    func hasKey(of other: CellPlace) -> Bool { bot == other.bot && channel == other.channel }
    func matters(since horizon: UInt32) -> Bool { true }
}

extension RealtimeWindow {
    var horizons: Horizons { Horizons(nowSecond: nowSecond) }

    /// Counts a message in its scopes; reads leave out what lies ahead of now.
    mutating func count(
        incoming: Int32,
        outgoing: Int32,
        bot: UInt32,
        cell: Int,
        in second: UInt32
    ) {
        let horizons = horizons
        let channel = Int(cells[cell].channel)
        total.count(in: second, incoming: incoming, outgoing: outgoing, horizons)
        channels[channel].count(in: second, incoming: incoming, outgoing: outgoing, horizons)
        cells[cell].counts.count(in: second, incoming: incoming, outgoing: outgoing, horizons)
        if !bots[Int(bot)].isLive {
            bots[Int(bot)].isLive = true
            liveBots.append(bot)
        }
    }

    /// The place of a bot's channel in ``cells``, made if there is none.
    mutating func place(bot: UInt32, channel: UInt16) -> Int {
        if let found = cellPlaces.find(CellPlace(bot: bot, channel: channel)) {
            return Int(found.cell)
        }
        precondition(bot < Limits.botsMaximum, "ordinals are dense")
        precondition(channel < Limits.channelsMaximum, "ordinals are dense")
        while bots.count <= Int(bot) { bots.append(BotState()) }
        while channels.count <= Int(channel) { channels.append(ScopeCounts()) }
        let cell = UInt32(cells.count)
        cells.append(BotChannel(next: bots[Int(bot)].firstCell, channel: channel))
        bots[Int(bot)].firstCell = cell
        _ = cellPlaces.place(CellPlace(bot: bot, cell: cell, channel: channel), since: 0)
        return Int(cell)
    }

    /// Adds sessions and users to a channel of a bot and to that channel of all.
    mutating func addActivity(
        cell: Int,
        in second: UInt32,
        sessions: Int32 = 0,
        users: Int32 = 0
    ) {
        let horizon = horizon
        let channel = Int(cells[cell].channel)
        channels[channel].activity.add(second, sessions, users, since: horizon)
        cells[cell].counts.activity.add(second, sessions, users, since: horizon)
    }

    /// The bytes the window holds on to, without the fixed part and the allocator's overhead.
    var byteCount: Int {
        let scopes = channels.reduce(total.byteCount) { $0 + $1.byteCount }
        let inCells = cells.reduce(scopes) { $0 + $1.counts.byteCount }
        let counts = bots.reduce(inCells) { $0 + $1.surplus.byteCount }
        return counts + sessions.byteCount + users.byteCount + userScopes.byteCount
            + cellPlaces.byteCount + sessionChannels.byteCount + pending.byteCount
            + bots.capacity * MemoryLayout<BotState>.stride
            + cells.capacity * MemoryLayout<BotChannel>.stride
    }

    /// Looks at a share of the state for every second that has passed, the whole of it every
    /// five minutes, and drops what has left the window.
    ///
    /// Growth alone drops what it meets; this is for what nobody touches any more.
    mutating func sweepState(elapsedSeconds: Int) {
        let horizon = horizon
        for step in 0..<min(elapsedSeconds, sessions.segmentCount) {
            let segment = (Int(nowSecond) - step) % sessions.segmentCount
            sessions.tidy(segment: segment, since: horizon)
            users.tidy(segment: segment, since: horizon)
            userScopes.tidy(segment: segment, since: horizon)
        }
        for step in 0..<min(elapsedSeconds, channels.count) {
            channels[(Int(nowSecond) - step) % channels.count].tidy(horizons)
        }
        if elapsedSeconds > Int(nowSecond % 300) {
            sessionChannels.tidy(since: horizon)
            total.tidy(horizons)
        }
        let share = (liveBots.count + 299) / 300
        for _ in 0..<min(share * elapsedSeconds, liveBots.count) {
            sweepBot()
        }
    }

    /// Tidies the next live bot and takes it off the list if nothing is left.
    private mutating func sweepBot() {
        if sweep >= liveBots.count { sweep = 0 }
        let bot = Int(liveBots[sweep])
        bots[bot].surplus.tidy(since: horizon)
        var isIdle = true
        var cell = bots[bot].firstCell
        while cell != EventRecord.absent {
            cells[Int(cell)].counts.tidy(horizons)
            if !cells[Int(cell)].counts.isIdle { isIdle = false }
            cell = cells[Int(cell)].next
        }
        guard isIdle else {
            sweep += 1
            return
        }
        bots[bot].isLive = false
        liveBots.swapAt(sweep, liveBots.count - 1)
        liveBots.removeLast()
    }
}
