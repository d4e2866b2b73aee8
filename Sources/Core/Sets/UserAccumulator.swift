/// A reusable union of many encoded sets, such as the users of a year of slots.
///
/// A bitmap of the blocks that were touched, found through a directory by block: an insertion is
/// two loads and a store, and emptying touches only what was used.
public struct UserAccumulator: Sendable {
    /// For each block its place in ``blocks`` plus one, or 0.
    private var places: [UInt32] = []
    /// The touched blocks, in the order in which they were first touched.
    private var blocks: [UInt32] = []
    /// Their bitmaps, in that order; memory behind them is kept for reuse.
    private var words: [UInt64] = []

    /// The number of distinct members.
    public private(set) var count = 0

    /// Makes an empty accumulator.
    public init() {}

    /// Whether there are no members.
    public var isEmpty: Bool { count == 0 }

    /// Empties the accumulator, keeping the memory.
    ///
    /// - Complexity: O(blocks touched).
    public mutating func clear() {
        for block in blocks { places[Int(block)] = 0 }
        blocks.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Whether an ordinal is a member.
    ///
    /// - Parameter ordinal: Any ordinal.
    /// - Returns: True for a member.
    public func contains(_ ordinal: UInt32) -> Bool {
        guard let start = start(of: OrdinalBlock.containing(ordinal)) else { return false }
        return words[start + OrdinalBlock.word(of: ordinal)] & OrdinalBlock.bit(of: ordinal) != 0
    }

    /// Adds an ordinal.
    ///
    /// - Parameter ordinal: Any ordinal.
    public mutating func insert(_ ordinal: UInt32) {
        insert(ordinal, at: makeStart(of: OrdinalBlock.containing(ordinal)))
    }

    /// Removes an ordinal.
    ///
    /// - Parameter ordinal: Any ordinal.
    public mutating func remove(_ ordinal: UInt32) {
        guard let start = start(of: OrdinalBlock.containing(ordinal)) else { return }
        let place = start + OrdinalBlock.word(of: ordinal)
        let bit = OrdinalBlock.bit(of: ordinal)
        if words[place] & bit != 0 { count -= 1 }
        words[place] &= ~bit
    }

    /// Adds the members of an encoded set, without making the set.
    ///
    /// - Parameter reader: Stands at the set's first byte; afterwards behind its last. After a
    ///   failure an unspecified part of the members has been added.
    public mutating func insertEncoded(_ reader: inout ByteReader) {
        var header = OrdinalSet.EncodedHeader(&reader)
        insertListed(&header, &reader)
        header.beginDense(&reader)
        for _ in 0..<header.denseCount {
            let start = makeStart(of: header.readBlock(&reader))
            if reader.failed { return }
            count += Self.insertBitmap(&reader, into: words.mutableSpan, at: start)
        }
    }

    private static func insertBitmap(
        _ reader: inout ByteReader,
        into words: consuming MutableSpan<UInt64>,
        at start: Int
    ) -> Int {
        var added = 0
        for index in start..<start + OrdinalBlock.wordCount {
            let word = reader.readUInt64()
            added += (word & ~words[index]).nonzeroBitCount
            words[index] |= word
        }
        return added
    }

    private mutating func insertListed(
        _ header: inout OrdinalSet.EncodedHeader,
        _ reader: inout ByteReader
    ) {
        var block = UInt32.max
        var start = 0
        var added = 0
        for _ in 0..<header.listedCount {
            let ordinal = header.readOrdinal(&reader)
            if reader.failed { break }
            if OrdinalBlock.containing(ordinal) != block {
                block = OrdinalBlock.containing(ordinal)
                start = makeStart(of: block)
            }
            let place = start + OrdinalBlock.word(of: ordinal)
            let (old, bit) = (words[place], OrdinalBlock.bit(of: ordinal))
            added += old & bit == 0 ? 1 : 0
            words[place] = old | bit
        }
        count += added
    }

    /// Adds the members of a set.
    ///
    /// - Parameter set: The set.
    public mutating func formUnion(_ set: OrdinalSet) {
        for ordinal in set.listed { insert(ordinal) }
        for (dense, block) in set.denseBlocks.enumerated() {
            let start = makeStart(of: block)
            for index in 0..<OrdinalBlock.wordCount {
                insert(set.words[dense * OrdinalBlock.wordCount + index], at: start + index)
            }
        }
    }

    /// Adds the members of another accumulator.
    ///
    /// - Parameter other: The other accumulator.
    public mutating func formUnion(_ other: borrowing UserAccumulator) {
        for (place, block) in other.blocks.enumerated() {
            let start = makeStart(of: block)
            for index in 0..<OrdinalBlock.wordCount {
                insert(other.words[place * OrdinalBlock.wordCount + index], at: start + index)
            }
        }
    }

    /// Removes the members of a set.
    ///
    /// - Parameter set: The set.
    public mutating func subtract(_ set: OrdinalSet) {
        for ordinal in set.listed { remove(ordinal) }
        for (dense, block) in set.denseBlocks.enumerated() {
            guard let start = start(of: block) else { continue }
            for index in 0..<OrdinalBlock.wordCount {
                let word = set.words[dense * OrdinalBlock.wordCount + index]
                count -= (words[start + index] & word).nonzeroBitCount
                words[start + index] &= ~word
            }
        }
    }

    /// The number of members that are also in a set.
    ///
    /// - Parameter set: The set.
    /// - Returns: The size of the intersection.
    public func intersectionCount(with set: OrdinalSet) -> Int {
        var common = 0
        for ordinal in set.listed where contains(ordinal) { common += 1 }
        for (dense, block) in set.denseBlocks.enumerated() {
            guard let start = start(of: block) else { continue }
            for index in 0..<OrdinalBlock.wordCount {
                let word = set.words[dense * OrdinalBlock.wordCount + index]
                common += (words[start + index] & word).nonzeroBitCount
            }
        }
        return common
    }

    /// The members as a set.
    ///
    /// - Returns: A new set.
    public func makeSet() -> OrdinalSet {
        var set = OrdinalSet()
        for block in blocks.sorted() {
            guard let start = start(of: block) else { continue }
            var bitmap = OrdinalBlock.Bitmap(repeating: 0)
            for index in bitmap.indices { bitmap[index] = words[start + index] }
            set.append(bitmap, of: block)
        }
        return set
    }

    // MARK: - Blocks

    private func start(of block: UInt32) -> Int? {
        guard block < places.count, places[Int(block)] != 0 else { return nil }
        return (Int(places[Int(block)]) - 1) * OrdinalBlock.wordCount
    }

    @inline(__always)
    private mutating func makeStart(of block: UInt32) -> Int {
        if block < places.count, places[Int(block)] != 0 {
            return (Int(places[Int(block)]) - 1) * OrdinalBlock.wordCount
        }
        return touch(block)
    }

    private mutating func touch(_ block: UInt32) -> Int {
        let missing = Int(block) + 1 - places.count
        if missing > 0 { places.append(contentsOf: repeatElement(0, count: missing)) }
        let start = blocks.count * OrdinalBlock.wordCount
        blocks.append(block)
        places[Int(block)] = UInt32(blocks.count)
        if start == words.count {
            words.append(contentsOf: repeatElement(0, count: OrdinalBlock.wordCount))
        } else {
            for index in start..<start + OrdinalBlock.wordCount { words[index] = 0 }
        }
        return start
    }

    @inline(__always)
    private mutating func insert(_ ordinal: UInt32, at start: Int) {
        insert(OrdinalBlock.bit(of: ordinal), at: start + OrdinalBlock.word(of: ordinal))
    }

    @inline(__always)
    private mutating func insert(_ word: UInt64, at index: Int) {
        count += (word & ~words[index]).nonzeroBitCount
        words[index] |= word
    }
}
