internal import Core
internal import EventDecoding
internal import JSON
internal import Store
internal import ZeroMQ
internal import OperatorLog

extension IngestLoop {
    /// Takes one message of the ROUTER socket: identity, command word, header, body.
    mutating func takeIngest(_ message: inout Message) throws(ZeroMQError) {
        let peer = message.copied()
        admission.now = clock.now
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
                let key = rights.key(of: message)
                reply = forbid(header, key)
                if reply == nil {
                    try settle(before: header)
                    reply = hello(header, from: peer, key)
                }
            case .events where message.hasMore:
                _ = try ingest.receive(into: &message)
                reply = take(header, body: message.bytes, isLast: !message.hasMore, from: peer)
            case .ping where !message.hasMore:
                reply = .pong
            default:
                reply = refuseFrames(header, isEvents: command == .events)
            }
        } else {
            reply = refuseFrames(nil, isEvents: command == .events)
        }
        while message.hasMore, try ingest.receive(into: &message) {}
        if let reply { try send(reply, to: peer) }
    }

    /// Commits what a producer has under way before it says HELLO again: the WELCOME tells a
    /// watermark, and the ACK belongs to the connection that sent the batches.
    private mutating func settle(
        before header: Result<IngestHeader, HeaderDecoder.Failure>
    ) throws(ZeroMQError) {
        guard let name = try? header.get().producer,
            let place = producers.place(of: ProducerName(name)), producers[place].owesAck
        else { return }
        try commit()
        begin()
    }

    private mutating func refuseFrames(
        _ header: Result<IngestHeader, HeaderDecoder.Failure>?,
        isEvents: Bool
    ) -> IngestReply {
        malformed += 1
        let known = header.flatMap { try? $0.get() }
        return .nack(
            .malformed,
            "The message is none of HELLO header, EVENTS header body, PING header.",
            producer: known?.producer.map(ProducerName.init),
            epoch: known?.epoch,
            firstSequence: known?.firstSequence,
            expected: isEvents ? expected(of: known?.producer) : nil
        )
    }

    private func expected(of producer: String?) -> UInt64 {
        guard let producer, let place = producers.place(of: ProducerName(producer)) else {
            return 1
        }
        return producers[place].expected
    }

    // MARK: HELLO

    /// Refuses a name that the connection's key may not use.
    ///
    /// EVENTS need a HELLO on their connection, so that this is asked once for many batches.
    private mutating func forbid(
        _ header: Result<IngestHeader, HeaderDecoder.Failure>,
        _ key: String?
    ) -> IngestReply? {
        guard let header = try? header.get(),
            let producer = header.producer.map(ProducerName.init), Self.isName(producer),
            let objection = rights.objection(to: producer, by: key)
        else { return nil }
        unauthorized += 1
        return .nack(.unauthorized, objection, producer: producer, epoch: header.epoch)
    }

    private mutating func hello(
        _ result: Result<IngestHeader, HeaderDecoder.Failure>,
        from peer: RoutingID,
        _ key: String?
    ) -> IngestReply? {
        let header: IngestHeader
        switch result {
        case .success(let decoded): header = decoded
        case .failure(let failure): return refuse(failure, isEvents: false)
        }
        guard let producer = header.producer.map(ProducerName.init), Self.isName(producer) else {
            malformed += 1
            return .nack(
                .malformed,
                Self.nameRule,
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
        publishers.hear(producer, at: admission.now)
        switch producers.greet(producer, epoch: header.epoch, from: peer) {
        case .welcome(let place, let isNew):
            rights.own(place, producer, key)
            log.info(
                "\(LogText.quoted("\(producer)")) publishes.",
                [
                    "producer": .string("\(producer)"),
                    "epoch": .integer(Int64(producers[place].pending.epoch)),
                ]
            )
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

    private static var nameRule: String {
        "producer must be a text of 1 to \(Limits.producerNameBytesMaximum) bytes."
    }

    private static func isName(_ producer: ProducerName) -> Bool {
        (1...Limits.producerNameBytesMaximum).contains(producer.utf8.count)
    }

    private mutating func refuse(
        _ failure: HeaderDecoder.Failure,
        isEvents: Bool
    ) -> IngestReply {
        malformed += 1
        // Whose header it is cannot be known, so nobody's number is.
        let expected: UInt64? = isEvents ? 1 : nil
        switch failure {
        case .tooLarge:
            return .nack(
                .tooLarge,
                "The header is longer than \(Limits.headerBytesMaximum) bytes.",
                producer: nil,
                expected: expected
            )
        case .notAnObject:
            return .nack(
                .malformed,
                "The header is not one JSON object.",
                producer: nil,
                expected: expected
            )
        case .wrongType(let member):
            return .nack(
                .malformed,
                "The header's \(member) has the wrong type or is out of range.",
                producer: nil,
                expected: expected
            )
        }
    }

    func welcome(_ place: Int) -> IngestReply {
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

    /// Takes a batch in, or says why not.
    ///
    /// No answer means that the commit's ACK is the answer.
    private mutating func take(
        _ result: Result<IngestHeader, HeaderDecoder.Failure>,
        body: RawSpan,
        isLast: Bool,
        from peer: RoutingID
    ) -> IngestReply? {
        let batch: IngestBatch
        switch result {
        case .failure(let failure): return refuse(failure, isEvents: true)
        case .success(let header):
            guard let complete = IngestBatch(header) else {
                malformed += 1
                return .nack(
                    .malformed,
                    "An EVENTS header needs producer, epoch, first_seq and count; the last two are at "
                        + "least 1 and less than 4611686018427387904.",
                    producer: header.producer.map(ProducerName.init),
                    epoch: header.epoch,
                    firstSequence: header.firstSequence,
                    expected: expected(of: header.producer)
                )
            }
            batch = complete
        }
        guard isLast else {
            malformed += 1
            return refuse(batch, .malformed, "An EVENTS message has one body.")
        }
        guard Self.isName(batch.producer) else {
            malformed += 1
            return refuse(batch, .malformed, Self.nameRule)
        }
        let place: Int
        switch admit(batch, body: body, from: peer) {
        case .success(let known): place = known
        case .failure(let refusal): return refusal.reply
        }
        guard let lines = admission.decode(body), lines == Int(batch.count) else {
            malformed += 1
            return refuse(
                batch,
                .malformed,
                "count is \(batch.count), but the body has another number of lines."
            )
        }
        publishers.hear(batch.producer, at: admission.now)
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
        guard let place = producers.place(of: batch.producer), producers.hasGreeted(peer, place)
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
            expected: place.map { producers[$0].expected } ?? 1,
            retryAfterMilliseconds: code == .busy ? 100 : nil
        )
    }

    // MARK: Fire and forget

    /// Takes one message of the SUB socket: topic, perhaps a header, body.
    mutating func takeSubscription(_ message: inout Message) throws(ZeroMQError) {
        var header: IngestHeader?
        guard message.hasMore, try events.receive(into: &message) else {
            malformed += 1
            return
        }
        if message.hasMore {
            header = try? headers.decode(message.bytes)
            _ = try events.receive(into: &message)
        }
        let producer = header?.producer.map(ProducerName.init).flatMap {
            Self.isName($0) ? $0 : nil
        }
        guard rights.objection(to: producer, by: rights.key(of: message)) == nil else {
            unauthorized += 1
            while message.hasMore, try events.receive(into: &message) {}
            return
        }
        if let producer, let sequence = header?.sequence {
            subscription.follow(producer, sequence)
            publishers.hear(producer, at: admission.now)
        }
        guard !message.hasMore else {
            // Which of several bodies is meant nobody can say.
            malformed += 1
            while message.hasMore, try events.receive(into: &message) {}
            return
        }
        takeUnacknowledged(message.bytes)
    }

    private mutating func takeUnacknowledged(_ body: RawSpan) {
        guard !isStorageFull, fold.unfoldedEventCount <= Limits.unfoldedEventsMaximum,
            fold.heldSessionCount <= Limits.heldSessionsMaximum
        else {
            subscription.note(lost: 1)
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
        subscription.uncommitted += 1
        countsMoved = countsMoved || lines > 0
    }
}
