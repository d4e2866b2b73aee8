internal import Core

/// The topics of the live socket.
enum LiveTopic {
    /// All bots.
    static let total = Array("realtime".utf8)
    /// All bots once more.
    ///
    /// A subscription is a prefix, so one to ``total`` gets every bot's figures, too. This is for
    /// those who want the sum alone.
    static let totalAlone = Array("all".utf8)
    /// What stands before a bot's identity.
    static let botPrefix = Array("realtime.".utf8)

    static func bot(_ identity: UUID128) -> [UInt8] { botPrefix + Array("\(identity)".utf8) }
}

/// Whose figures subscribers want.
struct LiveWish: Sendable, Equatable {
    /// Those of all bots together.
    var total = false
    /// The same under the topic that is nobody's prefix.
    var totalAlone = false
    /// Those of every bot.
    var everyBot = false
    /// Those of some bots; not said where every bot's are wanted.
    var bots: Set<UUID128> = []

    var isEmpty: Bool { !total && !totalAlone && !everyBot && bots.isEmpty }
}

/// What is subscribed to on the live socket, followed by what XPUB receives.
///
/// XPUB tells the first subscription to a prefix and the end of the last one.
struct LiveSubscriptions {
    /// Prefixes that are kept; with more of them, everything is wanted.
    private static let prefixesMaximum = 100_000

    private var prefixes: Set<[UInt8]> = []
    private var isOverfull = false

    /// Follows a message of the socket; one that is no subscription is ignored.
    mutating func follow(_ message: [UInt8]) {
        guard let isAdded = message.first, isAdded <= 1 else { return }
        let prefix = Array(message.dropFirst())
        guard Self.canMatch(prefix) else { return }
        if isAdded == 0 {
            prefixes.remove(prefix)
        } else if prefixes.count < Self.prefixesMaximum {
            prefixes.insert(prefix)
        } else {
            isOverfull = true
        }
        if prefixes.isEmpty { isOverfull = false }
    }

    /// What the subscriptions come to.
    var wish: LiveWish {
        if isOverfull { return LiveWish(total: true, totalAlone: true, everyBot: true) }
        var wish = LiveWish()
        for prefix in prefixes {
            if LiveTopic.total.starts(with: prefix) { wish.total = true }
            // Whoever asks for everything is not the one this topic is for.
            if !prefix.isEmpty, LiveTopic.totalAlone.starts(with: prefix) { wish.totalAlone = true }
            if LiveTopic.botPrefix.starts(with: prefix) {
                wish.everyBot = true
            } else if let bot = Self.bot(prefix) {
                wish.bots.insert(bot)
            } else if prefix.starts(with: LiveTopic.botPrefix) {
                // A part of an identity: the socket finds out whose.
                wish.everyBot = true
            }
        }
        if wish.everyBot { wish.bots = [] }
        return wish
    }

    /// Whether some topic begins so, as far as can be told by its length and its first word.
    private static func canMatch(_ prefix: [UInt8]) -> Bool {
        if LiveTopic.totalAlone.starts(with: prefix) { return true }
        let common = min(prefix.count, LiveTopic.botPrefix.count)
        return prefix.count <= LiveTopic.botPrefix.count + 36
            && prefix.prefix(common).elementsEqual(LiveTopic.botPrefix.prefix(common))
    }

    private static func bot(_ prefix: [UInt8]) -> UUID128? {
        guard prefix.count == LiveTopic.botPrefix.count + 36,
            let bot = UUID128(
                String(decoding: prefix.dropFirst(LiveTopic.botPrefix.count), as: UTF8.self)
            )
        else { return nil }
        // Topics have small letters.
        return LiveTopic.bot(bot) == prefix ? bot : nil
    }
}
