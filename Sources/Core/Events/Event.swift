/// A channel token of at most 32 bytes, zero-padded, in four words for fast comparison.
public struct ChannelToken: Hashable, Sendable, BitwiseCopyable {
    /// The bytes, eight to a word, first byte in the lowest bits.
    public var words: InlineArray<4, UInt64>

    /// Makes a token of its words.
    ///
    /// - Parameter words: The bytes, eight to a word, first byte in the lowest bits.
    public init(words: InlineArray<4, UInt64>) { self.words = words }

    /// Makes a token of a text.
    ///
    /// Gives nil when the text is no channel token.
    ///
    /// - Parameter text: 1 to 32 bytes of `[a-z0-9_-]`.
    public init?(_ text: some StringProtocol) {
        var words: InlineArray<4, UInt64> = [0, 0, 0, 0]
        var count = 0
        for byte in text.utf8 {
            guard count < 32, Self.isAllowed(byte) else { return nil }
            words[count / 8] |= UInt64(byte) << UInt64(count % 8 * 8)
            count += 1
        }
        guard count > 0 else { return nil }
        self.words = words
    }

    /// The token's text.
    public var text: String {
        var bytes: [UInt8] = []
        for index in 0..<32 {
            let byte = UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(index % 8 * 8))
            if byte == 0 { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the bytes are equal.
    @inlinable
    public static func == (left: ChannelToken, right: ChannelToken) -> Bool {
        left.words[0] == right.words[0] && left.words[1] == right.words[1]
            && left.words[2] == right.words[2] && left.words[3] == right.words[3]
    }

    /// Feeds the bytes to a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) {
        for index in 0..<4 { hasher.combine(words[index]) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// An event as decoded, with its identities spelled out.
public struct Event: Sendable, BitwiseCopyable {
    /// What the event is.
    public var kind: EventKind
    /// Raw value of the ``Rating`` of a feedback; 1 for a confirmed resolution; else 0.
    public var detail: UInt8
    /// Whether ``user`` was given.
    public var hasUser: Bool
    /// The event's own time.
    public var timestamp: UnixMilliseconds
    /// The bot.
    public var bot: UUID128
    /// The end user.
    public var user: UUID128
    /// The session; ``UUID128/zero`` for an error without one.
    public var session: UUID128
    /// The channel.
    public var channel: ChannelToken
    /// `response_ms`, or ``EventRecord/absent``.
    public var responseMilliseconds: UInt32
    /// `tokens`, or ``EventRecord/absent``.
    public var tokens: UInt32

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - kind: What the event is.
    ///   - detail: Rating or confirmation.
    ///   - hasUser: Whether a user is named.
    ///   - timestamp: The event's own time.
    ///   - bot: The bot.
    ///   - user: The end user.
    ///   - session: The session.
    ///   - channel: The channel.
    ///   - responseMilliseconds: `response_ms`, or ``EventRecord/absent``.
    ///   - tokens: `tokens`, or ``EventRecord/absent``.
    @inlinable
    public init(
        kind: EventKind,
        detail: UInt8,
        hasUser: Bool,
        timestamp: UnixMilliseconds,
        bot: UUID128,
        user: UUID128,
        session: UUID128,
        channel: ChannelToken,
        responseMilliseconds: UInt32,
        tokens: UInt32
    ) {
        self.kind = kind
        self.detail = detail
        self.hasUser = hasUser
        self.timestamp = timestamp
        self.bot = bot
        self.user = user
        self.session = session
        self.channel = channel
        self.responseMilliseconds = responseMilliseconds
        self.tokens = tokens
    }
}
