/// A reusable sum of many encoded distributions, such as those of a year of slots.
///
/// An array of counts by cell, so that an addition is a load and a store; emptying touches only the
/// range that was used.
public struct DistributionAccumulator: Sendable {
    /// What is measured.
    public let kind: DurationKind
    /// Counts by cell; no memory before the first addition.
    private var counts: [Int64] = []
    /// The sum of the durations less that of their cells' lower bounds, which is made once, at the
    /// end, and not for each row.
    private var rest: Int64 = 0
    /// The lowest and highest cell that may hold a count.
    private var lowest = DurationCells.count
    private var highest = -1

    /// The number of durations.
    public private(set) var count: Int64 = 0

    /// Makes an empty accumulator.
    ///
    /// - Parameter kind: What is measured.
    public init(_ kind: DurationKind) { self.kind = kind }

    /// Empties the accumulator, keeping the memory.
    ///
    /// - Complexity: O(cells between the lowest and the highest used).
    public mutating func clear() {
        for cell in used { counts[cell] = 0 }
        rest = 0
        lowest = DurationCells.count
        highest = -1
        count = 0
    }

    /// Adds an encoded distribution, without making it.
    ///
    /// - Parameter reader: Stands at the distribution's first byte; afterwards behind its last.
    ///   After a failure an unspecified part of the counts has been added.
    /// - Complexity: O(cells in use).
    public mutating func addEncoded(_ reader: inout ByteReader) {
        prepare()
        var body = Distribution.EncodedBody(&reader)
        rest &+= body.rest
        let added = Self.add(&body, &reader, to: counts.mutableSpan)
        lowest = min(lowest, added.lowest)
        highest = max(highest, added.highest)
        count &+= added.count
    }

    private static func add(
        _ body: inout Distribution.EncodedBody,
        _ reader: inout ByteReader,
        to counts: consuming MutableSpan<Int64>
    ) -> (count: Int64, lowest: Int, highest: Int) {
        var added: Int64 = 0
        var lowest = DurationCells.count
        var highest = -1
        while let entry = body.next(&reader) {
            highest = Int(entry.cell)
            lowest = min(lowest, highest)
            counts[highest] &+= entry.count
            added &+= entry.count
        }
        return (added, lowest, highest)
    }

    /// Adds a distribution, which may hold negative counts.
    ///
    /// - Parameter distribution: What to add; of the same kind.
    /// - Complexity: O(cells in use).
    public mutating func add(_ distribution: Distribution) {
        precondition(kind == distribution.kind, "durations of different kinds are not added")
        prepare()
        rest &+= distribution.sum
        for entry in distribution.entries {
            let cell = Int(entry.cell)
            lowest = min(lowest, cell)
            highest = max(highest, cell)
            counts[cell] &+= entry.count
            count &+= entry.count
            rest &-= DurationCells.bounds(of: cell).lower &* entry.count
        }
    }

    private mutating func prepare() {
        if counts.isEmpty { counts = Array(repeating: 0, count: DurationCells.count) }
    }

    private var used: Range<Int> { lowest <= highest ? lowest..<highest + 1 : 0..<0 }
}

extension DistributionAccumulator {
    /// The exact sum of the durations in milliseconds.
    ///
    /// - Complexity: O(cells between the lowest and the highest used).
    public var sum: Int64 {
        var sum = rest
        for cell in used where counts[cell] != 0 {
            sum &+= DurationCells.bounds(of: cell).lower &* counts[cell]
        }
        return sum
    }

    /// The duration of rank ceil(p·n) of n in ascending order, within
    /// ``Distribution/relativeError``.
    ///
    /// - Parameter p: 0 ... 1, a whole number of percents; another value is rounded to one, so that
    ///   the rank is computed in integers and is the same on every machine.
    /// - Returns: Milliseconds; nil when there are no durations.
    /// - Complexity: O(cells between the lowest and the highest used).
    public func quantile(_ p: Double) -> Double? {
        guard count > 0 else { return nil }
        let percent = Int64((min(max(p, 0), 1) * 100).rounded())
        // Of hundreds and the remainder apart, because a hundred times the count might overflow.
        let rank = max(1, count / 100 * percent + (count % 100 * percent + 99) / 100)
        var below: Int64 = 0
        for cell in used {
            below &+= counts[cell]
            if below >= rank { return DurationCells.middle(of: cell) }
        }
        return nil
    }

    /// The shortest duration in milliseconds, within ``Distribution/relativeError``; nil when there
    /// are no durations.
    public var minimum: Double? {
        used.first { counts[$0] > 0 }.map { DurationCells.middle(of: $0) }
    }

    /// The longest duration in milliseconds, within ``Distribution/relativeError``; nil when there
    /// are no durations.
    public var maximum: Double? {
        used.last { counts[$0] > 0 }.map { DurationCells.middle(of: $0) }
    }

    /// For each of ``Distribution/edgeSeconds`` the exact number of durations from there to before
    /// the next one.
    ///
    /// - Complexity: O(cells between the lowest and the highest used).
    public var edgeCounts: [Int64] {
        Distribution.edgeSeconds.indices.map { edge in
            let cells =
                DurationCells.firstCell(ofEdge: edge)..<DurationCells.firstCell(ofEdge: edge + 1)
            return used.clamped(to: cells).reduce(0) { $0 &+ counts[$1] }
        }
    }
}
