/// Everything a slot holds: counters, distributions of durations, active and new users.
///
/// The unit of a rollup row's value. Its encoding is canonical: equal slots give equal bytes, so
/// that `check` can compare rows as bytes.
public struct RollupSlot: Sendable, Equatable {
    /// The additive figures.
    public var counters = Counters()
    /// Durations of closed conversations.
    public var conversationDurations = Distribution(.conversation)
    /// First responses of closed conversations.
    public var firstResponses = Distribution(.firstResponse)
    /// Responses of closed conversations.
    public var responses = Distribution(.response)
    /// Users with an incoming message.
    public var activeUsers = OrdinalSet()
    /// Users whose first-ever incoming message lies here.
    public var newUsers = OrdinalSet()

    /// Makes an empty slot.
    public init() {}

    /// One of the distributions.
    ///
    /// - Parameter kind: Which.
    public subscript(kind: DurationKind) -> Distribution {
        get {
            switch kind {
            case .conversation: conversationDurations
            case .firstResponse: firstResponses
            case .response: responses
            }
        }
        _modify {
            switch kind {
            case .conversation: yield &conversationDurations
            case .firstResponse: yield &firstResponses
            case .response: yield &responses
            }
        }
    }

    /// Adds another slot.
    ///
    /// - Parameter other: What to add.
    public mutating func add(_ other: RollupSlot) {
        counters += other.counters
        for kind in DurationKind.allCases { self[kind].merge(other[kind]) }
        activeUsers.formUnion(other.activeUsers)
        newUsers.formUnion(other.newUsers)
    }

    /// Whether the slot holds nothing, and its row can go.
    public var isEmpty: Bool {
        counters.isZero && conversationDurations.isEmpty && firstResponses.isEmpty
            && responses.isEmpty && activeUsers.isEmpty && newUsers.isEmpty
    }
}

/// Parts of a slot's encoding, a bit each; what most slots have comes first, as the mask is a
/// varint.
enum SlotPart {
    static let activeUsers = UInt64(1)
    /// The new users are the active users, as in every slot of one conversation.
    static let allUsersAreNew = UInt64(1) << 1
    static let conversationDurations = UInt64(1) << 2
    static let firstResponses = UInt64(1) << 3
    static let responses = UInt64(1) << 4
    /// The bit of the first counter.
    static let firstCounter: UInt64 = 5
    static let counters = ((UInt64(1) << UInt64(Counters.fieldCount)) - 1) << firstCounter
    /// The new users are not the active users.
    static let newUsers = UInt64(1) << (firstCounter + UInt64(Counters.fieldCount))

    static func of(_ kind: DurationKind) -> UInt64 {
        conversationDurations << UInt64(kind.rawValue)
    }
}

extension RollupSlot {
    private var mask: UInt64 {
        var mask: UInt64 = 0
        for position in 0..<Counters.fieldCount where counters[position: position] != 0 {
            mask |= 1 << (SlotPart.firstCounter + UInt64(position))
        }
        for kind in DurationKind.allCases where !self[kind].isEmpty { mask |= SlotPart.of(kind) }
        if !activeUsers.isEmpty { mask |= SlotPart.activeUsers }
        if !newUsers.isEmpty {
            mask |= newUsers == activeUsers ? SlotPart.allUsersAreNew : SlotPart.newUsers
        }
        return mask
    }

    /// Writes the slot's canonical encoding: a mask, the counters that are not zero, then the
    /// distributions and sets that are not empty.
    ///
    /// - Parameter writer: Receives the bytes.
    public func encode(into writer: inout ByteWriter) {
        let mask = mask
        writer.writeVarint(mask)
        for position in 0..<Counters.fieldCount where counters[position: position] != 0 {
            writer.writeVarint(UInt64(bitPattern: counters[position: position]))
        }
        if !conversationDurations.isEmpty { conversationDurations.encode(into: &writer) }
        if !firstResponses.isEmpty { firstResponses.encode(into: &writer) }
        if !responses.isEmpty { responses.encode(into: &writer) }
        if !activeUsers.isEmpty { activeUsers.encode(into: &writer) }
        if mask & SlotPart.newUsers != 0 { newUsers.encode(into: &writer) }
    }

    /// Reads a slot; gives nil when the bytes are none.
    ///
    /// - Parameter reader: Stands at the slot's first byte; afterwards behind its last.
    public init?(decoding reader: inout ByteReader) {
        let mask = reader.readVarint()
        guard mask < SlotPart.newUsers << 1 else { return nil }
        for position in 0..<Counters.fieldCount
        where mask & (1 << (SlotPart.firstCounter + UInt64(position))) != 0 {
            counters[position: position] = Int64(bitPattern: reader.readVarint())
        }
        for kind in DurationKind.allCases where mask & SlotPart.of(kind) != 0 {
            guard let value = Distribution(decoding: &reader, kind) else { return nil }
            self[kind] = value
        }
        if mask & SlotPart.activeUsers != 0 {
            guard let value = OrdinalSet(decoding: &reader) else { return nil }
            activeUsers = value
        }
        if mask & SlotPart.newUsers != 0 {
            guard let value = OrdinalSet(decoding: &reader) else { return nil }
            newUsers = value
        } else if mask & SlotPart.allUsersAreNew != 0 {
            newUsers = activeUsers
        }
        // Both at once, or all of none, or two sets that are equal: not how it is written.
        if reader.failed || self.mask != mask { return nil }
    }
}
