/// Latencies and their exact quantiles.
struct LatencySample {
    private var seconds: [Double] = []

    /// How many there are.
    var count: Int { seconds.count }

    /// Adds one.
    mutating func add(_ duration: Duration) { seconds.append(duration.inSeconds) }

    /// Forgets what was measured so far, such as a warm-up.
    mutating func removeAll() { seconds.removeAll(keepingCapacity: true) }

    /// The latency of rank ceil(p·n).
    ///
    /// - Parameter share: p, between 0 and 1.
    /// - Returns: Seconds; zero of nothing.
    /// - Complexity: O(n log n).
    func quantile(_ share: Double) -> Double {
        let sorted = seconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// The median in seconds.
    var median: Double { quantile(0.5) }
    /// The 99th percentile in seconds.
    var p99: Double { quantile(0.99) }
    /// The largest in seconds.
    var maximum: Double { quantile(1) }
}
