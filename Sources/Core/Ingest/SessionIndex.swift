/// Finds the place of a live session by its bot and identity.
///
/// An entry is eight bytes, a piece of the hash and the place: the identity stands in the session
/// itself, which is looked at next anyway. With the identities in the table, a million sessions
/// took 50 MB of it, and every look-up missed the cache and the TLB (0.3 µs an event, measured).
struct SessionIndex {
    /// Hash piece (32 bits) · place plus one (32 bits); 0 is free.
    private var entries: [UInt64] = Array(repeating: 0, count: 1_024)
    private var mask: UInt32 = 1_023
    private(set) var count = 0

    /// The hash of a session, as the other functions take it.
    static func hash(_ identity: UUID128, bot: UInt32) -> UInt32 {
        hash(MembershipFilter.hash(identity, bot: bot))
    }

    /// The same out of ``MembershipFilter/hash(_:bot:)``.
    @inline(__always)
    static func hash(_ full: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: full >> 32) }

    /// Finds a place.
    ///
    /// - Parameters:
    ///   - hash: The session's hash.
    ///   - matches: Whether the session at a place is the one; asked for few others.
    /// - Returns: nil when there is none.
    @inline(__always)
    func find(_ hash: UInt32, where matches: (Int) -> Bool) -> Int? {
        var index = hash & mask
        while true {
            let entry = entries[Int(index)]
            if entry == 0 { return nil }
            if UInt32(truncatingIfNeeded: entry >> 32) == hash {
                let place = Int(UInt32(truncatingIfNeeded: entry)) - 1
                if matches(place) { return place }
            }
            index = (index &+ 1) & mask
        }
    }

    /// The place at a hash's home, be it the session's or another's; -1 where it is free.
    ///
    /// Reading many homes one after the other lets the processor wait for them at the same time.
    @inline(__always)
    func placeAtHome(_ hash: UInt32) -> Int {
        Int(UInt32(truncatingIfNeeded: entries[Int(hash & mask)])) - 1
    }

    /// Adds a session that is not there.
    mutating func insert(_ hash: UInt32, place: Int) {
        count += 1
        if count * 2 > entries.count { grow() }
        put(UInt64(hash) << 32 | UInt64(place + 1))
    }

    /// Removes a session, and moves later entries of the same run back, so that no tombstones
    /// build up.
    mutating func remove(_ hash: UInt32, place: Int) {
        let wanted = UInt64(hash) << 32 | UInt64(place + 1)
        var hole = hash & mask
        while entries[Int(hole)] != wanted {
            if entries[Int(hole)] == 0 { return }
            hole = (hole &+ 1) & mask
        }
        count -= 1
        var index = hole
        while true {
            index = (index &+ 1) & mask
            let entry = entries[Int(index)]
            if entry == 0 { break }
            let home = UInt32(truncatingIfNeeded: entry >> 32) & mask
            if (index &- home) & mask >= (index &- hole) & mask {
                entries[Int(hole)] = entry
                hole = index
            }
        }
        entries[Int(hole)] = 0
    }

    private mutating func put(_ entry: UInt64) {
        var index = UInt32(truncatingIfNeeded: entry >> 32) & mask
        while entries[Int(index)] != 0 { index = (index &+ 1) & mask }
        entries[Int(index)] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: 0, count: old.count * 2)
        mask = UInt32(entries.count - 1)
        for entry in old where entry != 0 { put(entry) }
    }
}
