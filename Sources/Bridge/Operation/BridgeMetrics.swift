internal import Synchronization

/// What the bridge counts about itself.
final class BridgeMetrics: Sendable {
    private struct Key: Hashable {
        let path: String
        let method: String
        let status: Int
    }

    private struct Latency {
        var counts = [Int](repeating: 0, count: BridgeMetrics.bounds.count)
        var total = 0
        var seconds = 0.0
    }

    private struct State {
        var requests: [Key: Int] = [:]
        var latencies: [String: Latency] = [:]
        var inFlight = 0
    }

    /// The upper edges of the latency histogram in seconds.
    private static let bounds = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    private let state = Mutex(State())

    /// A request has come.
    func begin() { state.withLock { $0.inFlight += 1 } }

    /// A request has been answered.
    ///
    /// - Parameters:
    ///   - path: Its path with names for variable parts, so that there are few.
    ///   - method: Its HTTP method.
    ///   - status: Its answer's status.
    ///   - took: How long the answer took.
    func end(path: String, method: String, status: Int, took: Duration) {
        let parts = took.components
        let seconds = Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
        let bucket = Self.bounds.firstIndex { seconds <= $0 }
        state.withLock { state in
            state.inFlight -= 1
            state.requests[Key(path: path, method: method, status: status), default: 0] += 1
            state.latencies[path, default: Latency()].total += 1
            state.latencies[path, default: Latency()].seconds += seconds
            if let bucket { state.latencies[path, default: Latency()].counts[bucket] += 1 }
        }
    }

    private static func text(_ streams: StreamHub.Figures) -> String {
        let rows = [
            ("botstats_http_streams", "gauge", "Streams open now.", streams.openCount),
            (
                "botstats_http_stream_events_total", "counter",
                "Events left for listeners of streams.", streams.eventCount
            ),
            (
                "botstats_http_streams_dropped_total", "counter",
                "Streams ended because their listener was too slow.", streams.droppedCount
            ),
            (
                "botstats_http_streams_refused_total", "counter",
                "Streams refused because there were too many.", streams.refusedCount
            ),
        ]
        return rows.map { name, type, help, value in
            "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(value)\n"
        }
        .joined()
    }

    /// Everything in Prometheus' text format.
    ///
    /// - Parameters:
    ///   - isDaemonUp: Whether the daemon is connected.
    ///   - pendingCount: How many questions wait for it.
    ///   - streams: What is counted of streams.
    /// - Returns: Lines, each with its end.
    func text(isDaemonUp: Bool, pendingCount: Int, streams: StreamHub.Figures) -> String {
        let (requests, latencies, inFlight) = state.withLock {
            ($0.requests, $0.latencies, $0.inFlight)
        }
        var text = ""
        func head(_ name: String, _ type: String, _ help: String) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        }
        head("botstats_http_requests_total", "counter", "HTTP requests answered.")
        let keys = requests.keys.sorted {
            ($0.path, $0.method, $0.status) < ($1.path, $1.method, $1.status)
        }
        for key in keys {
            text +=
                "botstats_http_requests_total{path=\"\(key.path)\",method=\"\(key.method)\","
                + "status=\"\(key.status)\"} \(requests[key] ?? 0)\n"
        }
        let name = "botstats_http_request_duration_seconds"
        head(name, "histogram", "How long HTTP requests took.")
        for (path, latency) in latencies.sorted(by: { $0.key < $1.key }) {
            var count = 0
            for (bound, inBucket) in zip(Self.bounds, latency.counts) {
                count += inBucket
                text += "\(name)_bucket{path=\"\(path)\",le=\"\(bound)\"} \(count)\n"
            }
            text += "\(name)_bucket{path=\"\(path)\",le=\"+Inf\"} \(latency.total)\n"
            text += "\(name)_sum{path=\"\(path)\"} \(latency.seconds)\n"
            text += "\(name)_count{path=\"\(path)\"} \(latency.total)\n"
        }
        head("botstats_http_requests_in_flight", "gauge", "HTTP requests not answered yet.")
        text += "botstats_http_requests_in_flight \(inFlight)\n"
        head(
            "botstats_http_daemon_requests_pending",
            "gauge",
            "Questions the daemon has not answered."
        )
        text += "botstats_http_daemon_requests_pending \(pendingCount)\n"
        head("botstats_http_daemon_up", "gauge", "1 where the daemon is connected.")
        text += "botstats_http_daemon_up \(isDaemonUp ? 1 : 0)\n"
        return text + Self.text(streams)
    }
}
