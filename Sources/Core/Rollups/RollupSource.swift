/// A bot or all bots, and a channel or any channel, resolved to rows.
public struct RollupScope: Sendable {
    /// The bot's ordinal; nil for all bots.
    public let bot: UInt32?
    /// The channel's ordinal; nil for any channel.
    public let channel: UInt16?
    /// The bot part of the rows' keys.
    public let rowBot: UInt32
    /// The channel parts of the rows' keys.
    public let rowChannels: [UInt16]

    /// The scope of all bots.
    ///
    /// - Parameter channel: The channel's ordinal; nil for any channel.
    public init(allBots channel: UInt16?) {
        bot = nil
        self.channel = channel
        rowBot = SlotKey.allBots
        rowChannels = [channel ?? SlotKey.anyChannel]
    }

    /// The scope of one bot.
    ///
    /// - Parameters:
    ///   - bot: The bot's ordinal.
    ///   - channel: The channel's ordinal; nil for any channel.
    ///   - used: The channels the bot ever used.
    public init(bot: UInt32, channel: UInt16?, used: [UInt16]) {
        self.bot = bot
        self.channel = channel
        rowBot = bot
        rowChannels = channel.map { [$0] } ?? used
    }

    /// Whether a channel lies in the scope.
    ///
    /// - Parameter other: The channel's ordinal.
    /// - Returns: True for any channel when the scope names none.
    @inlinable
    public func includes(channel other: UInt16) -> Bool { channel.map { $0 == other } ?? true }
}

/// Something that can sum the slots of a range: the store with its unfolded tail, or one user's
/// share of it.
///
/// The answers know nothing else of where figures come from.
public protocol RollupSource {
    /// Adds the slots of a scope and range.
    ///
    /// - Parameters:
    ///   - scope: The bot and channel.
    ///   - quarters: The range.
    ///   - accumulator: Receives the figures it asks for.
    func accumulate(
        _ scope: RollupScope,
        _ quarters: Range<Quarter>,
        into accumulator: inout SlotAccumulator
    )

    /// When a user first wrote to a bot, by whatever channel.
    ///
    /// - Parameters:
    ///   - user: The user's ordinal.
    ///   - bot: The bot's ordinal.
    /// - Returns: The quarter of the first incoming message; nil where there is none.
    func firstQuarter(of user: UInt32, to bot: UInt32) -> Quarter?
}
