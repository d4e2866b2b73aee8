/// A quarter of an hour, counted from 2000-01-01T00:00:00Z: the finest slot kept for ever.
///
/// Every present UTC offset is a multiple of fifteen minutes, so quarters compose every local
/// hour, day, week and month of every zone.
public typealias Quarter = Int32

/// Conversions between instants and quarters.
public enum Quarters {
    /// Quarters in an hour.
    public static let perHour: Quarter = 4

    /// The quarter an instant lies in.
    ///
    /// - Parameter instant: At or after 2000-01-01.
    /// - Returns: Its quarter.
    @inlinable
    public static func containing(_ instant: UnixMilliseconds) -> Quarter {
        let offset = floorDivide(
            instant - Limits.earliestMilliseconds,
            by: Milliseconds.quarterHour
        )
        return Quarter(clamping: offset)
    }

    /// The first instant of a quarter.
    ///
    /// - Parameter quarter: Any quarter.
    /// - Returns: Its first instant.
    @inlinable
    public static func start(of quarter: Quarter) -> UnixMilliseconds {
        Limits.earliestMilliseconds + Int64(quarter) * Milliseconds.quarterHour
    }
}

/// The place of a figure: a bot (or all), a channel (or any) and a quarter, in one word.
///
/// The order of the word is the order of the rows on disk: bot, then channel, then time, as
/// ranges are scanned for one bot and channel.
public struct SlotKey: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The bot ordinal that stands for all bots together.
    public static let allBots: UInt32 = (1 << 26) - 1
    /// The channel ordinal that stands for any channel, kept for all bots only.
    public static let anyChannel: UInt16 = .max

    /// bot (26 bits) · channel (16 bits) · quarter (22 bits).
    public let word: UInt64

    /// Makes a key of its packed form.
    ///
    /// - Parameter word: bot, channel and quarter.
    @inlinable
    public init(word: UInt64) { self.word = word }

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - bot: A bot's ordinal or ``allBots``.
    ///   - channel: A channel's ordinal or ``anyChannel``.
    ///   - quarter: 0 ..< 2²², which reaches the year 2119.
    @inlinable
    public init(bot: UInt32, channel: UInt16, quarter: Quarter) {
        word = UInt64(bot) << 38 | UInt64(channel) << 22 | UInt64(UInt32(bitPattern: quarter))
    }

    /// The bot's ordinal, or ``allBots``.
    @inlinable public var bot: UInt32 { UInt32(truncatingIfNeeded: word >> 38) }
    /// The channel's ordinal, or ``anyChannel``.
    @inlinable public var channel: UInt16 { UInt16(truncatingIfNeeded: word >> 22) }
    /// The quarter.
    @inlinable public var quarter: Quarter { Quarter(truncatingIfNeeded: word & 0x3f_ffff) }

    /// Whether this key lies before the other on disk.
    @inlinable
    public static func < (left: SlotKey, right: SlotKey) -> Bool { left.word < right.word }
}
