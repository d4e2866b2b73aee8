/// Counter changes of many slots, in the order of slots, with only the counters that changed.
///
/// A commit touches thousands of slots and three or four counters of each: as whole
/// ``Counters`` they would take 232 bytes a slot, so they take about 50.
public struct SlotChanges: Sendable {
    private struct Entry: BitwiseCopyable {
        var key: SlotKey
        /// A bit for each counter that changed.
        var mask: UInt32
        /// Where its values begin.
        var start: UInt32
    }

    private var entries: [Entry] = []
    private var values: [Int64] = []

    /// Makes an empty list.
    public init() {}

    /// The number of slots.
    public var count: Int { entries.count }

    /// The slots, ascending.
    public var keys: some RandomAccessCollection<SlotKey> { entries.lazy.map(\.key) }

    mutating func reserve(slots: Int) {
        entries.reserveCapacity(slots)
        values.reserveCapacity(slots * 4)
    }

    /// Appends a slot behind those that are there; one without changes is left out.
    mutating func append(_ counters: borrowing Counters, at key: SlotKey) {
        var mask: UInt32 = 0
        let start = UInt32(values.count)
        for position in 0..<Counters.fieldCount where counters[position: position] != 0 {
            mask |= 1 << UInt32(position)
            values.append(counters[position: position])
        }
        if mask != 0 { entries.append(Entry(key: key, mask: mask, start: start)) }
    }

    /// Adds the changes of one slot to counters.
    ///
    /// - Parameters:
    ///   - index: 0 ..< ``count``.
    ///   - counters: What to add to.
    public func add(_ index: Int, to counters: inout Counters) {
        let entry = entries[index]
        var pending = entry.mask
        var place = Int(entry.start)
        while pending != 0 {
            counters[position: pending.trailingZeroBitCount] &+= values[place]
            pending &= pending - 1
            place += 1
        }
    }

    /// The slot at a position.
    ///
    /// - Parameter index: 0 ..< ``count``.
    /// - Returns: The slot.
    public func key(at index: Int) -> SlotKey { entries[index].key }

    /// The position of the first slot that is not before another.
    ///
    /// - Parameter key: The other slot.
    /// - Returns: 0 … ``count``.
    /// - Complexity: O(log n).
    public func firstIndex(atOrAfter key: SlotKey) -> Int { entries.lowerBound { $0.key < key } }
}
