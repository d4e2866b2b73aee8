/// An exact count and sum of durations with a histogram for their percentiles: a commutative group
/// under addition.
///
/// The histogram counts by ``DurationCells``, so that a quantile is within ``relativeError`` and the
/// contract's edges are exact. Inside a change counts may be negative; the value that a store keeps
/// never holds a negative one. Only cells that are in use take memory, and an empty distribution
/// takes none on the heap.
public struct Distribution: Sendable, Equatable {
    /// The most by which a quantile differs from the true one, as a part of the true one.
    public static let relativeError: Double = 1.0 / 128

    /// The edges of the contract's exact histogram in seconds; a duration on one belongs above it.
    public static let edgeSeconds: [Int64] = [0, 10, 30, 60, 300, 900, 1_800, 3_600]

    struct Entry: Sendable, Equatable {
        var cell: UInt16
        /// Never 0.
        var count: Int64
    }

    /// What is measured.
    ///
    /// All kinds share one form; it is kept so that two kinds are never added.
    public let kind: DurationKind
    /// The counts that are not zero, by ascending cell.
    private(set) var entries: [Entry] = []
    /// The sum of all durations in milliseconds.
    ///
    /// It wraps around, as a sum of more than 290 million years would; the laws of a group hold
    /// even then.
    public private(set) var sum: Int64 = 0

    /// Makes an empty distribution.
    ///
    /// - Parameter kind: What is measured.
    public init(_ kind: DurationKind) { self.kind = kind }

    /// Whether this is the identity of addition.
    ///
    /// A change can take a duration out of a cell and put another into it: no count is left then,
    /// but the sum has changed.
    public var isEmpty: Bool { entries.isEmpty && sum == 0 }

    /// Adds a duration, or takes it back.
    ///
    /// - Parameters:
    ///   - milliseconds: The duration. Every value works; a negative one, which no evaluation
    ///     gives, counts as 0 and so can be taken back.
    ///   - count: How many times; negative to take back.
    /// - Complexity: O(cells in use).
    public mutating func add(_ milliseconds: Int64, count: Int64) {
        guard count != 0 else { return }
        let duration = max(0, milliseconds)
        sum &+= duration &* count
        adjust(UInt16(DurationCells.cell(of: duration)), by: count)
    }

    /// Adds another distribution.
    ///
    /// - Parameter other: What to add; of the same kind.
    /// - Complexity: O(n + m).
    public mutating func merge(_ other: Distribution) {
        precondition(kind == other.kind, "durations of different kinds are not added")
        sum &+= other.sum
        if entries.isEmpty {
            entries = other.entries
        } else if other.entries.count <= 1 + entries.count / 16 {
            // Mostly one duration of a bot joins those of all bots: no new array for that.
            for entry in other.entries { adjust(entry.cell, by: entry.count) }
        } else {
            mergeEntries(other.entries.span)
        }
    }

    private mutating func adjust(_ cell: UInt16, by count: Int64) {
        let place = entries.lowerBound { $0.cell < cell }
        guard place < entries.count, entries[place].cell == cell else {
            entries.insert(Entry(cell: cell, count: count), at: place)
            return
        }
        let total = entries[place].count &+ count
        if total == 0 { entries.remove(at: place) } else { entries[place].count = total }
    }

    private mutating func mergeEntries(_ other: Span<Entry>) {
        var merged: [Entry] = []
        merged.reserveCapacity(entries.count + other.count)
        var (i, j) = (0, 0)
        while i < entries.count, j < other.count {
            let (left, right) = (entries[i], other[j])
            if left.cell == right.cell {
                let total = left.count &+ right.count
                if total != 0 { merged.append(Entry(cell: left.cell, count: total)) }
            } else {
                merged.append(left.cell < right.cell ? left : right)
            }
            if left.cell <= right.cell { i += 1 }
            if right.cell <= left.cell { j += 1 }
        }
        merged.append(contentsOf: entries[i...])
        while j < other.count {
            merged.append(other[j])
            j += 1
        }
        entries = merged
    }
}

// Encoding: the number of bytes that follow; the sum less what the cells' lower bounds make of it;
// then for each cell in use twice its distance to the one before minus one, plus one where the
// count is not 1 and follows, minus two. A single duration takes four or five bytes.

extension Distribution {
    /// Writes the canonical encoding: equal values give equal bytes.
    ///
    /// - Parameter writer: Receives the bytes.
    /// - Precondition: No count is negative, and the sum is one that the counts can have.
    public func encode(into writer: inout ByteWriter) {
        let rest = UInt64(bitPattern: sum &- lowestSum)
        var size = ByteWriter.varintSize(rest)
        forEachCode { size += ByteWriter.varintSize($0) }
        writer.writeVarint(UInt64(size))
        writer.writeVarint(rest)
        forEachCode { writer.writeVarint($0) }
    }

    private func forEachCode(_ body: (UInt64) -> Void) {
        var next: UInt64 = 0
        for entry in entries {
            let distance = UInt64(entry.cell) - next
            body(distance << 1 | (entry.count == 1 ? 0 : 1))
            if entry.count != 1 { body(UInt64(entry.count - 2)) }
            next = UInt64(entry.cell) + 1
        }
    }

    /// What the sum would be if every duration were the lowest of its cell.
    private var lowestSum: Int64 {
        var lowest: Int64 = 0
        var slack: Int64 = 0
        for entry in entries {
            precondition(entry.count > 0, "a stored distribution has no negative count")
            let bounds = DurationCells.bounds(of: Int(entry.cell))
            lowest &+= bounds.lower &* entry.count
            slack &+= (bounds.upper &- bounds.lower) &* entry.count
        }
        precondition(Self.isPossible(sum &- lowest, slack), "the sum does not fit the counts")
        return lowest
    }

    private static func isPossible(_ rest: Int64, _ slack: Int64) -> Bool {
        UInt64(bitPattern: rest) <= UInt64(bitPattern: slack)
    }

    /// Reads a distribution, or gives nil when the bytes are not the canonical encoding of one.
    ///
    /// - Parameters:
    ///   - reader: Stands at the first byte; afterwards behind the last.
    ///   - kind: What is measured.
    public init?(decoding reader: inout ByteReader, _ kind: DurationKind) {
        self.init(kind)
        var body = EncodedBody(&reader)
        var lowest: Int64 = 0
        var slack: Int64 = 0
        while let entry = body.next(&reader) {
            let bounds = DurationCells.bounds(of: Int(entry.cell))
            lowest &+= bounds.lower &* entry.count
            slack &+= (bounds.upper &- bounds.lower) &* entry.count
            entries.append(entry)
        }
        guard !reader.failed, Self.isPossible(body.rest, slack) else { return nil }
        sum = lowest &+ body.rest
    }

    /// Passes over an encoded distribution.
    ///
    /// - Parameters:
    ///   - reader: Stands at the first byte; afterwards behind the last.
    ///   - kind: What is measured.
    /// - Complexity: O(1).
    public static func skip(_ reader: inout ByteReader, _ kind: DurationKind) {
        reader.skip(Int(clamping: reader.readVarint()))
    }

    /// The progress of reading an encoded distribution.
    struct EncodedBody {
        /// The sum less that of the lower bounds, in milliseconds.
        let rest: Int64
        /// How many bytes are left behind the distribution.
        private let remainingAfter: Int
        private var nextCell: UInt64 = 0

        @inline(__always)
        init(_ reader: inout ByteReader) {
            let size = reader.readVarint()
            if size > UInt64(reader.remaining) { reader.fail() }
            remainingAfter = reader.failed ? 0 : reader.remaining - Int(truncatingIfNeeded: size)
            rest = Int64(bitPattern: reader.readVarint())
        }

        /// The next cell in use, with a positive count.
        ///
        /// - Returns: nil at the end and after a failure.
        @inline(__always)
        mutating func next(_ reader: inout ByteReader) -> Entry? {
            guard reader.remaining > remainingAfter else {
                // The last number may have reached into what follows.
                if reader.remaining < remainingAfter { reader.fail() }
                return nil
            }
            let code = reader.readVarint()
            let cell = nextCell + (code >> 1)
            let excess = code & 1 == 0 ? 0 : reader.readVarint() &+ 1
            guard cell < DurationCells.count, excess < UInt64(Int64.max), !reader.failed,
                code & 1 == 0 || excess > 0
            else {
                reader.fail()
                return nil
            }
            nextCell = cell + 1
            return Entry(
                cell: UInt16(truncatingIfNeeded: cell),
                count: Int64(truncatingIfNeeded: excess) + 1
            )
        }
    }
}
