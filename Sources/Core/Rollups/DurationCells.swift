/// The cells of the histogram of durations: ascending ranges of whole milliseconds.
///
/// Log-linear: durations below 128 ms have a cell each; from there on every octave has 64 of equal
/// width, so that a cell's middle is within 1/128 of each of its durations. The seven cells in which
/// an edge of the contract's exact histogram falls are cut there, which makes the counts between
/// edges sums of whole cells, and exact with no counts beside them.
///
/// The numbers of cells are on disk; they must not change within a format version.
enum DurationCells {
    /// The number of cells; the last one ends with the largest `Int64`.
    static let count = 3_719

    /// Log of the steps in an octave.
    private static let stepBits = 6

    /// The edges in milliseconds, ascending, without 0.
    private static let edges: InlineArray<7, Int64> = [
        10_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000,
    ]
    /// The cells that begin with the edges.
    private static let edgeCells: InlineArray<7, Int> = [
        527, 631, 696, 845, 946, 1_011, 1_076,
    ]

    /// The first cell at or above an edge.
    ///
    /// - Parameter index: The edge's index in ``Distribution/edgeSeconds``, or its count.
    /// - Returns: A cell; ``count`` behind the last edge.
    static func firstCell(ofEdge index: Int) -> Int {
        index == 0 ? 0 : index <= edgeCells.count ? edgeCells[index - 1] : count
    }

    /// The cell of a duration.
    ///
    /// - Parameter milliseconds: The duration, not negative.
    /// - Returns: 0 ..< ``count``; a longer duration has no lower cell.
    static func cell(of milliseconds: Int64) -> Int {
        let shift = max(0, 63 - stepBits - (milliseconds | 1).leadingZeroBitCount)
        var cell = (shift << stepBits) + Int(milliseconds >> Int64(shift))
        for index in edges.indices where edges[index] <= milliseconds { cell += 1 }
        return cell
    }

    /// The shortest and the longest duration of a cell.
    ///
    /// - Parameter cell: 0 ..< ``count``.
    /// - Returns: Milliseconds, both inclusive.
    static func bounds(of cell: Int) -> (lower: Int64, upper: Int64) {
        var uncut = cell
        var cutBelow: Int64 = 0
        var cutAbove = Int64.max
        for index in edges.indices {
            guard edgeCells[index] <= cell else {
                cutAbove = edges[index] - 1
                break
            }
            uncut -= 1
            cutBelow = edges[index]
        }
        let shift = max(0, (uncut >> stepBits) - 1)
        let lower = Int64(uncut - (shift << stepBits)) << Int64(shift)
        return (max(lower, cutBelow), min(lower + ((1 << Int64(shift)) - 1), cutAbove))
    }

    /// The middle of a cell, which stands for all its durations.
    ///
    /// - Parameter cell: 0 ..< ``count``.
    /// - Returns: Milliseconds; a half where the cell has an even number of them.
    static func middle(of cell: Int) -> Double {
        let bounds = bounds(of: cell)
        return Double(bounds.lower) + Double(bounds.upper - bounds.lower) / 2
    }
}
