internal import Core
internal import JSON
internal import Store
internal import Zones

/// What queries are answered from, on one thread: a snapshot of the store, the commits it does
/// not contain, the realtime window, names.
struct QueryState: ~Copyable {
    private let storage: Storage
    private let feed: CommitFeed
    private let board: IngestBoard
    private let snapshot: StoreSnapshot
    private var names: AnswerNames
    /// The window, and until it has been rebuilt the thread that does it.
    private var realtime: RealtimeWindow?
    private let rebuilding: StartReport<RealtimeWindow>
    private var tail: [ChangeSet] = []
    /// Since when the store has taken over nothing of the tail; nil where there is none.
    private var tailStandsSince: Int64?
    private var backlog = RealtimeBacklog()
    private var live: LiveRound
    private var unattached = UnattachedEvents()
    private var now: UnixMilliseconds
    /// The last commit that was delivered.
    private var commit: UInt64
    private var dataVersion: UInt64
    private var lastCommit: UnixMilliseconds?

    init(
        storage: Storage,
        feed: CommitFeed,
        board: IngestBoard,
        snapshot: StoreSnapshot,
        names: AnswerNames,
        realtime: StartReport<RealtimeWindow>,
        live: LiveBoard,
        now: UnixMilliseconds
    ) throws(StoreError) {
        self.storage = storage
        self.feed = feed
        self.board = board
        self.snapshot = snapshot
        self.names = names
        rebuilding = realtime
        self.live = LiveRound(board: live, now: now)
        self.now = now
        let position = try storage.store.position()
        commit = position.commit
        dataVersion = position.dataVersion
    }

    /// Takes in the commits since the last call.
    mutating func follow() {
        // First the commits, then the snapshot: one that the store takes over in between is
        // passed over as folded. The other way round it could be in neither.
        let delivery = feed.takeForQueries()
        for changes in delivery.changes {
            names.apply(changes)
            commit = changes.number
            dataVersion = changes.dataVersion
        }
        tail += delivery.changes
        for changes in delivery.changes {
            backlog.add(changes.events)
            unattached.follow(changes)
        }
        now = delivery.now
        lastCommit = delivery.lastCommit
        let folded = feed.folded
        let stale = tail.prefix { $0.number <= folded }.count
        if stale > 0 { tail.removeFirst(stale) }
        if tail.isEmpty {
            tailStandsSince = nil
        } else if stale > 0 || tailStandsSince == nil {
            tailStandsSince = MonotonicClock.microseconds
        }
    }

    /// Brings a part of what waits into the realtime window, or computes a part of the live
    /// figures; returns whether there is more.
    ///
    /// Only questions about realtime need all of it at once; the others must not wait for it.
    mutating func recordSome() -> Bool {
        adoptWindow()
        guard var window = realtime.take() else { return false }
        defer { realtime = window }
        let isBusy = backlog.step(into: &window, now: now)
        // What is half in the window makes no figures.
        if live.isDue(at: now), backlog.hasSettled(now) {
            live.begin(window, names, liveState(now))
        }
        if isBusy { return true }
        return live.isRunning && live.step(window, names, liveState(window.now))
    }

    private func liveState(_ now: UnixMilliseconds) -> LiveState {
        let (dropped, publishers) = board.publishing
        let plan = QueryPlan.realtime(now: now)
        return LiveState(
            plan: plan,
            stamp: reader.stamp(plan),
            eventsDropped: dropped,
            publishers: publishers
        )
    }

    /// Takes the rebuilt window over, as soon as it is there.
    private mutating func adoptWindow() {
        guard realtime == nil, let result = rebuilding.current else { return }
        switch result {
        case .success(let window): realtime = window
        case .failure(let failure): fatalError("The realtime window cannot be rebuilt: \(failure)")
        }
    }

    /// Brings the realtime window up to now.
    mutating func recordAll() {
        adoptWindow()
        guard var window = realtime.take() else { return }
        backlog.finish(into: &window, now: now)
        realtime = window
    }

    /// Takes a snapshot that every request until ``endSnapshot()`` is answered from.
    mutating func beginSnapshot() throws(StoreError) {
        follow()
        try snapshot.renew()
        snapshot.tail = tail
        snapshot.cutoffs = storage.store.cutoffs(now: now)
    }

    mutating func endSnapshot() {
        snapshot.release()
        snapshot.tail = []
    }

    /// The end of the running second, as far as the fold has followed it.
    var present: UnixMilliseconds { now }

    /// What figures are read with, until ``endSnapshot()``.
    private var reader: FigureReader {
        FigureReader(
            storage: storage,
            snapshot: snapshot,
            names: names,
            now: now,
            dataVersion: dataVersion,
            lastCommit: lastCommit
        )
    }

    /// What a report is made from besides the store, as of now.
    var ground: ReportGround {
        ReportGround(
            names: names,
            tail: tail,
            commit: commit,
            now: now,
            dataVersion: dataVersion,
            lastCommit: lastCommit
        )
    }

    /// Answers a query.
    ///
    /// - Parameter plan: The query.
    /// - Returns: The result object.
    /// - Throws: ``StoreError`` when the store cannot be read.
    func answer(_ plan: QueryPlan) throws(StoreError) -> JSONValue {
        let figures: JSONValue
        switch plan.method {
        case .realtime, .realtimeActive:
            guard let realtime else { throw .rebuilding }
            figures =
                plan.method == .realtime
                ? realtimeFigures(plan, realtime) : activeFigures(plan, realtime)
        case .systemStatus: preconditionFailure("the service answers it")
        default: return try reader.answer(plan)
        }
        return reader.complete(figures, plan)
    }

    // MARK: - Realtime

    private func realtimeFigures(_ plan: QueryPlan, _ realtime: RealtimeWindow) -> JSONValue {
        let report = board.current
        let (bots, channel) = realtimeScope(plan)
        let figures = realtime.snapshot(
            bots: bots,
            channel: channel,
            windowMinutes: plan.windowMinutes
        )
        return RealtimeAnswer.figures(
            figures,
            eventsDropped: report.dropped,
            publishers: report.publishers,
            calendar: plan.calendar
        )
    }

    private func activeFigures(_ plan: QueryPlan, _ realtime: RealtimeWindow) -> JSONValue {
        let (bots, channel) = realtimeScope(plan)
        let figures = realtime.active(
            bots: bots,
            channel: channel,
            windowMinutes: plan.windowMinutes
        )
        return RealtimeAnswer.active(figures, windowMinutes: plan.windowMinutes, names: names)
    }

    /// Whom a query is about: no bots where the channel is unknown, so that figures are zero.
    private func realtimeScope(_ plan: QueryPlan) -> (bots: [UInt32]?, channel: UInt16?) {
        let scopes = names.scopes(of: plan, withChannel: true)
        guard let first = scopes.first else { return ([], nil) }
        return (names.ordinals(of: plan), first.channel)
    }

    // MARK: - Status

    /// Session events that are attached to no conversation.
    mutating func unattachedCount() -> Int64 { unattached.count(in: snapshot) }

    /// Whether the realtime window is there.
    var isRealtimeReady: Bool { realtime != nil || rebuilding.current != nil }

    /// Events of commits in memory that the store does not contain.
    var unfoldedEventCount: Int { tail.reduce(0) { $0 + $1.events.count } }

    /// How long the store has taken over nothing although commits wait.
    var storeLagMilliseconds: Int64 {
        tailStandsSince.map { (MonotonicClock.microseconds - $0) / 1_000 } ?? 0
    }

    /// Whether the store refused commits when it was last tried.
    var isStoreFailing: Bool { feed.isStoreFailing }

    /// When events were last committed; nil before the first.
    var lastEventCommit: UnixMilliseconds? { lastCommit }

    /// The figures of all bots in the realtime window, as far as it has followed; nil until it
    /// is there.
    var realtimeSnapshot: RealtimeSnapshot? {
        realtime?.snapshot(bots: nil, channel: nil, windowMinutes: 30)
    }
}
