internal import Core
internal import EventDecoding
internal import JSON
internal import Store
internal import ZeroMQ
internal import OperatorLog

/// The write path, on one thread: receive, decode, fold, commit, publish, acknowledge.
///
/// What has arrived is one commit; what arrives while it is written is the next. So under little
/// load every batch is acknowledged at once, and under much load a commit pays for many.
struct IngestLoop: ~Copyable {
    /// How long what keeps coming is taken in before a commit.
    private static let drainMicroseconds: Int64 = 50_000

    let storage: Storage
    private let configuration: DaemonConfiguration
    let clock: WallClock
    private let feed: CommitFeed
    private let board: IngestBoard
    let log: Log
    let snapshot: StoreSnapshot

    var ingest: Socket
    var events: Socket
    private let orders: LoopOrders

    var fold: Fold
    var producers: ProducerTable
    var counts: IngestCounts
    var subscription = FireAndForget()
    var admission: EventAdmission
    private var pace = CommitPace()
    let headers = HeaderDecoder()
    var publishers = PublisherActivity()
    var rights: PublisherRights
    private var trimmed: UInt64
    var welcomes: [(peer: RoutingID, place: Int)] = []
    var countsMoved = false
    var malformed: UInt64 = 0
    var unauthorized: UInt64 = 0
    private var undelivered: UInt64 = 0
    private var refused: [IngestReply.Refusal: UInt64] = [:]
    private var commits = CommitLatency()
    private var failure: String?
    var isStorageFull = false

    /// Takes over the recovered state and the bound sockets.
    init(
        recovery: consuming Recovery,
        storage: Storage,
        configuration: DaemonConfiguration,
        clock: WallClock,
        feed: CommitFeed,
        board: IngestBoard,
        log: Log,
        snapshot: StoreSnapshot,
        rights: PublisherRights,
        ingest: consuming Socket,
        events: consuming Socket,
        orders: consuming LoopOrders
    ) {
        self.storage = storage
        self.configuration = configuration
        self.clock = clock
        self.feed = feed
        self.board = board
        self.log = log
        self.snapshot = snapshot
        self.rights = rights
        self.ingest = ingest
        self.events = events
        self.orders = orders
        fold = recovery.fold
        producers = ProducerTable(recovery.producers)
        counts = recovery.counts
        trimmed = recovery.folded
        admission = EventAdmission()
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        var isStopping = false
        while !isStopping {
            let ready = try Poller.poll(ingest, events, orders.control, timeout: untilNextSecond())
            let order = ready.contains(.third) ? try orders.next() : nil
            if order == .shed { shed() }
            isStopping = order == .stop
            try turn()
        }
    }

    /// Closes every connection; what waited in them and was not acknowledged is sent again.
    private mutating func shed() {
        orders.reopen(&ingest, Sockets.ingest)
        orders.reopen(&events, Sockets.events)
        orders.finishShedding()
    }

    /// Makes one commit of what has arrived.
    mutating func turn() throws(ZeroMQError) {
        begin()
        let wait = Int64(configuration.commitIntervalMilliseconds) * 1_000
        try drain(until: MonotonicClock.microseconds + max(wait, pace.waitMicroseconds))
        pace.follow(events: admission.count)
        try commit()
    }

    private func untilNextSecond() -> Duration {
        .milliseconds(1_000 - Int(((clock.now % 1_000) + 1_000) % 1_000))
    }

    // MARK: - One commit

    /// Follows time and forgets what the store has taken over.
    mutating func begin() {
        snapshotRenewed()
        for place in rights.follow() { producers.disown(place) }
        let folded = feed.folded
        if folded > trimmed {
            fold.trim(through: folded)
            trimmed = folded
        }
        let now = clock.endOfSecond
        admission.now = clock.now
        let cutoffs = storage.store.retention.cutoffs(now: now, days: storage.store.days)
        admission.earliest = Quarters.start(of: cutoffs.conversations)
        fold.advance(to: now, ground: snapshot)
        let free = configuration.minimumFreeBytes > 0 ? storage.directory.freeBytes : .max
        isStorageFull = free < configuration.minimumFreeBytes
    }

    /// The fold reads the store as it is now.
    ///
    /// A store that cannot be read cannot be added to: there is nothing to go on with.
    private func snapshotRenewed() {
        do throws(StoreError) {
            try snapshot.renew()
        } catch {
            fatalError("The store cannot be read: \(error)")
        }
    }

    /// Takes in what has arrived, up to a commit's worth.
    private mutating func drain(until deadline: Int64) throws(ZeroMQError) {
        var message = Message()
        while true {
            var received = 0
            while admission.count < Limits.commitEventsMaximum, received < 256,
                try ingest.receive(into: &message, wait: false)
            {
                try takeIngest(&message)
                received += 1
            }
            var fromSubscription = 0
            while admission.count < Limits.commitEventsMaximum, fromSubscription < 4_096,
                try events.receive(into: &message, wait: false)
            {
                try takeSubscription(&message)
                fromSubscription += 1
            }
            if admission.count >= Limits.commitEventsMaximum { return }
            let left = deadline - MonotonicClock.microseconds
            // Messages that hold no events must not keep those that did from their commit.
            if received + fromSubscription > 0, left > -Self.drainMicroseconds { continue }
            guard left > 0, admission.count > 0, admission.count < pace.enough else { return }
            _ = try Poller.poll(ingest, events, timeout: .microseconds(left))
        }
    }

    /// Makes the commit durable, then visible, then acknowledged.
    mutating func commit() throws(ZeroMQError) {
        admission.count = 0
        let changes = fold.finish(ground: snapshot)
        snapshot.release()
        if let failure = snapshot.failure { fatalError("The store cannot be read: \(failure)") }
        let now = clock.now
        producers.stamp(now)
        let moved = producers.moved
        if let changes, !changes.events.isEmpty { counts.lastCommit = now }
        if changes != nil || !moved.isEmpty || countsMoved {
            let start = MonotonicClock.microseconds
            do throws(StoreError) {
                try storage.journal.commit(
                    changes,
                    producers: moved,
                    counts: counts,
                    folded: feed.folded
                )
            } catch {
                try fail(error)
                return
            }
            subscription.uncommitted = 0
            commits.record(microseconds: MonotonicClock.microseconds - start)
            failure = nil
            countsMoved = false
        }
        feed.publish(changes, now: fold.position.now, at: now)
        report(moved)
        try acknowledge()
    }

    private mutating func report(_ moved: [(name: ProducerName, state: Journal.Producer)]) {
        let atWork = publishers.count(at: clock.now)
        board.update { report in
            for (name, state) in moved { report.producers[name] = state }
            report.counts = counts
            report.dropped = subscription.dropped
            report.malformed = malformed
            report.unauthorized = unauthorized
            report.undelivered = undelivered
            report.publishers = atWork
            report.refused = refused
            report.commits = commits
            report.failure = failure
            report.isStorageFull = isStorageFull
            report.heldSessions = fold.heldSessionCount
            report.isServing = true
        }
    }

    private mutating func acknowledge() throws(ZeroMQError) {
        var replies: [(peer: RoutingID, reply: IngestReply)] = []
        producers.settle { entry in
            guard let owner = entry.owner, entry.hasNews else { return }
            replies.append(
                (
                    owner,
                    .ack(
                        producer: entry.name,
                        epoch: entry.durable.epoch,
                        committed: entry.durable.committed,
                        tally: entry.tally
                    )
                )
            )
        }
        for (peer, reply) in replies { try send(reply, to: peer) }
        for (peer, place) in welcomes { try send(welcome(place), to: peer) }
        welcomes.removeAll(keepingCapacity: true)
    }

    /// The disk did not take the commit: nothing of it happened.
    ///
    /// Memory goes back to what is durable, and publishers are told to try again.
    private mutating func fail(_ error: StoreError) throws(ZeroMQError) {
        failure = error.description
        let recovery: Recovery
        do throws(StoreError) {
            recovery = try Recovery(storage, snapshot: snapshot)
        } catch {
            fatalError("The store cannot be read after a failed commit: \(error)")
        }
        fold = recovery.fold
        counts = recovery.counts
        trimmed = recovery.folded
        subscription.note(lost: subscription.uncommitted)
        subscription.uncommitted = 0
        snapshot.release()
        var replies: [(peer: RoutingID, reply: IngestReply)] = []
        let message =
            error.isDiskFull
            ? "The disk is full; free some space, then send again." : error.description
        producers.revert { entry in
            guard let owner = entry.owner, entry.hasNews else { return }
            replies.append(
                (
                    owner,
                    .nack(
                        .storageFull,
                        message,
                        producer: entry.name,
                        epoch: entry.durable.epoch,
                        firstSequence: entry.expected,
                        expected: entry.expected
                    )
                )
            )
        }
        for (peer, reply) in replies { try send(reply, to: peer) }
        for (peer, place) in welcomes {
            let name = producers[place].name
            try send(.nack(.storageFull, message, producer: name), to: peer)
        }
        welcomes.removeAll()
        report([])
    }

    /// Sends without waiting: a peer that is gone or does not read loses its answer and asks
    /// again; nobody else waits for it.
    mutating func send(
        _ reply: IngestReply,
        to peer: RoutingID
    ) throws(ZeroMQError) {
        let parts = [peer, Array(reply.command.utf8), reply.header.serializedBytes()]
        if try ingest.sendMultipart(parts, wait: false) != .sent { undelivered += 1 }
        guard let refusal = reply.refusal else { return }
        refused[refusal, default: 0] += 1
        log.debug(
            "Refused a message of the ingest socket: \(refusal.rawValue).",
            ["code": .string(refusal.rawValue), "producer": reply.header["producer"] ?? .null]
        )
    }
}
