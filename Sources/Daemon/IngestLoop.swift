internal import Core
internal import EventDecoding
internal import JSON
internal import Store
internal import ZeroMQ

/// The write path, on one thread: receive, decode, fold, commit, publish, acknowledge.
///
/// What has arrived is one commit; what arrives while it is written is the next. So under little
/// load every batch is acknowledged at once, and under much load a commit pays for many.
struct IngestLoop: ~Copyable {
    private let storage: Storage
    private let configuration: DaemonConfiguration
    private let clock: WallClock
    private let feed: CommitFeed
    private let board: IngestBoard
    private let snapshot: StoreSnapshot

    private let ingest: Socket
    private let events: Socket
    private let control: Socket

    private var fold: Fold
    private var producers: ProducerTable
    private var counts: IngestCounts
    private var subscription = FireAndForget()
    private var admission: EventAdmission
    private var pace = CommitPace()
    private let headers = HeaderDecoder()
    private var lastHeard: [String: UnixMilliseconds] = [:]
    private var trimmed: UInt64
    private var welcomes: [(peer: RoutingID, place: Int)] = []
    private var countsMoved = false
    private var malformed: UInt64 = 0
    private var undelivered: UInt64 = 0
    private var commitMicroseconds = Distribution(.response)
    private var failure: String?
    private var isStorageFull = false

    /// Takes over the recovered state and the bound sockets.
    init(
        recovery: consuming Recovery,
        storage: Storage,
        configuration: DaemonConfiguration,
        clock: WallClock,
        feed: CommitFeed,
        board: IngestBoard,
        snapshot: StoreSnapshot,
        ingest: consuming Socket,
        events: consuming Socket,
        control: consuming Socket
    ) {
        self.storage = storage
        self.configuration = configuration
        self.clock = clock
        self.feed = feed
        self.board = board
        self.snapshot = snapshot
        self.ingest = ingest
        self.events = events
        self.control = control
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
            let ready = try Poller.poll(ingest, events, control, timeout: untilNextSecond())
            isStopping = ready.contains(.third)
            try turn()
        }
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
        .milliseconds(Int(clock.endOfSecond - clock.now))
    }

    // MARK: - One commit

    /// Follows time and forgets what the store has taken over.
    private mutating func begin() {
        snapshotRenewed()
        let folded = feed.folded
        if folded > trimmed {
            fold.trim(through: folded)
            trimmed = folded
        }
        let now = clock.endOfSecond
        admission.now = clock.now
        fold.advance(to: now, ground: snapshot)
        let free = configuration.minimumFreeBytes > 0 ? storage.directory.freeBytes : .max
        isStorageFull = free < configuration.minimumFreeBytes
    }

    /// The fold reads the store as it is now. A store that cannot be read cannot be added to:
    /// there is nothing to go on with.
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
            if received + fromSubscription > 0 { continue }
            let left = deadline - MonotonicClock.microseconds
            guard left > 0, admission.count > 0, admission.count < pace.enough else { return }
            _ = try Poller.poll(ingest, events, timeout: .microseconds(left))
        }
    }

    /// Makes the commit durable, then visible, then acknowledged.
    private mutating func commit() throws(ZeroMQError) {
        admission.count = 0
        let changes = fold.finish(ground: snapshot)
        snapshot.release()
        if let failure = snapshot.failure { fatalError("The store cannot be read: \(failure)") }
        let now = clock.now
        producers.stamp(now)
        let moved = producers.moved
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
            commitMicroseconds.add(MonotonicClock.microseconds - start, count: 1)
            failure = nil
            countsMoved = false
        }
        feed.publish(changes, now: fold.position.now, at: now)
        report(moved)
        try acknowledge()
    }

    private func report(_ moved: [(name: String, state: Journal.Producer)]) {
        board.update { report in
            for (name, state) in moved { report.producers[name] = state }
            report.counts = counts
            report.dropped = subscription.dropped
            report.malformed = malformed
            report.undelivered = undelivered
            report.lastHeard = lastHeard
            report.commitMicroseconds = commitMicroseconds
            report.failure = failure
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

    /// The disk did not take the commit: nothing of it happened. Memory goes back to what is
    /// durable, and publishers are told to try again.
    private mutating func fail(_ error: StoreError) throws(ZeroMQError) {
        failure = error.description
        let recovery: Recovery
        do throws(StoreError) {
            recovery = try Recovery(storage, snapshot: snapshot, now: clock.endOfSecond)
        } catch {
            fatalError("The store cannot be read after a failed commit: \(error)")
        }
        fold = recovery.fold
        counts = recovery.counts
        trimmed = recovery.folded
        snapshot.release()
        var replies: [(peer: RoutingID, reply: IngestReply)] = []
        let message =
            error.isDiskFull
            ? "The disk is full; free some space, then send again." : error.description
        producers.revert { entry in
            guard let owner = entry.owner else { return }
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
    private mutating func send(
        _ reply: IngestReply,
        to peer: RoutingID
    ) throws(ZeroMQError) {
        let parts = [peer, Array(reply.command.utf8), reply.header.serializedBytes()]
        if try ingest.sendMultipart(parts, wait: false) != .sent { undelivered += 1 }
    }
}

// MARK: - Messages

extension IngestLoop {
    /// Takes one message of the ROUTER socket: identity, command word, header, body.
    private mutating func takeIngest(_ message: inout Message) throws(ZeroMQError) {
        let peer = message.copied()
        guard message.hasMore, try ingest.receive(into: &message) else { return }
        let command = IngestCommand(message.bytes)
        var reply: IngestReply?
        if message.hasMore {
            _ = try ingest.receive(into: &message)
            let header = Result { () throws(HeaderDecoder.Failure) in
                try headers.decode(message.bytes)
            }
            switch command {
            case .hello where !message.hasMore:
                reply = hello(header, from: peer)
            case .events where message.hasMore:
                _ = try ingest.receive(into: &message)
                reply = take(header, body: message.bytes, isLast: !message.hasMore, from: peer)
            case .ping where !message.hasMore:
                reply = .pong
            default:
                reply = refuseFrames(header)
            }
        } else {
            reply = refuseFrames(nil)
        }
        while message.hasMore, try ingest.receive(into: &message) {}
        if let reply { try send(reply, to: peer) }
    }

    private mutating func refuseFrames(
        _ header: Result<IngestHeader, HeaderDecoder.Failure>?
    ) -> IngestReply {
        malformed += 1
        let known = header.flatMap { try? $0.get() }
        return .nack(
            .malformed,
            "The message is none of HELLO header, EVENTS header body, PING header.",
            producer: known?.producer,
            epoch: known?.epoch,
            firstSequence: known?.firstSequence,
            expected: known?.firstSequence.map { _ in expected(of: known?.producer) }
        )
    }

    private func expected(of producer: String?) -> UInt64 {
        producer.flatMap { producers.place(of: $0) }.map { producers[$0].expected } ?? 1
    }

    // MARK: HELLO

    private mutating func hello(
        _ result: Result<IngestHeader, HeaderDecoder.Failure>,
        from peer: RoutingID
    ) -> IngestReply? {
        let header: IngestHeader
        switch result {
        case .success(let decoded): header = decoded
        case .failure(let failure): return refuse(failure)
        }
        guard let producer = header.producer, Self.isName(producer) else {
            malformed += 1
            return .nack(
                .malformed,
                "producer must be a text of 1 to \(Limits.producerNameBytesMaximum) bytes.",
                producer: nil
            )
        }
        guard header.version == 1 else {
            malformed += 1
            return .nack(.malformed, "protocol must be 1.", producer: producer)
        }
        if isStorageFull {
            return .nack(
                .storageFull,
                "The disk is nearly full; free some space, then send again.",
                producer: producer
            )
        }
        lastHeard[producer] = admission.now
        switch producers.greet(producer, epoch: header.epoch, from: peer) {
        case .welcome(let place, let isNew):
            guard isNew else { return welcome(place) }
            producers.touch(place)
            welcomes.append((peer, place))
            return nil
        case .unknownEpoch(let current):
            let message =
                current.map { "The producer's epoch is \($0)." } ?? "The producer has no epoch yet."
            return .nack(
                .unknownEpoch,
                message + " Say HELLO with it, or without epoch for a new one.",
                producer: producer,
                epoch: current
            )
        case .tooManyProducers:
            return .nack(
                .busy,
                "The daemon knows \(Limits.producersMaximum) producers and takes no more.",
                producer: producer,
                retryAfterMilliseconds: 60_000
            )
        }
    }

    private static func isName(_ producer: String) -> Bool {
        (1...Limits.producerNameBytesMaximum).contains(producer.utf8.count)
    }

    private mutating func refuse(_ failure: HeaderDecoder.Failure) -> IngestReply {
        malformed += 1
        switch failure {
        case .tooLarge:
            return .nack(
                .tooLarge,
                "The header is longer than \(Limits.headerBytesMaximum) bytes.",
                producer: nil
            )
        case .notAnObject:
            return .nack(.malformed, "The header is not one JSON object.", producer: nil)
        case .wrongType(let member):
            return .nack(.malformed, "The header's \(member) has the wrong type.", producer: nil)
        }
    }

    private func welcome(_ place: Int) -> IngestReply {
        let entry = producers[place]
        let checkpoint = entry.durable.checkpoint.map { JSONValue.string($0) } ?? .null
        return IngestReply(
            command: "WELCOME",
            header: [
                "store": .string(storage.journal.identity.description),
                "incarnation": .integer(Int64(storage.journal.incarnation)),
                "epoch": .integer(Int64(entry.durable.epoch)),
                "committed_seq": .integer(Int64(entry.durable.committed)),
                "window_batches": .integer(Int64(Limits.windowBatches)),
                "window_bytes": .integer(Int64(Limits.windowBytes)),
                "max_batch_bytes": .integer(Int64(Limits.batchBytesMaximum)),
                "max_batch_events": .integer(Int64(Limits.batchEventsMaximum)),
                "checkpoint": checkpoint,
            ]
        )
    }

    // MARK: EVENTS

    /// Takes a batch in, or says why not. No answer means that the commit's ACK is the answer.
    private mutating func take(
        _ result: Result<IngestHeader, HeaderDecoder.Failure>,
        body: RawSpan,
        isLast: Bool,
        from peer: RoutingID
    ) -> IngestReply? {
        let batch: IngestBatch
        switch result {
        case .failure(let failure): return refuse(failure)
        case .success(let header):
            guard let complete = IngestBatch(header) else {
                malformed += 1
                return .nack(
                    .malformed,
                    "An EVENTS header needs producer, epoch, first_seq and count, both at least 1.",
                    producer: header.producer,
                    epoch: header.epoch,
                    firstSequence: header.firstSequence,
                    expected: expected(of: header.producer)
                )
            }
            batch = complete
        }
        lastHeard[batch.producer] = admission.now
        guard isLast else {
            malformed += 1
            return refuse(batch, .malformed, "An EVENTS message has one body.")
        }
        let place: Int
        switch admit(batch, body: body, from: peer) {
        case .success(let known): place = known
        case .failure(let refusal): return refusal.reply
        }
        guard let lines = admission.decode(body), lines == Int(batch.count) else {
            malformed += 1
            return refuse(batch, .malformed, "count is \(batch.count) but the body has other lines.")
        }
        producers.touch(place)
        producers[place].batches += 1
        producers[place].bytes += body.byteCount
        let skipped = min(batch.count, producers[place].expected - batch.first)
        counts.duplicate += skipped
        if skipped > 0 { countsMoved = true }
        guard skipped < batch.count else { return nil }
        var tally = producers[place].tally
        producers[place].tally = IngestTally()
        admission.fold(
            from: Int(skipped),
            firstSequence: batch.first,
            into: &fold,
            ground: snapshot,
            tally: &tally,
            counts: &counts
        )
        producers[place].tally = tally
        producers[place].pending.committed = batch.first + batch.count - 1
        producers[place].pending.checkpoint = batch.checkpoint
        return nil
    }

    private struct Refused: Error {
        let reply: IngestReply
    }

    /// Checks a batch against the protocol, before its body is looked at.
    private mutating func admit(
        _ batch: IngestBatch,
        body: RawSpan,
        from peer: RoutingID
    ) -> Result<Int, Refused> {
        func refused(_ code: IngestReply.Refusal, _ message: String) -> Result<Int, Refused> {
            .failure(Refused(reply: refuse(batch, code, message)))
        }
        if body.byteCount > Limits.batchBytesMaximum {
            return refused(.tooLarge, "A body has at most \(Limits.batchBytesMaximum) bytes.")
        }
        if batch.count > UInt64(Limits.batchEventsMaximum) {
            return refused(.tooLarge, "A body has at most \(Limits.batchEventsMaximum) events.")
        }
        if let checkpoint = batch.checkpoint,
            checkpoint.utf8.count > Limits.checkpointBytesMaximum
        {
            let limit = Limits.checkpointBytesMaximum
            return refused(.tooLarge, "A checkpoint has at most \(limit) bytes.")
        }
        guard let place = producers.place(of: batch.producer),
            producers[place].owner == peer || producers[place].formerOwners.contains(peer)
        else {
            return refused(.helloRequired, "Say HELLO on this connection first.")
        }
        guard producers[place].owner == peer else {
            return refused(.fenced, "Another publisher with this name said HELLO later.")
        }
        guard producers[place].pending.epoch == batch.epoch else {
            return refused(
                .unknownEpoch,
                "The producer's epoch is \(producers[place].pending.epoch)."
            )
        }
        if batch.first > producers[place].expected {
            return refused(.sequenceGap, "Events before this batch have not arrived.")
        }
        if isStorageFull {
            return refused(
                .storageFull,
                "The disk is nearly full; free some space, then send again."
            )
        }
        if producers[place].batches >= Limits.windowBatches
            || producers[place].bytes + body.byteCount > Limits.windowBytes
        {
            return refused(.busy, "More is under way than the window allows.")
        }
        if fold.unfoldedEventCount > Limits.unfoldedEventsMaximum {
            return refused(.busy, "The store is behind; wait for it.")
        }
        if fold.heldSessionCount > Limits.heldSessionsMaximum {
            return refused(.busy, "As many sessions as the daemon holds are open.")
        }
        return .success(place)
    }

    private func refuse(
        _ batch: IngestBatch,
        _ code: IngestReply.Refusal,
        _ message: String
    ) -> IngestReply {
        let place = producers.place(of: batch.producer)
        let epoch = place.map { producers[$0].pending.epoch }
        return .nack(
            code,
            message,
            producer: batch.producer,
            epoch: code == .unknownEpoch ? epoch : batch.epoch,
            firstSequence: batch.first,
            expected: expected(of: batch.producer),
            retryAfterMilliseconds: code == .busy ? 100 : nil
        )
    }

    // MARK: Fire and forget

    /// Takes one message of the SUB socket: topic, perhaps a header, body.
    private mutating func takeSubscription(_ message: inout Message) throws(ZeroMQError) {
        var header: IngestHeader?
        guard message.hasMore, try events.receive(into: &message) else {
            malformed += 1
            return
        }
        if message.hasMore {
            header = try? headers.decode(message.bytes)
            _ = try events.receive(into: &message)
        }
        if let header, let producer = header.producer, Self.isName(producer),
            let sequence = header.sequence
        {
            subscription.follow(producer, sequence)
            lastHeard[producer] = admission.now
        }
        takeUnacknowledged(message.bytes)
        while message.hasMore, try events.receive(into: &message) {}
    }

    private mutating func takeUnacknowledged(_ body: RawSpan) {
        guard !isStorageFull, fold.unfoldedEventCount <= Limits.unfoldedEventsMaximum,
            fold.heldSessionCount <= Limits.heldSessionsMaximum
        else {
            subscription.dropped += 1
            return
        }
        guard body.byteCount <= Limits.batchBytesMaximum, let lines = admission.decode(body) else {
            malformed += 1
            return
        }
        var tally = IngestTally()
        admission.fold(
            from: 0,
            firstSequence: 1,
            into: &fold,
            ground: snapshot,
            tally: &tally,
            counts: &counts
        )
        countsMoved = countsMoved || lines > 0
    }
}
