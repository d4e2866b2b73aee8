/// The sliding window behind `realtime` and `realtime.active`, exact to the millisecond.
///
/// Every figure is a pure function of the multiset of recorded events and now: the state keeps
/// only maxima (when was something last seen) and sums, so the order of arrival cannot show.
/// Now is the end of a whole second, hence an event's whole second decides whether it lies in a
/// window; milliseconds matter only between a session's last message and its end.
///
/// How it stays small (1,000,000 sessions of as many users and 10,000 bots: 102 bytes each,
/// 138 after several messages, a tenth of them on three channels) and
/// quick (a record costs its cache misses, 0.4 µs in a burst and 1.3 µs scattered over all):
/// * Counts are kept for three kinds of scope: all, all of a channel, a bot's channel. Sessions
///   and users are counted in the second in which the scope last saw them, so that a window's
///   figure is the sum over its seconds, whatever its length.
/// * A whole bot is the sum of its channels less a *surplus*: sessions and users seen on several
///   channels, in the seconds in which they were not seen last. Most are on one channel, so it
///   is nearly always empty, where a full set of counts would double the memory.
/// * A ring of 3,600 seconds for each of 10,000 bots would be 10,000 × 43 KB; the counts are
///   sorted lists of the seconds that have any. Messages need seconds for five minutes only and
///   UTC minutes for the rest of the hour.
/// * There is no timer for each session: what is older than an hour is skipped where it is met
///   and dropped when its table is rebuilt to grow, or by the sweep of ``advance(to:)``.
public struct RealtimeWindow: Sendable {
    /// The end of the running second, in seconds since 1970.
    var nowSecond: UInt32
    /// Everything.
    var total = ScopeCounts()
    /// Everything of a channel, by its ordinal.
    var channels: [ScopeCounts] = []
    /// What there is of a bot apart from its channels, by its ordinal.
    var bots: [BotState] = []
    /// Everything of one channel of one bot, in the order in which they came up.
    var cells: [BotChannel] = []
    /// Where a bot's channel is in ``cells``.
    var cellPlaces = SegmentedTable<CellPlace>()
    /// The sessions of the last hour.
    var sessions = SegmentedTable<SeenSession>()
    /// When the sessions with several channels were last seen on each.
    var sessionChannels = SessionChannels()
    /// The users of the last hour.
    var users = SegmentedTable<SeenUser>()
    /// When the users of several bots or channels were last seen in each.
    var userScopes = SegmentedTable<SeenUserScope>()
    /// What lies ahead of now.
    var pending = PendingSightings()
    /// The bots with anything to count.
    var liveBots: [UInt32] = []
    /// Where the sweep is.
    var sweep = 0

    /// Makes an empty window.
    ///
    /// - Parameter now: The end of the running UTC second: a multiple of 1,000.
    public init(now: UnixMilliseconds) {
        nowSecond = Self.second(ofNow: now)
    }

    /// The end of the running second.
    public var now: UnixMilliseconds { Int64(nowSecond) * Milliseconds.second }

    /// Takes an accepted event, in any order and at any time.
    ///
    /// Events older than an hour change only the newest instant; those at or after now count as
    /// soon as ``advance(to:)`` has passed them.
    ///
    /// - Parameter event: The event. Recording it twice counts it twice.
    /// - Complexity: O(1) amortised, for a session or user with few channels and bots; O(log n)
    ///   for an event ahead of now, n being the sessions active in its second.
    public mutating func record(_ event: RealtimeEvent) {
        precondition(
            event.timestamp >= Limits.earliestMilliseconds
                && event.timestamp < Limits.latestMilliseconds,
            "the decoder refuses other time stamps"
        )
        let second = UInt32(event.timestamp / Milliseconds.second)
        let cell = place(bot: event.bot, channel: event.channel)
        if event.kind.isMessage, second >= horizon {
            let isIncoming = event.kind == .incoming
            count(
                incoming: isIncoming ? 1 : 0,
                outgoing: isIncoming ? 0 : 1,
                bot: event.bot,
                cell: cell,
                in: second
            )
        }
        let sighting = Sighting(event)
        if second < nowSecond {
            see(sighting, cell: cell, in: second)
        } else {
            pending.add(sighting, in: second)
        }
    }

    /// Makes an instant known at which a bot had an event on a channel, of whatever type.
    ///
    /// For the start of the daemon: the newest event may be older than the hour that is replayed.
    ///
    /// - Parameters:
    ///   - bot: Ordinal of the bot.
    ///   - channel: Ordinal of the channel.
    ///   - instant: The event's time.
    /// - Complexity: O(1) amortised.
    public mutating func restoreNewest(
        bot: UInt32,
        channel: UInt16,
        instant: UnixMilliseconds
    ) {
        record(
            RealtimeEvent(
                timestamp: instant,
                bot: bot,
                session: EventRecord.absent,
                user: EventRecord.absent,
                channel: channel,
                kind: .error
            )
        )
    }

    /// Moves now forward; a now that is not later is ignored.
    ///
    /// - Parameter now: The end of the running UTC second: a multiple of 1,000.
    /// - Complexity: O(*n*) for *n* events that were ahead and are no longer, plus a fixed share
    ///   of the state for each second, which is swept for what has left the window.
    public mutating func advance(to now: UnixMilliseconds) {
        let second = Self.second(ofNow: now)
        guard second > nowSecond else { return }
        let elapsed = Int(second - nowSecond)
        nowSecond = second
        for (second, sightings) in pending.remove(before: nowSecond) {
            for sighting in sightings {
                let cell = place(bot: sighting.bot, channel: sighting.channel)
                see(sighting, cell: cell, in: second)
            }
        }
        sweepState(elapsedSeconds: elapsed)
    }

    /// The seconds of the longest window begin here; nothing earlier counts any more.
    var horizon: UInt32 { nowSecond - 3_600 }

    private static func second(ofNow now: UnixMilliseconds) -> UInt32 {
        precondition(now % Milliseconds.second == 0, "now is the end of a second")
        precondition(
            now >= Limits.earliestMilliseconds && now <= Limits.latestMilliseconds,
            "now lies in the calendar"
        )
        return UInt32(now / Milliseconds.second)
    }
}
