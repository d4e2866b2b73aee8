/// What an accepted event is, after decoding.
public enum EventKind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// A counted message of the end user.
    case incoming = 0
    /// A counted message of the bot.
    case assistant = 1
    /// A counted message of a human attendant.
    case agent = 2
    /// A message of the system or a tool, or an episodic or compact one: accepted, not counted.
    case uncounted = 3
    /// `session.transferred`.
    case transferred = 4
    /// `session.resolved`.
    case resolved = 5
    /// `session.ended`.
    case ended = 6
    /// `feedback`.
    case feedback = 7
    /// `survey.offered`.
    case surveyOffered = 8
    /// `error`.
    case error = 9

    /// Whether this is a counted message.
    @inlinable public var isMessage: Bool { rawValue <= EventKind.agent.rawValue }

    /// Whether this attaches to a conversation instead of being part of it.
    @inlinable public var isSessionEvent: Bool {
        rawValue >= EventKind.transferred.rawValue && rawValue <= EventKind.surveyOffered.rawValue
    }
}

/// A rating in the order in which the larger one wins a tie: down, up, 1 … 5.
public enum Rating: UInt8, BitwiseCopyable, Sendable, CaseIterable, Comparable {
    /// A thumb down.
    case down = 1
    /// A thumb up.
    case up = 2
    /// One of five.
    case one = 3
    /// Two of five.
    case two = 4
    /// Three of five.
    case three = 5
    /// Four of five.
    case four = 6
    /// Five of five.
    case five = 7

    /// Whether this rating loses a tie against the other.
    public static func < (left: Rating, right: Rating) -> Bool { left.rawValue < right.rawValue }
}

/// An accepted event with its identities replaced by ordinals: the unit of the journal and of
/// the unfolded tail.
///
/// Plain data of 40 bytes, so that a commit's records are written to the journal as they lie in
/// memory.
public struct EventRecord: Sendable, BitwiseCopyable {
    /// Stands for an absent user, response time or token count.
    public static let absent = UInt32.max

    /// The event's own time.
    public var timestamp: UnixMilliseconds
    /// Ordinal of the session.
    public var session: UInt32
    /// Ordinal of the end user, or ``absent``.
    public var user: UInt32
    /// Ordinal of the bot.
    public var bot: UInt32
    /// How many events before this one the session's previous unfolded event lies; 0 = none.
    public var previousDistance: UInt32 = 0
    /// `response_ms`, or ``absent``.
    public var responseMilliseconds: UInt32
    /// `tokens`, or ``absent``.
    public var tokens: UInt32
    /// Ordinal of the channel.
    public var channel: UInt16
    /// Raw value of the ``EventKind``.
    public var rawKind: UInt8
    /// Raw value of the ``Rating`` of a feedback; 1 for a confirmed resolution; else 0.
    public var detail: UInt8

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - kind: What the event is.
    ///   - timestamp: The event's own time.
    ///   - bot: Ordinal of the bot.
    ///   - session: Ordinal of the session.
    ///   - user: Ordinal of the end user, or ``absent``.
    ///   - channel: Ordinal of the channel.
    ///   - responseMilliseconds: `response_ms`, or ``absent``.
    ///   - tokens: `tokens`, or ``absent``.
    ///   - detail: Rating or confirmation.
    @inlinable
    public init(
        kind: EventKind,
        timestamp: UnixMilliseconds,
        bot: UInt32,
        session: UInt32,
        user: UInt32,
        channel: UInt16,
        responseMilliseconds: UInt32 = EventRecord.absent,
        tokens: UInt32 = EventRecord.absent,
        detail: UInt8 = 0
    ) {
        self.timestamp = timestamp
        self.session = session
        self.user = user
        self.bot = bot
        self.responseMilliseconds = responseMilliseconds
        self.tokens = tokens
        self.channel = channel
        self.rawKind = kind.rawValue
        self.detail = detail
    }

    /// What the event is.
    @inlinable public var kind: EventKind {
        guard let kind = EventKind(rawValue: rawKind) else {
            preconditionFailure("a record is only made from a kind, and stored ones are checked")
        }
        return kind
    }
}
