/// The ordinals of channels.
///
/// There are few channels and every event asks for one, the next event for another: with a
/// dictionary's SipHash of 32 bytes this was 1.7 % of the daemon's time (measured, B1). So those met
/// last are found by a hash of two multiplications.
struct ChannelOrdinals: Sendable {
    private static let recentCount = 64

    private var all: [ChannelToken: UInt16] = [:]
    private var recent: [(token: ChannelToken, ordinal: UInt16)]

    init() {
        // No token is empty.
        let free = ChannelToken(words: [0, 0, 0, 0])
        recent = Array(repeating: (free, 0), count: Self.recentCount)
    }

    mutating func find(_ token: ChannelToken) -> UInt16? {
        let place = Self.place(token)
        if recent[place].token == token { return recent[place].ordinal }
        guard let ordinal = all[token] else { return nil }
        recent[place] = (token, ordinal)
        return ordinal
    }

    mutating func set(_ ordinal: UInt16, for token: ChannelToken) { all[token] = ordinal }

    private static func place(_ token: ChannelToken) -> Int {
        let hash =
            token.words[0] &* 0x9e37_79b9_7f4a_7c15 ^ token.words[1] &* 0xc2b2_ae3d_27d4_eb4f
        return Int(truncatingIfNeeded: hash >> 58) & (recentCount - 1)
    }
}
