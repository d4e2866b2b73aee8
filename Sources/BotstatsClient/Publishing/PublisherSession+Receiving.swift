extension PublisherSession {
    /// Takes a message of the daemon.
    ///
    /// - Parameters:
    ///   - frames: The message's frames.
    ///   - now: The current time.
    public mutating func receive(_ frames: [[UInt8]], at now: Duration) {
        guard failure == nil, phase != .disconnected else { return }
        heardAt = now
        pingSentAt = nil
        guard let message = PublisherMessage(frames: frames) else {
            let command = frames.first.map { String(decoding: $0.prefix(32), as: UTF8.self) }
            failure = .badMessage("a message “\(command ?? "")”")
            return
        }
        switch message {
        case .welcome(let welcome): take(welcome, at: now)
        case .acknowledgement(let acknowledgement): take(acknowledgement, at: now)
        case .refusal(let refusal): take(refusal, at: now)
        case .pong: break
        }
    }

    // MARK: - WELCOME

    private mutating func take(_ new: PublisherWelcome, at now: Duration) {
        noteAnsweredGreeting()
        // A second WELCOME answers a HELLO that was repeated; the first one decided.
        guard case .greeting(.some) = phase else { return }
        if let askedEpoch, new.epoch != askedEpoch {
            failure = .badMessage("a WELCOME for epoch \(new.epoch) instead of \(askedEpoch)")
            return
        }
        guard let old = welcome else {
            begin(new, at: now)
            return
        }
        if old.store != new.store {
            notices.append(.storeChanged(from: old.store, to: new.store))
        }
        if askedEpoch == nil {
            renumber(in: new.epoch)
        } else if new.committedSequence < acknowledgedSequence {
            rollBack(to: new)
            return
        } else if new.committedSequence >= nextSequence {
            failure = .numberedElsewhere(
                producer: configuration.producer,
                committedSequence: new.committedSequence
            )
            return
        } else if old.store == new.store, old.incarnation != new.incarnation {
            notices.append(.storeRestored(missingEventCount: 0))
        }
        becomeReady(new, at: now)
        advance(to: new.committedSequence, accepted: 0, rejected: 0, at: now)
        notices.append(.reconnected)
    }

    private mutating func noteAnsweredGreeting() {
        unansweredGreetingCount = max(0, unansweredGreetingCount - 1)
    }

    private mutating func begin(_ new: PublisherWelcome, at now: Duration) {
        acknowledgedSequence = new.committedSequence
        epoch = new.epoch
        progressAt = now
        becomeReady(new, at: now)
    }

    private mutating func becomeReady(_ new: PublisherWelcome, at now: Duration) {
        welcome = new
        phase = .ready
        answeredAt = now
        greetingCount = 0
        obstacle = nil
        transmissions = []
        rewind()
    }

    /// Numbers what is not acknowledged from 1, in a new epoch of a store that knows nothing
    /// of the old one, or has been set back behind it: none of it can have been counted there.
    private mutating func renumber(in epoch: Int64) {
        notices.append(.renumbered(epoch: epoch))
        self.epoch = epoch
        acknowledgedSequence = 0
        var next: Int64 = 1
        for index in queue.indices {
            queue[index].firstSequence = next
            next = queue[index].lastSequence + 1
        }
    }

    /// Deals with a store that was set back behind what it acknowledged.
    private mutating func rollBack(to new: PublisherWelcome) {
        guard configuration.mayRenumber else {
            failure = .rolledBack(
                producer: configuration.producer,
                committedSequence: new.committedSequence
            )
            return
        }
        notices.append(
            .storeRestored(missingEventCount: acknowledgedSequence - new.committedSequence)
        )
        epoch = nil
        phase = .greeting(sentAt: nil)
    }

    // MARK: - ACK

    private mutating func take(
        _ acknowledgement: PublisherMessage.Acknowledgement,
        at now: Duration
    ) {
        guard
            acknowledgement.producer == configuration.producer,
            acknowledgement.epoch == epoch, welcome != nil
        else { return }
        guard acknowledgement.committedSequence < nextSequence else {
            failure = .numberedElsewhere(
                producer: configuration.producer,
                committedSequence: acknowledgement.committedSequence
            )
            return
        }
        totals.count(acknowledgement.rejections, of: acknowledgement.rejected)
        advance(
            to: acknowledgement.committedSequence,
            accepted: acknowledgement.accepted,
            rejected: acknowledgement.rejected,
            at: now
        )
    }

    /// Moves the watermark and drops what lies at or below it.
    private mutating func advance(
        to sequence: Int64,
        accepted: Int64,
        rejected: Int64,
        at now: Duration
    ) {
        totals.accepted += accepted
        let newlyKnown = sequence - acknowledgedSequence
        totals.duplicate += max(0, newlyKnown - accepted - rejected)
        transmissions.removeAll { $0.lastSequence <= sequence }
        answeredAt = now
        guard newlyKnown > 0 else { return }
        acknowledgedSequence = sequence
        progressAt = now
        obstacle = nil
        storageFullPause = .seconds(1)
        let done = queue.prefix { $0.lastSequence <= sequence }
        queueByteCount -= done.reduce(0) { $0 + $1.body.count }
        sentByteCount -= done.prefix(sentCount).reduce(0) { $0 + $1.body.count }
        sentCount = max(0, sentCount - done.count)
        queue.removeFirst(done.count)
    }

    // MARK: - NACK

    private mutating func take(_ refusal: PublisherMessage.Refusal, at now: Duration) {
        guard refusal.producer ?? configuration.producer == configuration.producer else { return }
        if let failure = failure(for: refusal) {
            self.failure = failure
            return
        }
        if let first = refusal.firstSequence {
            guard phase == .ready, isNews(first) else { return }
        } else {
            noteAnsweredGreeting()
            guard case .greeting(.some) = phase else { return }
        }
        switch refusal.code {
        case "unknown_epoch": greetOtherwise(after: refusal)
        case "hello_required": phase = .greeting(sentAt: nil)
        case "fenced":
            // The greeting of a connection given up may have been read after that of this one.
            // Each of them is worth another greeting; a rival would fence once more.
            guard openGreetingCount > 0 else {
                failure = .fenced(producer: configuration.producer)
                return
            }
            openGreetingCount -= 1
            phase = .greeting(sentAt: nil)
        case "too_large": shrink(refusal)
        case "busy":
            let milliseconds = min(max(refusal.retryAfterMilliseconds ?? 100, 1), 60_000)
            pause(for: .milliseconds(milliseconds), because: .busy, notice: .busy, at: now)
            resend(from: refusal.expectedSequence)
        case "storage_full":
            pause(for: storageFullPause, because: .storageFull, notice: .storageFull, at: now)
            storageFullPause = min(storageFullPause * 2, .seconds(30))
            resend(from: refusal.expectedSequence)
        default:
            answeredAt = now
            resend(from: refusal.expectedSequence)
        }
    }

    /// The refusals that no repetition cures.
    private func failure(for refusal: PublisherMessage.Refusal) -> PublisherError? {
        switch refusal.code {
        case "sequence_gap", "busy", "storage_full", "hello_required", "too_large", "fenced":
            return nil
        case "unauthorized":
            return .unauthorized(producer: configuration.producer, message: refusal.message)
        case "unknown_epoch":
            // On EVENTS only: a refused HELLO may be put otherwise.
            guard refusal.firstSequence != nil else { return nil }
            return .unknownEpoch(producer: configuration.producer, stored: refusal.epoch)
        default: return .refused(code: refusal.code, message: refusal.message)
        }
    }

    /// Whether a refusal belongs to the current round; its transmission is answered either way.
    private mutating func isNews(_ firstSequence: Int64) -> Bool {
        guard
            let index = transmissions.firstIndex(where: { $0.firstSequence == firstSequence })
        else { return false }
        return transmissions.remove(at: index).round == round
    }

    /// Sends again from where the daemon expects.
    ///
    /// What lies before is received but not necessarily durable, so the watermark stays: only an
    /// acknowledgement moves it.
    private mutating func resend(from expected: Int64?) {
        guard phase == .ready else {
            phase = .greeting(sentAt: nil)
            return
        }
        let expected = expected ?? acknowledgedSequence + 1
        if expected > acknowledgedSequence, expected <= nextSequence {
            rewind(to: expected)
        } else {
            // The daemon and this session disagree about what is stored: the answer to a new
            // greeting decides.
            phase = .greeting(sentAt: nil)
        }
    }

    private mutating func pause(
        for duration: Duration,
        because obstacle: PublisherError,
        notice: PublisherNotice,
        at now: Duration
    ) {
        if self.obstacle != obstacle { notices.append(notice) }
        self.obstacle = obstacle
        pauseEnd = now + duration
    }

    private mutating func shrink(_ refusal: PublisherMessage.Refusal) {
        guard
            let index = queue.firstIndex(where: { $0.firstSequence == refusal.firstSequence }),
            splitBatch(at: index)
        else {
            failure = .tooLarge(
                byteCount: queue.first { $0.firstSequence == refusal.firstSequence }?.body.count
                    ?? 0,
                limit: welcome?.limits.batchByteCount ?? 0
            )
            return
        }
        rewind()
    }

    /// Repeats the greeting with another epoch, where that is right.
    private mutating func greetOtherwise(after refusal: PublisherMessage.Refusal) {
        // A daemon that merely repeats the epoch asked for says nothing about a stored one.
        var stored = refusal.epoch == askedEpoch ? nil : refusal.epoch
        greetingCount += 1
        let maySwitch: Bool
        if let epoch = welcome?.epoch {
            // Epochs only grow, so that a lower one is that of a backup older than ours; a
            // higher one is another publisher's.
            if let lower = stored, lower < epoch { stored = nil }
            maySwitch = stored == nil && configuration.mayRenumber && greetingCount <= 1
        } else {
            maySwitch = configuration.epoch == .stored && greetingCount <= 3
        }
        guard maySwitch else {
            failure = .unknownEpoch(producer: configuration.producer, stored: stored)
            return
        }
        epoch = stored
        phase = .greeting(sentAt: nil)
    }
}
