internal import JSON

/// How requests were answered and how long they took, by method; the query thread keeps it.
///
/// Its keys are the methods and the reasons of refusals, never what a peer wrote.
struct QueryMeter {
    /// How often a method was answered in one way.
    private(set) var counts: [RPCMethod?: [String: UInt64]] = [:]
    /// How long the answers of a method took.
    private(set) var latencies: [RPCMethod?: LatencyHistogram] = [:]

    init() {
        for method in RPCMethod.all {
            counts[method] = ["ok": 0]
            latencies[method] = LatencyHistogram()
        }
    }

    /// Notes an answer.
    ///
    /// - Parameters:
    ///   - method: What was asked; nil where it is no method or no request.
    ///   - status: `ok`, or the reason of the refusal.
    ///   - microseconds: From the frame to the answer's bytes; for all requests of a batch the
    ///     same, as each waits for the others.
    mutating func record(_ method: RPCMethod?, _ status: String, microseconds: Int64) {
        counts[method, default: [:]][status, default: 0] += 1
        latencies[method, default: LatencyHistogram()].record(microseconds: microseconds)
    }
}
