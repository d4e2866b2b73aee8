/// What a ``SegmentedTable`` holds: a key and what is known about it.
protocol TableEntry: Sendable, BitwiseCopyable {
    /// Marks a free place.
    static var free: Self { get }
    /// Whether this marks a free place.
    var isFree: Bool { get }
    /// A number that is spread evenly over 64 bits and follows from the key.
    var hash: UInt64 { get }
    /// Whether both have the same key.
    func hasKey(of other: Self) -> Bool
    /// Whether anything from the horizon on is known.
    func matters(since horizon: UInt32) -> Bool
}

/// A hash table by open addressing that forgets by itself what has left the realtime window.
///
/// There is no removal and no timer: an entry that no longer matters stays where it is, its
/// reader compares its second with the horizon, and it goes when its segment is rebuilt, which
/// happens before the segment may grow and by the sweep. Segments keep the pause of a rebuild
/// near 1/64 of the table's. Capacities need not be powers of two: a rebuild leaves a load of 1/2
/// and the next comes at 3/4, so an entry never costs more than twice its size.
struct SegmentedTable<Entry: TableEntry>: Sendable {
    /// Where an entry is, until the next entry is made.
    struct Place {
        fileprivate var segment: Int
        fileprivate var index: Int
    }

    private var segments = [TableSegment<Entry>](
        repeating: TableSegment(),
        count: 1 << segmentBits
    )

    /// How many parts the sweep has.
    var segmentCount: Int { segments.count }

    /// The bytes the table holds on to.
    var byteCount: Int {
        segments.reduce(0) { $0 + $1.entries.capacity * MemoryLayout<Entry>.stride }
    }

    /// The entry at a place; its key may not be changed.
    subscript(place: Place) -> Entry {
        get { segments[place.segment][place.index] }
        set { segments[place.segment][place.index] = newValue }
    }

    /// The entry with the given one's key.
    func find(_ key: Entry) -> Entry? {
        let hash = key.hash
        let segment = segmentIndex(hash)
        guard segments[segment].count > 0 else { return nil }
        let found = segments[segment][segments[segment].index(of: key, hash)]
        return found.isFree ? nil : found
    }

    /// Where the entry with the given one's key is; the given one is put in if there is none.
    mutating func place(_ key: Entry, since horizon: UInt32) -> Place {
        let hash = key.hash
        let segment = segmentIndex(hash)
        return Place(
            segment: segment,
            index: segments[segment].place(key, hash, since: horizon)
        )
    }

    /// Calls a closure for each entry, those that no longer matter included.
    func forEach(_ body: (Entry) -> Void) {
        for segment in segments {
            for entry in segment.entries where !entry.isFree { body(entry) }
        }
    }

    /// Rebuilds a segment of which less than half still matters.
    ///
    /// - Complexity: O(*n*) for *n* places of the segment.
    mutating func tidy(segment: Int, since horizon: UInt32) {
        segments[segment].tidy(since: horizon)
    }
}

/// The top bits of a hash say which segment, the next ones where in it.
private let segmentBits: UInt64 = 6

private func segmentIndex(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash >> (64 - segmentBits))
}

/// A part of a ``SegmentedTable``.
private struct TableSegment<Entry: TableEntry>: Sendable {
    private static var smallestCapacity: Int { 8 }

    private(set) var entries: [Entry] = []
    private(set) var count = 0

    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    /// The place of an equal key, or the free one where it would go.
    func index(of key: Entry, _ hash: UInt64) -> Int {
        let capacity = UInt64(entries.count)
        let bits = (hash << segmentBits) >> 32
        var index = Int(truncatingIfNeeded: (bits &* capacity) >> 32)
        while true {
            let entry = entries[index]
            if entry.isFree || entry.hasKey(of: key) { return index }
            index += 1
            if index == entries.count { index = 0 }
        }
    }

    mutating func place(_ key: Entry, _ hash: UInt64, since horizon: UInt32) -> Int {
        if !entries.isEmpty {
            let index = index(of: key, hash)
            if !entries[index].isFree { return index }
        }
        if (count + 1) * 4 > entries.count * 3 {
            rebuild(since: horizon)
        }
        let index = index(of: key, hash)
        entries[index] = key
        count += 1
        return index
    }

    mutating func tidy(since horizon: UInt32) {
        guard count > 0 else { return }
        let mattering = entries.count { !$0.isFree && $0.matters(since: horizon) }
        if mattering * 2 < count {
            rebuild(since: horizon)
        }
    }

    /// Moves what matters to places for it and half as much again.
    private mutating func rebuild(since horizon: UInt32) {
        let old = entries
        count = old.count { !$0.isFree && $0.matters(since: horizon) }
        // 2 × count: a load of 1/2, growing to 3/4 before the next rebuild.
        let capacity = max(Self.smallestCapacity, count * 2)
        entries = Array(repeating: .free, count: capacity)
        for entry in old where !entry.isFree && entry.matters(since: horizon) {
            entries[index(of: entry, entry.hash)] = entry
        }
    }
}

/// Spreads a number's bits evenly over 64 (the finaliser of SplitMix64).
///
/// - Parameter value: Any number.
/// - Returns: A number that is another for every other value.
func spread(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
}
