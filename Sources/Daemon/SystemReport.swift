internal import Core
internal import LMDB
internal import Store

/// What the daemon knows of itself at one moment: the one source of `system.status` and
/// `system.metrics`.
struct SystemReport {
    /// When the daemon started.
    var started: UnixMilliseconds
    /// How long ago that is.
    var uptimeMilliseconds: Int64
    /// What ingest tells.
    var ingest: IngestReport
    /// What is not ready, a sentence each.
    var waitsFor: [String]
    /// The store's file and readers.
    var store: Environment.Information
    /// The journal's file and readers.
    var journal: Environment.Information
    /// Session events that are attached to no conversation.
    var unattachedEvents: Int64
    /// Events that are acknowledged and not in the store's rows.
    var unfoldedEvents: Int
    /// How often a thread closed all its connections.
    var connectionsShed: Int
    /// When events were last committed; nil before the first.
    var lastCommit: UnixMilliseconds?
    /// How long the store has taken over nothing although commits wait.
    var storeLagMilliseconds: Int64
    /// How far ingest lies behind the clock.
    var ingestLagMilliseconds: Int64
    /// Whether the store refused commits when it was last tried.
    var isStoreFailing: Bool
    /// The realtime figures of all bots; nil while the window is rebuilt.
    var realtime: RealtimeSnapshot?
    /// Free bytes of the disk.
    var freeBytes: Int
}

extension QueryService {
    /// Looks at everything; inside of a snapshot.
    mutating func report() -> SystemReport {
        let readiness = readiness()
        return SystemReport(
            started: started,
            uptimeMilliseconds: clock.now - started,
            ingest: readiness.ingest,
            waitsFor: readiness.waitsFor,
            store: storage.store.environment.information,
            journal: storage.journal.environment.information,
            unattachedEvents: state.unattachedCount(),
            unfoldedEvents: readiness.unfoldedEvents,
            connectionsShed: shedding.reduce(0) { $0 + $1.times },
            lastCommit: state.lastEventCommit,
            storeLagMilliseconds: readiness.storeLagMilliseconds,
            ingestLagMilliseconds: readiness.ingestLagMilliseconds,
            isStoreFailing: readiness.isStoreFailing,
            realtime: state.realtimeSnapshot,
            freeBytes: storage.directory.freeBytes
        )
    }

    /// Looks at what decides whether the daemon is ready, which costs little.
    func readiness() -> Readiness {
        Readiness(
            ingest: board.current,
            isRealtimeReady: state.isRealtimeReady,
            isStoreFailing: state.isStoreFailing,
            unfoldedEvents: state.unfoldedEventCount,
            storeLagMilliseconds: state.storeLagMilliseconds,
            ingestLagMilliseconds: max(0, clock.endOfSecond - state.present)
        )
    }
}
