/// Counter changes of a commit by slot, in insertion order.
///
/// Open addressing over the packed key: an event that hits a known slot costs one multiply and
/// one compare before its increments.
public struct SlotTable: Sendable {
    /// One slot's counter changes.
    public struct Entry: Sendable {
        /// The slot.
        public var key: SlotKey
        /// What is added to it.
        public var counters: Counters
    }

    /// The changes, in the order in which slots were first touched.
    public private(set) var entries: [Entry] = []
    private var places: [UInt32]
    private var mask: Int
    private var latest = -1

    /// Makes an empty table.
    public init() {
        places = Array(repeating: 0, count: 1_024)
        mask = 1_023
    }

    /// Adds to one counter of a slot.
    ///
    /// - Parameters:
    ///   - amount: How many.
    ///   - field: Which counter.
    ///   - key: The slot.
    @inline(__always)
    public mutating func add(_ amount: Int64, to field: Counters.Field, at key: SlotKey) {
        let index = index(of: key)
        entries[index].counters[field] &+= amount
    }

    /// Adds to one counter of a slot whose position is known.
    ///
    /// - Parameters:
    ///   - amount: How many.
    ///   - field: Which counter.
    ///   - index: A position from ``index(of:)``.
    @inline(__always)
    public mutating func add(_ amount: Int64, to field: Counters.Field, atIndex index: Int) {
        entries[index].counters[field] &+= amount
    }

    /// Adds a whole set of counters to a slot.
    ///
    /// - Parameters:
    ///   - counters: What to add.
    ///   - key: The slot.
    public mutating func add(_ counters: borrowing Counters, at key: SlotKey) {
        let index = index(of: key)
        entries[index].counters += counters
    }

    /// Adds one slot's changes.
    ///
    /// - Parameters:
    ///   - changes: The changes of many slots.
    ///   - position: Which slot of them.
    public mutating func add(_ changes: SlotChanges, _ position: Int) {
        let index = index(of: changes.key(at: position))
        changes.add(position, to: &entries[index].counters)
    }

    /// Adds the figures of an event itself, which depend on no other event: of a counted message
    /// its direction and tokens, of an error that there is one, of any other nothing.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - key: Its slot.
    @inline(__always)
    public mutating func addMessageFigures(of event: EventRecord, at key: SlotKey) {
        switch event.kind {
        case .incoming, .assistant, .agent:
            let index = index(of: key)
            add(1, to: event.kind == .incoming ? .incoming : .outgoing, atIndex: index)
            guard event.tokens != EventRecord.absent else { return }
            add(Int64(event.tokens), to: .tokens, atIndex: index)
            add(1, to: .tokenMessages, atIndex: index)
        case .error:
            add(1, to: .errors, at: key)
        case .uncounted, .transferred, .resolved, .ended, .feedback, .surveyOffered:
            break
        }
    }

    /// The position of a slot's entry, made when missing.
    ///
    /// Valid until ``removeAll()``.
    ///
    /// - Parameter key: The slot.
    /// - Returns: An index into ``entries``.
    @inline(__always)
    public mutating func index(of key: SlotKey) -> Int {
        if latest >= 0, entries[latest].key == key { return latest }
        latest = find(key)
        return latest
    }

    private mutating func find(_ key: SlotKey) -> Int {
        var place = home(key)
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if entries[index].key == key { return index }
            place = (place + 1) & mask
        }
        entries.append(Entry(key: key, counters: Counters()))
        places[place] = UInt32(entries.count)
        if entries.count * 2 > places.count { grow() }
        return entries.count - 1
    }

    /// Forgets every slot, keeping the memory.
    public mutating func removeAll() {
        for entry in entries {
            var place = home(entry.key)
            while places[place] != 0 {
                places[place] = 0
                place = (place + 1) & mask
            }
        }
        entries.removeAll(keepingCapacity: true)
        latest = -1
    }

    /// Positions of ``entries`` in the order of their slots.
    ///
    /// - Returns: A new array.
    /// - Complexity: O(n log n).
    public func sortedPositions() -> [Int] {
        var order: [(word: UInt64, index: Int32)] = []
        order.reserveCapacity(entries.count)
        for index in entries.indices { order.append((entries[index].key.word, Int32(index))) }
        order.sort { $0.word < $1.word }
        return order.map { Int($0.index) }
    }

    /// Appends the changes that are not zero, in the order of their slots.
    ///
    /// - Parameter changes: Receives them; what it holds lies before them.
    /// - Complexity: O(n log n).
    func appendSorted(to changes: inout SlotChanges) {
        for position in sortedPositions() {
            changes.append(entries[position].counters, at: entries[position].key)
        }
    }

    private func home(_ key: SlotKey) -> Int {
        let hash = key.word &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: hash >> 32) & mask
    }

    private mutating func grow() {
        places = Array(repeating: 0, count: places.count * 2)
        mask = places.count - 1
        for index in entries.indices {
            var place = home(entries[index].key)
            while places[place] != 0 { place = (place + 1) & mask }
            places[place] = UInt32(index + 1)
        }
    }
}
