/// What the fold keeps in memory of a session that is open, recent or not yet folded.
///
/// 96 bytes, two cache lines of 64: an event touches both. What an open session costs with its
/// places in the tables and in the realtime window is measured by benchmark B6.
struct LiveSession {
    /// How the next message is folded.
    enum Mode: UInt8 {
        /// The latest conversation is open, no session event exists: a message that comes in
        /// order changes only counters that can be stated without reading the session.
        case appending
        /// Anything else: the session is evaluated as a whole, before and after.
        case evaluating
    }

    static let never = UInt32.max

    var identity: UUID128
    var userIdentity: UUID128
    /// Position + 1 of the session's latest unfolded event; 0 = none known.
    var tailHead: UInt64 = 0
    var lastTimestamp: UnixMilliseconds = .min
    /// No message at or after this can be the user's first.
    var firstSeenFloor: UInt64 = .max
    var ordinal: UInt32
    var bot: UInt32
    var user: UInt32 = EventRecord.absent
    /// The second at which time alone changes the contribution.
    var nextChangeSecond: UInt32 = LiveSession.never
    /// The second under which the schedule holds the session; never later than it is due.
    var scheduledSecond: UInt32 = 0
    private var conversationQuarter: Quarter = 0
    private var activeQuarter: Quarter = -1
    private var conversationChannel: UInt16 = 0
    private var activeChannel: UInt16 = 0
    /// Incoming messages of the open conversation, counted up to 2.
    var incoming: UInt8 = 0
    var mode: Mode = .evaluating
    private var flags = Flags()

    init(ordinal: UInt32, bot: UInt32, identity: UUID128?) {
        self.ordinal = ordinal
        self.bot = bot
        self.identity = identity ?? .zero
        self.userIdentity = .zero
        self.hasIdentity = identity != nil
    }

    /// Slot of the open conversation's start.
    var conversationSlot: SlotKey {
        get { SlotKey(bot: bot, channel: conversationChannel, quarter: conversationQuarter) }
        set {
            conversationChannel = newValue.channel
            conversationQuarter = newValue.quarter
        }
    }

    /// Whether the user was last made active in a slot of the session's bot.
    @inline(__always)
    func isActive(in slot: SlotKey) -> Bool {
        activeQuarter == slot.quarter && activeChannel == slot.channel
    }

    /// Notes the slot in which the user was made active; nil for none.
    mutating func setActive(in slot: SlotKey?) {
        activeQuarter = slot?.quarter ?? -1
        activeChannel = slot?.channel ?? 0
    }

    /// Whether ``identity`` is known.
    var hasIdentity: Bool {
        get { flags[.identity] }
        set { flags[.identity] = newValue }
    }

    /// Whether ``userIdentity`` is known.
    var hasUserIdentity: Bool {
        get { flags[.userIdentity] }
        set { flags[.userIdentity] = newValue }
    }

    var isEvictionQueued: Bool {
        get { flags[.evictionQueued] }
        set { flags[.evictionQueued] = newValue }
    }

    /// Whether the running commit has events of it that are not contributed yet.
    var isDirty: Bool {
        get { flags[.dirty] }
        set { flags[.dirty] = newValue }
    }

    /// Four truths in a byte: four bytes would make the session 104 bytes long.
    private struct Flags: OptionSet {
        var rawValue: UInt8 = 0

        static let identity = Flags(rawValue: 1)
        static let userIdentity = Flags(rawValue: 2)
        static let evictionQueued = Flags(rawValue: 4)
        static let dirty = Flags(rawValue: 8)

        subscript(flag: Flags) -> Bool {
            get { contains(flag) }
            set { if newValue { insert(flag) } else { remove(flag) } }
        }
    }

    /// Whether this is the session of a bot and identity.
    @inline(__always)
    func has(_ identity: UUID128, bot: UInt32) -> Bool {
        self.identity == identity && self.bot == bot && hasIdentity
    }

    /// The second at which a session wants attention, or 0: its next change, or the end of the
    /// time it is kept at hand for the realtime window, whichever comes first.
    static func dueSecond(
        nextChange: UInt32,
        lastTimestamp: UnixMilliseconds,
        now: UnixMilliseconds
    ) -> UInt32 {
        var keepUntil: UInt32 = 0
        if lastTimestamp != .min {
            let end = lastTimestamp + Limits.realtimeKeepMilliseconds
            keepUntil = UInt32(clamping: end / Milliseconds.second)
        }
        guard keepUntil > UInt32(clamping: now / Milliseconds.second) else {
            return nextChange == never ? 0 : nextChange
        }
        return min(nextChange, keepUntil)
    }
}

/// What the fold knows of a bot; bots are few, all are held in memory.
public struct BotRecord: Sendable {
    /// The bot's identity.
    public var identity: UUID128
    /// Time of its first transfer or resolution; `Int64.max` when it has sent none.
    public var firstOutcome: UnixMilliseconds = .max
    /// The channels it used, by ordinal, in the order of first use.
    public var channels: [UInt16] = []

    /// Makes the state of a new bot.
    ///
    /// - Parameter identity: The bot's identity.
    public init(identity: UUID128) { self.identity = identity }
}

/// A binary heap of (second, session) in which the earliest stands first.
struct TimerHeap {
    private var words: [UInt64] = []

    var isEmpty: Bool { words.isEmpty }
    var earliestSecond: UInt32? { words.first.map { UInt32($0 >> 32) } }

    mutating func insert(second: UInt32, session: UInt32) {
        words.append(UInt64(second) << 32 | UInt64(session))
        var child = words.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if words[parent] <= words[child] { break }
            words.swapAt(parent, child)
            child = parent
        }
    }

    mutating func popEarliest() -> (second: UInt32, session: UInt32)? {
        guard let first = words.first else { return nil }
        let last = words.removeLast()
        if !words.isEmpty {
            words[0] = last
            sinkRoot()
        }
        return (UInt32(first >> 32), UInt32(truncatingIfNeeded: first))
    }

    private mutating func sinkRoot() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < words.count else { return }
            if child + 1 < words.count, words[child + 1] < words[child] { child += 1 }
            if words[parent] <= words[child] { return }
            words.swapAt(parent, child)
            parent = child
        }
    }
}
