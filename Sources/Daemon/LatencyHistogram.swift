/// Durations counted in fixed buckets, as Prometheus wants them; one thread keeps it.
struct LatencyHistogram: Sendable {
    /// The buckets' upper bounds in microseconds, each belonging to its bucket; what lasted longer
    /// than the last is counted in one more.
    ///
    /// From what an answer out of the cache takes to what a client waits for.
    static let bounds: [Int64] = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]

    /// How many durations lie in each bucket, the unbounded one last.
    private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    /// The sum of all durations in microseconds.
    private(set) var sum: Int64 = 0

    /// How many durations there were.
    var count: UInt64 { counts.reduce(0, +) }

    /// Counts a duration.
    mutating func record(microseconds: Int64) {
        let bucket = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
        counts[bucket] += 1
        sum += microseconds
    }
}
