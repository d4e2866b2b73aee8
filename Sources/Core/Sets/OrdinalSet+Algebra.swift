extension OrdinalSet {
    /// Adds the members of another set.
    ///
    /// - Parameter other: The other set.
    /// - Complexity: O(n + m).
    public mutating func formUnion(_ other: OrdinalSet) {
        if other.isEmpty { return }
        if isEmpty { self = other } else { combine(other, Selection(left: true, right: true)) }
    }

    /// Removes the members of another set.
    ///
    /// - Parameter other: The other set.
    /// - Complexity: O(n + m).
    public mutating func subtract(_ other: OrdinalSet) {
        if isEmpty || other.isEmpty { return }
        combine(other, Selection(left: true, both: false))
    }

    /// Removes every member that is not in another set.
    ///
    /// - Parameter other: The other set.
    /// - Complexity: O(n + m).
    public mutating func formIntersection(_ other: OrdinalSet) {
        if isEmpty { return }
        combine(other, Selection())
    }

    /// The number of members that are also in another set, without making the intersection.
    ///
    /// - Parameter other: The other set.
    /// - Returns: The size of the intersection.
    /// - Complexity: O(n + m).
    public func intersectionCount(with other: OrdinalSet) -> Int {
        Self.commonCount(listed.span, other.listed.span)
            + other.denseCount(of: listed.span)
            + denseCount(of: other.listed.span)
            + commonDenseCount(other)
    }

    /// The number of members of this or another set, without making the union.
    ///
    /// - Parameter other: The other set.
    /// - Returns: The size of the union.
    /// - Complexity: O(n + m).
    public func unionCount(with other: OrdinalSet) -> Int {
        count + other.count - intersectionCount(with: other)
    }

    // MARK: - Counting

    private static func commonCount(_ left: Span<UInt32>, _ right: Span<UInt32>) -> Int {
        var common = 0
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let (a, b) = (left[i], right[j])
            if a == b { common += 1 }
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        return common
    }

    /// How many of ascending ordinals are members of the dense blocks.
    private func denseCount(of ordinals: Span<UInt32>) -> Int {
        if denseBlocks.isEmpty { return 0 }
        var members = 0
        var dense = 0
        for index in ordinals.indices {
            let ordinal = ordinals[index]
            let block = OrdinalBlock.containing(ordinal)
            while dense < denseBlocks.count, denseBlocks[dense] < block { dense += 1 }
            guard dense < denseBlocks.count else { break }
            guard denseBlocks[dense] == block else { continue }
            let word = words[dense * OrdinalBlock.wordCount + OrdinalBlock.word(of: ordinal)]
            if word & OrdinalBlock.bit(of: ordinal) != 0 { members += 1 }
        }
        return members
    }

    private func commonDenseCount(_ other: OrdinalSet) -> Int {
        var common = 0
        var (i, j) = (0, 0)
        while i < denseBlocks.count, j < other.denseBlocks.count {
            let (a, b) = (denseBlocks[i], other.denseBlocks[j])
            if a == b {
                let (left, right) = (i * OrdinalBlock.wordCount, j * OrdinalBlock.wordCount)
                for index in 0..<OrdinalBlock.wordCount {
                    common += (words[left + index] & other.words[right + index]).nonzeroBitCount
                }
            }
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        return common
    }

    // MARK: - Combining

    /// Which members a combination keeps: those of the left set alone, of both, of the right alone.
    private struct Selection {
        var left = false
        var both = true
        var right = false
    }

    private mutating func combine(_ other: OrdinalSet, _ selection: Selection) {
        var result = OrdinalSet()
        if denseBlocks.isEmpty, other.denseBlocks.isEmpty {
            result.merge(listed.span, other.listed.span, selection)
            result.promoteCrowdedBlocks()
        } else {
            combineBlocks(other, selection, into: &result)
        }
        self = result
    }

    private func combineBlocks(
        _ other: OrdinalSet,
        _ selection: Selection,
        into result: inout OrdinalSet
    ) {
        var left = Cursor()
        var right = Cursor()
        while true {
            let block = Swift.min(left.block(in: self), right.block(in: other))
            if block == Cursor.end { return }
            let leftRun = left.takeListed(of: block, in: self)
            let rightRun = right.takeListed(of: block, in: other)
            let leftDense = left.takeDense(block, in: self)
            let rightDense = right.takeDense(block, in: other)
            if leftDense == nil, rightDense == nil {
                let start = result.listed.count
                result.merge(
                    listed.span.extracting(leftRun),
                    other.listed.span.extracting(rightRun),
                    selection
                )
                result.promoteCrowdedBlocks(from: start)
            } else {
                let mine = bitmap(leftDense, leftRun)
                let theirs = other.bitmap(rightDense, rightRun)
                result.append(Self.combine(mine, theirs, selection), of: block)
            }
        }
    }

    /// Appends the selected members of two ascending lists that lie above all present ones.
    private mutating func merge(
        _ left: Span<UInt32>,
        _ right: Span<UInt32>,
        _ selection: Selection
    ) {
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let (a, b) = (left[i], right[j])
            let isKept = a == b ? selection.both : a < b ? selection.left : selection.right
            if isKept { appendListed(Swift.min(a, b)) }
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        if selection.left {
            while i < left.count {
                appendListed(left[i])
                i += 1
            }
        }
        if selection.right {
            while j < right.count {
                appendListed(right[j])
                j += 1
            }
        }
    }

    /// A block's members as a bitmap, from the dense block or a part of the list.
    private func bitmap(_ dense: Int?, _ run: Range<Int>) -> OrdinalBlock.Bitmap {
        var bitmap = OrdinalBlock.Bitmap(repeating: 0)
        if let dense {
            let start = dense * OrdinalBlock.wordCount
            for index in bitmap.indices { bitmap[index] = words[start + index] }
        } else {
            for place in run {
                let ordinal = listed[place]
                bitmap[OrdinalBlock.word(of: ordinal)] |= OrdinalBlock.bit(of: ordinal)
            }
        }
        return bitmap
    }

    private static func combine(
        _ left: OrdinalBlock.Bitmap,
        _ right: OrdinalBlock.Bitmap,
        _ selection: Selection
    ) -> OrdinalBlock.Bitmap {
        let keepLeft: UInt64 = selection.left ? .max : 0
        let keepBoth: UInt64 = selection.both ? .max : 0
        let keepRight: UInt64 = selection.right ? .max : 0
        var result = left
        for index in result.indices {
            let (a, b) = (left[index], right[index])
            result[index] = a & ~b & keepLeft | a & b & keepBoth | ~a & b & keepRight
        }
        return result
    }

    /// A place in a set, moving from block to block.
    private struct Cursor {
        /// Stands for the block behind the last one.
        static let end = UInt32.max

        var next = 0
        var dense = 0

        /// The lowest block not yet passed.
        func block(in set: borrowing OrdinalSet) -> UInt32 {
            let sparse =
                next < set.listed.count ? OrdinalBlock.containing(set.listed[next]) : Self.end
            return Swift.min(
                sparse,
                dense < set.denseBlocks.count ? set.denseBlocks[dense] : Self.end
            )
        }

        mutating func takeListed(of block: UInt32, in set: borrowing OrdinalSet) -> Range<Int> {
            let start = next
            while next < set.listed.count, OrdinalBlock.containing(set.listed[next]) == block {
                next += 1
            }
            return start..<next
        }

        mutating func takeDense(_ block: UInt32, in set: borrowing OrdinalSet) -> Int? {
            guard dense < set.denseBlocks.count, set.denseBlocks[dense] == block else { return nil }
            defer { dense += 1 }
            return dense
        }
    }
}
