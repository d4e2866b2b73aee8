/// What an event says once now has passed it: somebody was seen, or a session ended.
///
/// Two words, so that sorting brings equal ones together: 16 bytes where the event takes 24.
struct Sighting: Sendable, BitwiseCopyable {
    /// What was seen, in a sighting's two bits.
    enum Kind: UInt64 {
        case outgoing = 0
        case incoming = 1
        case end = 2
        case other = 3
    }

    /// Session and user; absent where they do not matter.
    let identity: UInt64
    /// Bot (32 bits), channel (16), kind (2), milliseconds within the second (10).
    let detail: UInt64

    init(_ event: RealtimeEvent) {
        let kind: Kind =
            switch event.kind {
            case .incoming: .incoming
            case .assistant, .agent: .outgoing
            case .ended, .resolved: .end
            case .uncounted, .transferred, .feedback, .surveyOffered, .error: .other
            }
        self.init(
            kind: kind,
            session: kind == .other ? EventRecord.absent : event.session,
            user: event.user,
            bot: event.bot,
            channel: event.channel,
            milliseconds: UInt16(event.timestamp % Milliseconds.second)
        )
    }

    init(
        kind: Kind,
        session: UInt32,
        user: UInt32,
        bot: UInt32,
        channel: UInt16,
        milliseconds: UInt16
    ) {
        let user = kind == .incoming ? user : EventRecord.absent
        identity = UInt64(session) << 32 | UInt64(user)
        detail =
            UInt64(bot) << 28 | UInt64(channel) << 12 | kind.rawValue << 10
            | UInt64(milliseconds)
    }

    var session: UInt32 { UInt32(truncatingIfNeeded: identity >> 32) }
    var user: UInt32 { UInt32(truncatingIfNeeded: identity) }
    var bot: UInt32 { UInt32(truncatingIfNeeded: detail >> 28) }
    var channel: UInt16 { UInt16(truncatingIfNeeded: detail >> 12) }
    var milliseconds: UInt16 { UInt16(truncatingIfNeeded: detail & 1_023) }

    var kind: Kind {
        guard let kind = Kind(rawValue: detail >> 10 & 3) else {
            preconditionFailure("every value of two bits is a kind")
        }
        return kind
    }

    /// Whether both say the same but for the millisecond.
    func repeats(_ other: Sighting) -> Bool {
        identity == other.identity && detail >> 10 == other.detail >> 10
    }

    static func < (left: Sighting, right: Sighting) -> Bool {
        left.identity != right.identity
            ? left.identity < right.identity : left.detail < right.detail
    }
}

/// The sightings of the seconds that now has not passed yet.
///
/// Of equal sightings of a second only the last matters. They are dropped whenever a second's
/// list has doubled, so a publisher whose clock is ahead costs 32 bytes for each session and
/// second however much it sends.
struct PendingSightings: Sendable {
    private var seconds: [UInt32: PendingSecond] = [:]

    /// The bytes the lists hold on to.
    var byteCount: Int {
        seconds.values.reduce(0) { $0 + $1.sightings.capacity * MemoryLayout<Sighting>.stride }
    }

    /// Adds a sighting.
    ///
    /// - Complexity: O(log *n*) amortised for *n* different sightings of the second.
    mutating func add(_ sighting: Sighting, in second: UInt32) {
        seconds[second, default: PendingSecond()].add(sighting)
    }

    /// Removes and returns the sightings of all seconds before one, in no particular order.
    mutating func remove(before end: UInt32) -> [(second: UInt32, sightings: [Sighting])] {
        guard !seconds.isEmpty else { return [] }
        let due = seconds.keys.filter { $0 < end }
        return due.compactMap { second in
            seconds.removeValue(forKey: second).map { (second, $0.sightings) }
        }
    }
}

/// The sightings of one second.
private struct PendingSecond: Sendable {
    private(set) var sightings: [Sighting] = []
    /// How many there may be before repeats are looked for.
    private var limit = 1_024

    mutating func add(_ sighting: Sighting) {
        sightings.append(sighting)
        if sightings.count >= limit {
            dropRepeats()
            limit = max(1_024, sightings.count * 2)
        }
    }

    /// Keeps the last of each run of equal sightings.
    private mutating func dropRepeats() {
        sightings.sort(by: <)
        var kept = 0
        for index in sightings.indices {
            if kept > 0, sightings[kept - 1].repeats(sightings[index]) { kept -= 1 }
            sightings[kept] = sightings[index]
            kept += 1
        }
        sightings.removeSubrange(kept...)
    }
}
