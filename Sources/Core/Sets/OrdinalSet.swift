/// An exact set of 32-bit ordinals, compressed by blocks of 8,192.
///
/// A block with more than 512 members is a bitmap of 1,024 bytes; the members of all other blocks
/// stand in one ascending list. The rows of a store are mostly sets of a dozen users spread over
/// many blocks, and one flat list keeps such a set in a single allocation, where a container for
/// each block would take a dozen. The form is a function of the members, so equal sets are equal
/// in memory and in bytes.
public struct OrdinalSet: Sendable, Equatable {
    /// Members of the sparse blocks, ascending.
    private(set) var listed: [UInt32] = []
    /// The dense blocks, ascending.
    private(set) var denseBlocks: [UInt32] = []
    /// The bitmaps of the dense blocks in their order, ``OrdinalBlock/wordCount`` words each.
    private(set) var words: [UInt64] = []
    private var denseCount = 0

    /// Makes an empty set.
    public init() {}

    /// Makes a set of ascending ordinals.
    ///
    /// - Parameter sorted: The members, ascending; repetitions are allowed.
    /// - Complexity: O(n).
    public init(sorted: [UInt32]) {
        listed.reserveCapacity(sorted.count)
        for ordinal in sorted where listed.last != ordinal {
            precondition(listed.last.map { $0 < ordinal } ?? true, "the ordinals must ascend")
            listed.append(ordinal)
        }
        promoteCrowdedBlocks()
    }

    /// The number of members.
    public var count: Int { listed.count + denseCount }

    /// Whether the set has no members.
    public var isEmpty: Bool { listed.isEmpty && denseBlocks.isEmpty }

    /// Whether an ordinal is a member.
    ///
    /// - Parameter ordinal: Any ordinal.
    /// - Returns: True for a member.
    /// - Complexity: O(log n).
    public func contains(_ ordinal: UInt32) -> Bool {
        if let dense = denseIndex(of: OrdinalBlock.containing(ordinal)) {
            return words[dense * OrdinalBlock.wordCount + OrdinalBlock.word(of: ordinal)]
                & OrdinalBlock.bit(of: ordinal) != 0
        }
        let place = listed.firstIndex(notBelow: ordinal)
        return place < listed.count && listed[place] == ordinal
    }

    /// Adds an ordinal.
    ///
    /// - Parameter ordinal: Any ordinal.
    /// - Returns: Whether it was no member before.
    /// - Complexity: O(log n) in a dense block, else O(n); for many, insert a sorted batch.
    @discardableResult
    public mutating func insert(_ ordinal: UInt32) -> Bool {
        let block = OrdinalBlock.containing(ordinal)
        if let dense = denseIndex(of: block) {
            let place = dense * OrdinalBlock.wordCount + OrdinalBlock.word(of: ordinal)
            let bit = OrdinalBlock.bit(of: ordinal)
            if words[place] & bit != 0 { return false }
            words[place] |= bit
            denseCount += 1
            return true
        }
        let place = listed.firstIndex(notBelow: ordinal)
        if place < listed.count, listed[place] == ordinal { return false }
        listed.insert(ordinal, at: place)
        if listed.count > OrdinalBlock.listedMaximum {
            let run = listedRange(of: block)
            if run.count > OrdinalBlock.listedMaximum { promote(run, of: block) }
        }
        return true
    }

    /// Adds ascending ordinals.
    ///
    /// - Parameter batch: Ordinals, ascending; repetitions are allowed.
    /// - Complexity: O(n + m).
    public mutating func insert(sorted batch: [UInt32]) {
        if batch.count == 1 {
            insert(batch[0])
        } else {
            formUnion(OrdinalSet(sorted: batch))
        }
    }

    /// Removes an ordinal.
    ///
    /// - Parameter ordinal: Any ordinal.
    /// - Returns: Whether it was a member.
    /// - Complexity: O(log n) in a dense block, else O(n).
    @discardableResult
    public mutating func remove(_ ordinal: UInt32) -> Bool {
        if let dense = denseIndex(of: OrdinalBlock.containing(ordinal)) {
            let place = dense * OrdinalBlock.wordCount + OrdinalBlock.word(of: ordinal)
            let bit = OrdinalBlock.bit(of: ordinal)
            if words[place] & bit == 0 { return false }
            words[place] &= ~bit
            denseCount -= 1
            demoteIfSparse(dense)
            return true
        }
        let place = listed.firstIndex(notBelow: ordinal)
        guard place < listed.count, listed[place] == ordinal else { return false }
        listed.remove(at: place)
        return true
    }

    /// Calls a closure with every member, in ascending order.
    ///
    /// - Parameter body: Receives a member.
    public func forEach(_ body: (UInt32) -> Void) {
        var next = 0
        for (dense, block) in denseBlocks.enumerated() {
            while next < listed.count, OrdinalBlock.containing(listed[next]) < block {
                body(listed[next])
                next += 1
            }
            let start = dense * OrdinalBlock.wordCount
            OrdinalBlock.forEach(words.span.extracting(start..<start + 128), of: block, body)
        }
        while next < listed.count {
            body(listed[next])
            next += 1
        }
    }

    /// All members, ascending.
    public var members: [UInt32] {
        if denseBlocks.isEmpty { return listed }
        var all: [UInt32] = []
        all.reserveCapacity(count)
        forEach { all.append($0) }
        return all
    }

    // MARK: - Parts

    /// The position of a block among the dense ones.
    func denseIndex(of block: UInt32) -> Int? {
        if denseBlocks.isEmpty { return nil }
        let place = denseBlocks.firstIndex(notBelow: block)
        return place < denseBlocks.count && denseBlocks[place] == block ? place : nil
    }

    private func listedRange(of block: UInt32) -> Range<Int> {
        let start = listed.firstIndex(notBelow: OrdinalBlock.first(of: block))
        var end = start
        while end < listed.count, OrdinalBlock.containing(listed[end]) == block { end += 1 }
        return start..<end
    }

    /// Appends a member above all others to the list; the caller keeps the form of its block.
    mutating func appendListed(_ ordinal: UInt32) { listed.append(ordinal) }

    /// Appends the bitmap of a block above all others, as a bitmap or to the list.
    mutating func append(_ bitmap: borrowing OrdinalBlock.Bitmap, of block: UInt32) {
        var members = 0
        for index in bitmap.indices { members += bitmap[index].nonzeroBitCount }
        if members > OrdinalBlock.listedMaximum {
            denseBlocks.append(block)
            for index in bitmap.indices { words.append(bitmap[index]) }
            denseCount += members
        } else if members > 0 {
            OrdinalBlock.forEach(bitmap.span, of: block) { listed.append($0) }
        }
    }

    /// Makes bitmaps of the blocks of which the list holds too many members.
    ///
    /// - Parameter start: Where in the list to begin.
    mutating func promoteCrowdedBlocks(from start: Int = 0) {
        guard listed.count - start > OrdinalBlock.listedMaximum else { return }
        var kept = start
        var next = start
        while next < listed.count {
            let block = OrdinalBlock.containing(listed[next])
            var end = next
            while end < listed.count, OrdinalBlock.containing(listed[end]) == block { end += 1 }
            if end - next > OrdinalBlock.listedMaximum {
                insertBitmap(of: block, listed[next..<end])
            } else {
                while next < end {
                    listed[kept] = listed[next]
                    kept += 1
                    next += 1
                }
            }
            next = end
        }
        listed.removeSubrange(kept...)
    }

    private mutating func promote(_ run: Range<Int>, of block: UInt32) {
        insertBitmap(of: block, listed[run])
        listed.removeSubrange(run)
    }

    private mutating func insertBitmap(of block: UInt32, _ members: ArraySlice<UInt32>) {
        let place = denseBlocks.firstIndex(notBelow: block)
        let start = place * OrdinalBlock.wordCount
        denseBlocks.insert(block, at: place)
        words.insert(contentsOf: repeatElement(0, count: OrdinalBlock.wordCount), at: start)
        for ordinal in members {
            words[start + OrdinalBlock.word(of: ordinal)] |= OrdinalBlock.bit(of: ordinal)
        }
        denseCount += members.count
    }

    private mutating func demoteIfSparse(_ dense: Int) {
        let range = dense * OrdinalBlock.wordCount..<(dense + 1) * OrdinalBlock.wordCount
        let members = words[range].reduce(0) { $0 + $1.nonzeroBitCount }
        guard members <= OrdinalBlock.listedMaximum else { return }
        let block = denseBlocks[dense]
        var run: [UInt32] = []
        run.reserveCapacity(members)
        OrdinalBlock.forEach(words.span.extracting(range), of: block) { run.append($0) }
        let place = listed.firstIndex(notBelow: OrdinalBlock.first(of: block))
        listed.insert(contentsOf: run, at: place)
        words.removeSubrange(range)
        denseBlocks.remove(at: dense)
        denseCount -= members
    }
}

/// The arithmetic of blocks of 8,192 ordinals.
enum OrdinalBlock {
    typealias Bitmap = InlineArray<128, UInt64>

    static let shift: UInt32 = 13
    /// Words of a bitmap: 1,024 bytes, which fit a leaf of the store.
    static let wordCount = 128
    /// The most members a block may list: as 16-bit numbers they would take a bitmap's bytes.
    static let listedMaximum = 512
    /// Blocks of the whole 32-bit range.
    static let count: UInt32 = 1 << 19

    @inline(__always)
    static func containing(_ ordinal: UInt32) -> UInt32 { ordinal >> shift }

    @inline(__always)
    static func first(of block: UInt32) -> UInt32 { block << shift }

    @inline(__always)
    static func word(of ordinal: UInt32) -> Int { Int(ordinal >> 6 & 127) }

    @inline(__always)
    static func bit(of ordinal: UInt32) -> UInt64 { 1 &<< UInt64(ordinal & 63) }

    /// Calls a closure with every member of a bitmap, in ascending order.
    @inline(__always)
    static func forEach(_ words: Span<UInt64>, of block: UInt32, _ body: (UInt32) -> Void) {
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                body(first(of: block) | UInt32(index) << 6 | UInt32(rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }
}

extension [UInt32] {
    /// The index of the first element that is not below a value, in an ascending array.
    func firstIndex(notBelow value: UInt32) -> Int {
        // Ordinals are given in ascending order, so that new ones often belong at the end.
        guard let last, last >= value else { return count }
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
