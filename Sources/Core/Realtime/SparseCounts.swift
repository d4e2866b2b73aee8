/// Two counts for each second (or minute) that has any, sorted by it.
///
/// Why a sorted list and no ring: a bot with one session needs one entry, not 3,600, and the sum
/// over a window is a scan of its end. Entries become 0 when a session moves on; they and those
/// that have left the window are dropped when the list is full, before it may grow, so it is
/// never longer than 2 × what it counts (or its 3,600 seconds) and a change is O(1) amortised
/// apart from a binary search over at most an hour.
struct SparseCounts: Sendable {
    /// The counts of one second.
    struct Entry: Sendable, BitwiseCopyable {
        /// The second (or minute) since 1970.
        var key: UInt32
        var first: Int32
        var second: Int32

        var isZero: Bool { first == 0 && second == 0 }
    }

    private var entries: [Entry] = []

    /// Whether nothing is stored, not even zeros, which stay until ``tidy(since:)``.
    var isEmpty: Bool { entries.isEmpty }

    /// The bytes the list holds on to.
    var byteCount: Int { entries.capacity * MemoryLayout<Entry>.stride }

    /// Adds to the counts of a key, unless it lies before the horizon.
    ///
    /// What lies before the horizon counts nowhere any more, so it may be stored or not; both
    /// directions ignore it.
    ///
    /// - Parameters:
    ///   - key: The second or minute.
    ///   - first: What to add to the first count; the result may not be negative.
    ///   - second: The same for the second count.
    ///   - horizon: The earliest key that still matters; never less than in an earlier call.
    mutating func add(_ key: UInt32, _ first: Int32, _ second: Int32, since horizon: UInt32) {
        guard key >= horizon else { return }
        let index = position(of: key)
        guard index < entries.count && entries[index].key == key else {
            precondition(first >= 0 && second >= 0, "only what was counted is taken back")
            insert(Entry(key: key, first: first, second: second), at: index, since: horizon)
            return
        }
        entries[index].first += first
        entries[index].second += second
        precondition(entries[index].first >= 0, "only what was counted is taken back")
        precondition(entries[index].second >= 0, "only what was counted is taken back")
    }

    /// The sums over a range of keys.
    ///
    /// - Complexity: O(log *n* + *k*) for *k* of the *n* entries in the range.
    func sums(_ range: Range<UInt32>) -> (first: Int, second: Int) {
        var first = 0
        var second = 0
        var index = position(of: range.lowerBound)
        while index < entries.count, entries[index].key < range.upperBound {
            first += Int(entries[index].first)
            second += Int(entries[index].second)
            index += 1
        }
        return (first, second)
    }

    /// Calls a closure for each entry of a range of keys.
    ///
    /// - Complexity: O(log *n* + *k*) for *k* of the *n* entries in the range.
    func forEach(in range: Range<UInt32>, _ body: (Entry) -> Void) {
        var index = position(of: range.lowerBound)
        while index < entries.count, entries[index].key < range.upperBound {
            body(entries[index])
            index += 1
        }
    }

    /// Drops zeros and what lies before the horizon, and gives memory back.
    ///
    /// - Complexity: O(*n*).
    mutating func tidy(since horizon: UInt32) {
        compact(since: horizon)
        if entries.isEmpty {
            entries = []
        } else if entries.capacity >= 16 && entries.count * 4 < entries.capacity {
            var smaller: [Entry] = []
            smaller.reserveCapacity(entries.count + entries.count / 4)
            smaller.append(contentsOf: entries)
            entries = smaller
        }
    }

    /// The first index whose key is not less than the given one.
    private func position(of key: UInt32) -> Int {
        guard let last = entries.last, key <= last.key else { return entries.count }
        let start = entries[0].key
        guard key > start else { return 0 }
        // Keys are distinct and ascending, so the distances to both ends bound the place; where
        // every second has an entry, they meet.
        var low = max(0, entries.count - 1 - Int(last.key - key))
        var high = min(entries.count - 1, Int(key - start))
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private mutating func insert(_ entry: Entry, at index: Int, since horizon: UInt32) {
        var index = index
        if entries.count == entries.capacity {
            compact(since: horizon)
            if entries.count * 4 >= entries.capacity * 3 {
                entries.reserveCapacity(max(2, entries.capacity + entries.capacity / 2))
            }
            index = position(of: entry.key)
        }
        entries.insert(entry, at: index)
    }

    private mutating func compact(since horizon: UInt32) {
        entries.removeAll { $0.isZero || $0.key < horizon }
    }
}
