internal import Core

/// Whether everything is answered and events are taken.
///
/// The store is open and the query socket is bound where anybody can ask; the rest is looked at.
struct Readiness {
    /// How far ingest may lie behind the clock: it follows every second, unless a commit takes
    /// longer.
    static let ingestLagMilliseconds = 5 * Milliseconds.second
    /// How long the store may take over nothing although commits wait: mostly it is a second, and
    /// the largest fold takes some.
    static let storeLagMilliseconds = 30 * Milliseconds.second

    /// What ingest tells of itself.
    var ingest: IngestReport
    /// Whether the realtime window is there.
    var isRealtimeReady: Bool
    /// Whether the store refuses commits.
    var isStoreFailing: Bool
    /// Events that are acknowledged and not in the store's rows.
    var unfoldedEvents: Int
    /// How long the store has taken over nothing although commits wait.
    var storeLagMilliseconds: Int64
    /// How far ingest lies behind the clock.
    var ingestLagMilliseconds: Int64

    /// What it still waits for, a sentence each; empty where it is ready.
    var waitsFor: [String] {
        var reasons: [String] = []
        if !ingest.isServing { reasons.append("the sockets of events are not served") }
        if !isRealtimeReady { reasons.append("realtime is being rebuilt") }
        if ingest.failure != nil { reasons.append("events cannot be committed") }
        if ingest.isStorageFull { reasons.append("the disk is nearly full") }
        if isStoreFailing { reasons.append("commits cannot be added to the store") }
        // Ingest answers busy at twice as many.
        if unfoldedEvents >= Limits.unfoldedEventsMaximum / 2
            || storeLagMilliseconds > Self.storeLagMilliseconds
        {
            reasons.append("the store is behind")
        }
        if ingestLagMilliseconds > Self.ingestLagMilliseconds { reasons.append("ingest is behind") }
        return reasons
    }
}
