/// Everything one commit changes, at one point.
///
/// The journal stores what it takes to recompute it (events and new names), the store folds it
/// into rows, queries add it to what they read until that has happened, and the realtime window
/// takes its events. Immutable, so that three threads share it without locks.
public final class ChangeSet: Sendable {
    /// A user made active in a slot.
    public struct Activity: Sendable, BitwiseCopyable {
        /// The slot, of a bot and a channel.
        public var key: SlotKey
        /// The user's ordinal.
        public var user: UInt32
    }

    /// A user who becomes, or is no longer, new in a slot.
    public struct NewcomerMove: Sendable, BitwiseCopyable {
        /// The slot, of a bot or of all bots, and a channel.
        public var key: SlotKey
        /// The user's ordinal.
        public var user: UInt32
        /// Whether the user becomes new there.
        public var isAdded: Bool
    }

    /// A user's first-ever incoming message to a bot or to all bots.
    public struct FirstSeen: Sendable, BitwiseCopyable {
        /// A bot's ordinal or ``SlotKey/allBots``.
        public var bot: UInt32
        /// The user's ordinal.
        public var user: UInt32
        /// The first message's quarter and channel.
        public var first: FirstMessage
    }

    /// A change of the distributions of a slot.
    public struct Measurement: Sendable {
        /// The slot.
        public var key: SlotKey
        /// Which distribution.
        public var kind: DurationKind
        /// What is added; counts may be negative.
        public var distribution: Distribution
    }

    /// A session seen for the first time.
    public struct NewSession: Sendable, BitwiseCopyable {
        /// The bot's ordinal.
        public var bot: UInt32
        /// The session's identity.
        public var identity: UUID128
        /// Its new ordinal.
        public var ordinal: UInt32

        /// Makes a value.
        ///
        /// - Parameters:
        ///   - bot: The bot's ordinal.
        ///   - identity: The session's identity.
        ///   - ordinal: Its new ordinal.
        public init(bot: UInt32, identity: UUID128, ordinal: UInt32) {
            self.bot = bot
            self.identity = identity
            self.ordinal = ordinal
        }
    }

    /// A session's place in the schedule changes.
    public struct ScheduleMove: Sendable, BitwiseCopyable {
        /// The session's ordinal.
        public var session: UInt32
        /// The second it was due at, or 0.
        public var oldSecond: UInt32
        /// The second it is due at, or 0.
        public var newSecond: UInt32
    }

    /// Names given ordinals in this commit.
    public struct Names: Sendable {
        /// New bots.
        public var bots: [(ordinal: UInt32, identity: UUID128)] = []
        /// New channels.
        public var channels: [(ordinal: UInt16, name: String)] = []
        /// New users.
        public var users: [(ordinal: UInt32, identity: UUID128)] = []
        /// New sessions.
        public var sessions: [NewSession] = []
        /// Sessions that had not been heard of for so long that pruning may just have taken their
        /// row: it is written again.
        public var returning: [NewSession] = []

        /// Makes an empty list.
        public init() {}
    }

    /// The commit's number, from 1, without gaps.
    public let number: UInt64
    /// Grows with every commit that changes an answer.
    public let dataVersion: UInt64
    /// The end of the UTC second up to which time has been followed.
    public let now: UnixMilliseconds
    /// How many events were accepted before this commit.
    public let firstPosition: UInt64
    /// The events accepted.
    public let events: [EventRecord]
    /// Names given ordinals.
    public let names: Names
    /// Counter changes of (bot, channel), (all, channel) and (all, any), in the order of slots.
    public let slots: SlotChanges
    /// Distribution changes for the same slots, in their order.
    public let measurements: [Measurement]
    /// Users made active, in the order of (slot, user), without repetition.
    public let activities: [Activity]
    /// Users new or no longer new.
    public let newcomers: [NewcomerMove]
    /// First messages, each replacing an earlier statement.
    public let firstSeen: [FirstSeen]
    /// (user, session) pairs seen for the first time since the session was loaded.
    public let userSessions: [(user: UInt32, session: UInt32)]
    /// Changes of the schedule.
    public let schedule: [ScheduleMove]
    /// Bots whose first transfer or resolution moved, and to when.
    public let firstOutcomes: [(bot: UInt32, instant: UnixMilliseconds)]
    /// Channels a bot used for the first time.
    public let botChannels: [(bot: UInt32, channel: UInt16)]

    init(
        fold: borrowing FoldOutput,
        number: UInt64,
        dataVersion: UInt64,
        now: UnixMilliseconds,
        firstPosition: UInt64
    ) {
        self.number = number
        self.dataVersion = dataVersion
        self.now = now
        self.firstPosition = firstPosition
        events = fold.events
        names = fold.names
        slots = fold.allSlots()
        measurements = fold.allMeasurements()
        activities = fold.sortedActivities()
        newcomers = fold.newcomers
        firstSeen = fold.firstSeen
        userSessions = fold.userSessions
        schedule = fold.schedule
        firstOutcomes = fold.firstOutcomes
        botChannels = fold.botChannels
        quarters = Self.quarters(slots, measurements, newcomers)
    }

    private static func quarters(
        _ slots: SlotChanges,
        _ measurements: [Measurement],
        _ newcomers: [NewcomerMove]
    ) -> Range<Quarter> {
        var low = Quarter.max
        var high = Quarter.min
        // Whoever is active in a slot sent a message there, which its counters show.
        for quarter in slots.keys.lazy.map(\.quarter) {
            low = min(low, quarter)
            high = max(high, quarter)
        }
        for quarter in measurements.lazy.map(\.key.quarter) {
            low = min(low, quarter)
            high = max(high, quarter)
        }
        for quarter in newcomers.lazy.map(\.key.quarter) {
            low = min(low, quarter)
            high = max(high, quarter)
        }
        return low <= high ? low..<high + 1 : 0..<0
    }

    /// The quarters in which anything changed; empty when nothing did.
    public let quarters: Range<Quarter>

    /// Position after the last event.
    public var endPosition: UInt64 { firstPosition + UInt64(events.count) }
}

/// The quarter and channel of a user's first incoming message, in one comparable word.
///
/// The smaller of two is the earlier quarter, then the smaller channel ordinal: a choice that
/// does not depend on the order of arrival.
public struct FirstMessage: Sendable, Equatable, Comparable, BitwiseCopyable {
    /// quarter (32 bits) · channel (16 bits).
    public let word: UInt64

    /// Makes a value of its packed form.
    ///
    /// - Parameter word: quarter and channel.
    public init(word: UInt64) { self.word = word }

    /// Makes a value.
    ///
    /// - Parameters:
    ///   - quarter: The message's quarter.
    ///   - channel: The message's channel.
    public init(quarter: Quarter, channel: UInt16) {
        word = UInt64(UInt32(bitPattern: quarter)) << 16 | UInt64(channel)
    }

    /// The message's quarter.
    public var quarter: Quarter { Quarter(truncatingIfNeeded: word >> 16) }
    /// The message's channel.
    public var channel: UInt16 { UInt16(truncatingIfNeeded: word) }

    /// Whether this message comes first.
    public static func < (left: FirstMessage, right: FirstMessage) -> Bool {
        left.word < right.word
    }
}
