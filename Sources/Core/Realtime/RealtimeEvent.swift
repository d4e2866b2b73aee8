/// An accepted event as the realtime window needs it: identities as dense ordinals.
public struct RealtimeEvent: Sendable, BitwiseCopyable {
    /// The event's own time, between ``Limits/earliestMilliseconds`` and
    /// ``Limits/latestMilliseconds``.
    public var timestamp: UnixMilliseconds
    /// Ordinal of the bot, below ``Limits/botsMaximum``.
    public var bot: UInt32
    /// Ordinal of the session, unique over all bots, or ``EventRecord/absent``.
    public var session: UInt32
    /// Ordinal of the end user, the same for every bot, or ``EventRecord/absent``.
    public var user: UInt32
    /// Ordinal of the channel, below ``Limits/channelsMaximum``.
    public var channel: UInt16
    /// Raw value of the ``EventKind``.
    private let rawKind: UInt8

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - timestamp: The event's own time.
    ///   - bot: Ordinal of the bot.
    ///   - session: Ordinal of the session, or ``EventRecord/absent``.
    ///   - user: Ordinal of the end user, or ``EventRecord/absent``.
    ///   - channel: Ordinal of the channel.
    ///   - kind: What the event is.
    public init(
        timestamp: UnixMilliseconds,
        bot: UInt32,
        session: UInt32,
        user: UInt32,
        channel: UInt16,
        kind: EventKind
    ) {
        self.timestamp = timestamp
        self.bot = bot
        self.session = session
        self.user = user
        self.channel = channel
        self.rawKind = kind.rawValue
    }

    /// Takes what the window needs from a journalled record.
    ///
    /// - Parameter record: An accepted event.
    public init(_ record: EventRecord) {
        self.init(
            timestamp: record.timestamp,
            bot: record.bot,
            session: record.session,
            user: record.user,
            channel: record.channel,
            kind: record.kind
        )
    }

    /// What the event is.
    public var kind: EventKind {
        guard let kind = EventKind(rawValue: rawKind) else {
            preconditionFailure("an event is only made from a kind")
        }
        return kind
    }
}
