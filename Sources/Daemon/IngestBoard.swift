internal import Core
internal import Store
internal import Synchronization

/// What ingest tells of itself, for `realtime` and `system.status`.
struct IngestReport: Sendable {
    /// All producers by name.
    var producers: [ProducerName: Journal.Producer] = [:]
    /// Counts of all time.
    var counts = IngestCounts()
    /// Fire-and-forget messages known to be lost since the start.
    var dropped: UInt64 = 0
    /// Messages that break the protocol, since the start.
    var malformed: UInt64 = 0
    /// Messages that their connection's key may not send, since the start.
    var unauthorized: UInt64 = 0
    /// Connections whose key was refused, since the start; the thread of ``ZAPLoop`` counts them.
    var refusedConnections: UInt64 = 0
    /// Replies a peer was not there to take, since the start.
    var undelivered: UInt64 = 0
    /// Publishers heard of in the last minutes.
    var publishers = 0
    /// Messages answered with a NACK since the start, by its code.
    var refused: [IngestReply.Refusal: UInt64] = [:]
    /// How long commits took.
    var commits = CommitLatency()
    /// Why commits fail, while they do.
    var failure: String?
    /// Whether there is less free disk than events are taken with.
    var isStorageFull = false
    /// Sessions held in memory.
    var heldSessions = 0
    /// Whether the sockets of events are served.
    var isServing = false
}

/// How long commits took since the start.
struct CommitLatency: Sendable {
    /// For percentiles, in microseconds.
    private(set) var distribution = Distribution(.response)
    /// For those who add up the figures of several times.
    private(set) var histogram = LatencyHistogram()

    mutating func record(microseconds: Int64) {
        distribution.add(microseconds, count: 1)
        histogram.record(microseconds: microseconds)
    }
}

/// A report shared between threads: ingest writes after a commit, queries copy.
final class IngestBoard: Sendable {
    private let report: Mutex<IngestReport>

    init(_ report: IngestReport) { self.report = Mutex(report) }

    func update(_ change: (inout IngestReport) -> Void) { report.withLock { change(&$0) } }

    var current: IngestReport { report.withLock { $0 } }

    /// What live figures say of publishers, without a copy of the rest.
    var publishing: (dropped: UInt64, publishers: Int) {
        report.withLock { ($0.dropped, $0.publishers) }
    }
}
