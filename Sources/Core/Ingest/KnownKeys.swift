/// What the store has, as far as it spares look-ups of what it does not have.
public struct KnownKeys: Sendable {
    /// Sessions, by ``MembershipFilter/hash(_:bot:)``.
    public var sessions: MembershipFilter
    /// Users with a first message to a bot or to all, by ``MembershipFilter/hash(user:bot:)``.
    public var firstMessages: MembershipFilter

    /// Makes filters without keys.
    ///
    /// - Parameters:
    ///   - sessions: How many sessions to expect.
    ///   - firstMessages: How many first messages to expect.
    public init(sessions: Int = 1 << 16, firstMessages: Int = 1 << 16) {
        self.sessions = MembershipFilter(capacity: sessions)
        self.firstMessages = MembershipFilter(capacity: firstMessages)
    }
}

/// What ``Fold/warm(count:_:)`` works with.
struct Warmth: Sendable {
    var hashes: [UInt64] = []
    var places: [Int] = []
    var touched: UInt64 = 0
}
