/// When a user last wrote, in 16 bytes.
struct SeenUser: TableEntry {
    var user: UInt32
    /// The last incoming message anywhere; 0 for never.
    var second: UInt32 = 0
    /// Its bot and channel, where all of the hour are on one channel of one bot.
    var bot: UInt32 = 0
    var channel: UInt16 = 0
    /// Whether ``SeenUserScope`` entries know where; void when the last message is too old.
    var isOnSeveral = false

    static var free: SeenUser { SeenUser(user: EventRecord.absent) }
    var isFree: Bool { user == EventRecord.absent }
    var hash: UInt64 { spread(UInt64(user)) }
    func hasKey(of other: SeenUser) -> Bool { user == other.user }
    func matters(since horizon: UInt32) -> Bool { second >= horizon }
}

/// When a user of several bots or channels last wrote in one scope.
///
/// Keyed, not listed: the one user of a publisher that knows no users may be on every bot.
struct SeenUserScope: TableEntry {
    /// Stands for any channel.
    static let anyChannel = UInt16.max

    var user: UInt32
    /// The bot, or ``EventRecord/absent`` for any.
    var bot: UInt32 = EventRecord.absent
    /// The last incoming message.
    var second: UInt32 = 0
    /// The channel, or ``anyChannel``.
    var channel: UInt16 = SeenUserScope.anyChannel

    static var free: SeenUserScope { SeenUserScope(user: EventRecord.absent) }
    var isFree: Bool { user == EventRecord.absent }
    var hash: UInt64 {
        spread(spread(UInt64(user) << 16 | UInt64(channel)) ^ UInt64(bot))
    }
    func hasKey(of other: SeenUserScope) -> Bool {
        user == other.user && bot == other.bot && channel == other.channel
    }
    func matters(since horizon: UInt32) -> Bool { second >= horizon }
}

extension RealtimeWindow {
    /// Takes in an incoming message of the last hour.
    mutating func seeUser(_ sighting: Sighting, cell: Int, in second: UInt32) {
        let horizon = horizon
        let place = users.place(SeenUser(user: sighting.user), since: horizon)
        let old = users[place]
        guard old.second >= horizon else {
            users[place].second = second
            users[place].bot = sighting.bot
            users[place].channel = sighting.channel
            users[place].isOnSeveral = false
            total.activity.add(second, 0, 1, since: horizon)
            addActivity(cell: cell, in: second, users: 1)
            return
        }
        users[place].second = max(old.second, second)
        if second > old.second {
            total.activity.add(second, 0, 1, since: horizon)
            total.activity.add(old.second, 0, -1, since: horizon)
        }
        if old.isOnSeveral || old.bot != sighting.bot || old.channel != sighting.channel {
            users[place].isOnSeveral = true
            if !old.isOnSeveral { spreadOut(old) }
            seeOnSeveral(sighting, cell: cell, in: second)
        } else if second > old.second {
            addActivity(cell: cell, in: second, users: 1)
            addActivity(cell: cell, in: old.second, users: -1)
        }
    }

    /// Enters the scopes of a user who so far had one channel of one bot.
    private mutating func spreadOut(_ user: SeenUser) {
        var scope = SeenUserScope(user: user.user)
        scope.channel = user.channel
        _ = raise(scope, to: user.second)
        scope.bot = user.bot
        _ = raise(scope, to: user.second)
        scope.channel = SeenUserScope.anyChannel
        _ = raise(scope, to: user.second)
    }

    private mutating func seeOnSeveral(_ sighting: Sighting, cell: Int, in second: UInt32) {
        let (bot, channel, horizon) = (sighting.bot, sighting.channel, horizon)
        let inChannel = raise(SeenUserScope(user: sighting.user, channel: channel), to: second)
        let inCell = raise(
            SeenUserScope(user: sighting.user, bot: bot, channel: channel),
            to: second
        )
        let inBot = raise(SeenUserScope(user: sighting.user, bot: bot), to: second)
        if inChannel.old != inChannel.new {
            channels[Int(channel)].activity.add(inChannel.new, 0, 1, since: horizon)
            channels[Int(channel)].activity.add(inChannel.old, 0, -1, since: horizon)
        }
        guard inCell.old != inCell.new else { return }
        cells[cell].counts.activity.add(inCell.new, 0, 1, since: horizon)
        cells[cell].counts.activity.add(inCell.old, 0, -1, since: horizon)
        guard inCell.old != inBot.old || inCell.new != inBot.new else { return }
        // What is added comes first: the parts of a difference may meet in one second.
        bots[Int(bot)].surplus.add(inCell.new, 0, 1, since: horizon)
        bots[Int(bot)].surplus.add(inBot.old, 0, 1, since: horizon)
        bots[Int(bot)].surplus.add(inCell.old, 0, -1, since: horizon)
        bots[Int(bot)].surplus.add(inBot.new, 0, -1, since: horizon)
    }

    /// Makes a user seen in a scope.
    ///
    /// - Returns: The second before, 0 or before the horizon for none, and now.
    private mutating func raise(
        _ scope: SeenUserScope,
        to second: UInt32
    ) -> (old: UInt32, new: UInt32) {
        let place = userScopes.place(scope, since: horizon)
        let old = userScopes[place].second
        let new = max(old, second)
        userScopes[place].second = new
        return (old, new)
    }
}
