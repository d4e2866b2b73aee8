/// The publisher's side of the acknowledged protocol, without socket and clock.
///
/// It keeps every batch until the daemon has acknowledged it, never more than the daemon's
/// window, and sends again what was lost: after a new greeting from the watermark the daemon
/// names, after a refusal from the number it expects. Sending twice is harmless, because the
/// daemon counts each number once. Whoever drives it
///
/// 1. asks for ``nextAction(at:)`` until there is none and performs each;
/// 2. hands over what the socket receives with ``receive(_:at:)``;
/// 3. adds batches with ``append(body:count:checkpoint:at:)`` while there is room;
/// 4. asks again after a while even if nothing was received.
///
/// Times are durations since any fixed moment, never going back.
public struct PublisherSession: Sendable {
    /// Something the driver must do.
    public enum Action: Sendable, Equatable {
        /// Drop the connection, if there is one, and open a fresh one.
        case connect
        /// Send a message of these frames.
        case send([[UInt8]])
    }

    enum Phase: Equatable {
        case disconnected
        /// A HELLO is to be sent (nil) or was sent at that time.
        case greeting(sentAt: Duration?)
        case ready
    }

    /// One sending of a batch whose answer is awaited.
    struct Transmission: Equatable {
        var firstSequence: Int64
        var lastSequence: Int64
        var round: Int
    }

    /// Who publishes, and how patiently.
    public let configuration: PublisherConfiguration
    /// The daemon's latest answer to a greeting, or nil before the first.
    public internal(set) var welcome: PublisherWelcome?
    /// What became of the events so far.
    public internal(set) var totals = PublisherTotals()
    /// The number of the last event that is known to be stored, in the current epoch.
    public internal(set) var acknowledgedSequence: Int64 = 0
    /// Why the session has ended, or nil while it goes on.
    public internal(set) var failure: PublisherError?

    var phase = Phase.disconnected
    var epoch: Int64?
    /// The epoch the last HELLO named.
    var askedEpoch: Int64?
    var greetingCount = 0
    /// Greetings on this connection that were not answered yet.
    var unansweredGreetingCount = 0
    /// Greetings on connections given up that were never answered.
    ///
    /// The daemon may read each of them after those of this connection, and then takes this session
    /// for an older one, once for each. A greeting that was answered came before whatever followed.
    var openGreetingCount = 0
    /// Batches not acknowledged, in order; the first `sentCount` were sent in this round.
    var queue: [PublisherBatch] = []
    var queueByteCount = 0
    var sentCount = 0
    var sentByteCount = 0
    var transmissions: [Transmission] = []
    /// Grows whenever batches are to be sent again.
    ///
    /// A refusal of an earlier round says nothing new: what it refused is already waiting to be sent again.
    var round = 0
    var pauseEnd: Duration?
    var storageFullPause: Duration = .seconds(1)
    var notices: [PublisherNotice] = []

    var answeredAt: Duration = .zero
    var heardAt: Duration = .zero
    var pingSentAt: Duration?
    /// When the patience began to run: at the last progress.
    var progressAt: Duration?
    /// What the daemon said last instead of making progress.
    var obstacle: PublisherError?

    /// Makes a session that has not connected yet.
    ///
    /// - Parameter configuration: Who publishes, and how patiently.
    public init(configuration: PublisherConfiguration) {
        self.configuration = configuration
        if case .resume(let epoch) = configuration.epoch { self.epoch = epoch }
        if case .stored = configuration.epoch { epoch = 1 }
    }

    /// The number the next appended event gets.
    public var nextSequence: Int64 { (queue.last?.lastSequence ?? acknowledgedSequence) + 1 }

    /// How many events are not acknowledged.
    public var pendingEventCount: Int64 { nextSequence - 1 - acknowledgedSequence }

    /// Whether the daemon has greeted and every event is acknowledged.
    public var isIdle: Bool { phase == .ready && queue.isEmpty }

    /// Whether a batch of this size fits the daemon's window.
    ///
    /// - Parameter byteCount: How many bytes its body has.
    /// - Returns: false also before the daemon's first answer.
    public func hasRoom(forByteCount byteCount: Int) -> Bool {
        guard let limits = welcome?.limits else { return false }
        if queue.isEmpty { return true }
        return queue.count < limits.windowBatchCount
            && queueByteCount + byteCount <= limits.windowByteCount
    }

    /// Takes a batch over.
    ///
    /// - Parameters:
    ///   - body: One line for each event, every line with its end.
    ///   - count: How many events there are.
    ///   - checkpoint: The publisher's own position after the batch.
    ///   - now: The current time.
    /// - Precondition: ``hasRoom(forByteCount:)``, and the batch has at least one event.
    public mutating func append(
        body: [UInt8],
        count: Int,
        checkpoint: String? = nil,
        at now: Duration
    ) {
        precondition(count > 0, "a batch has at least one event")
        precondition(hasRoom(forByteCount: body.count), "the daemon's window is full")
        if queue.isEmpty {
            progressAt = now
            answeredAt = now
        }
        queueByteCount += body.count
        queue.append(
            PublisherBatch(
                firstSequence: nextSequence,
                count: count,
                body: body,
                checkpoint: checkpoint
            )
        )
    }

    /// What to do next.
    ///
    /// - Parameter now: The current time.
    /// - Returns: nil when there is nothing to do until something is received or appended, or
    ///   time has passed.
    /// - Throws: The reason when the session has ended.
    public mutating func nextAction(at now: Duration) throws(PublisherError) -> Action? {
        checkProducer()
        checkPatience(at: now)
        if let failure { throw failure }
        if phase == .disconnected {
            phase = .greeting(sentAt: nil)
            return .connect
        }
        if let end = pauseEnd {
            guard now >= end else { return nil }
            pauseEnd = nil
            answeredAt = now
        }
        if isAnswerOverdue(at: now) {
            notices.append(.noAnswer)
            disconnect()
            return try nextAction(at: now)
        }
        switch phase {
        case .disconnected: return nil
        case .greeting(let sentAt): return sentAt == nil ? greet(at: now) : nil
        case .ready: return sendNextBatch(at: now) ?? probe(at: now)
        }
    }

    /// Hands out what is worth telling and has not been handed out yet.
    ///
    /// - Returns: The notices, oldest first.
    public mutating func takeNotices() -> [PublisherNotice] {
        defer { notices = [] }
        return notices
    }

    /// Forgets the connection; what the next greeting's answer leaves open is sent again then.
    mutating func disconnect() {
        // Patience that had nothing to wait for begins to run now.
        if isIdle { progressAt = nil }
        openGreetingCount += unansweredGreetingCount
        unansweredGreetingCount = 0
        phase = .disconnected
        pingSentAt = nil
        pauseEnd = nil
    }

    /// Makes every batch that is not acknowledged and ends at or after this number wait to be
    /// sent again.
    mutating func rewind(to sequence: Int64 = 0) {
        round += 1
        sentCount = queue.prefix(sentCount).prefix { $0.lastSequence < sequence }.count
        sentByteCount = queue.prefix(sentCount).reduce(0) { $0 + $1.body.count }
    }

    private mutating func checkProducer() {
        let bounds = 1...PublisherConfiguration.producerByteCountMaximum
        guard failure == nil, !bounds.contains(configuration.producer.utf8.count) else { return }
        failure = .badProducer(byteCount: configuration.producer.utf8.count)
    }

    private mutating func checkPatience(at now: Duration) {
        guard let patience = configuration.patience, failure == nil else { return }
        guard let begun = progressAt else {
            progressAt = now
            return
        }
        guard phase != .ready || !queue.isEmpty, now - begun >= patience else { return }
        failure = obstacle ?? .unreachable(endpoint: nil)
    }

    private func isAnswerOverdue(at now: Duration) -> Bool {
        switch phase {
        case .disconnected, .greeting(sentAt: nil): return false
        case .greeting(.some(let sentAt)): return now - sentAt >= configuration.answerTimeout
        case .ready:
            if sentCount > 0, now - answeredAt >= configuration.answerTimeout { return true }
            return pingSentAt.map { now - $0 >= configuration.answerTimeout } ?? false
        }
    }

    private mutating func greet(at now: Duration) -> Action {
        phase = .greeting(sentAt: now)
        unansweredGreetingCount += 1
        askedEpoch = epoch
        return .send(
            PublisherMessage.hello(producer: configuration.producer, epoch: epoch)
        )
    }

    private mutating func sendNextBatch(at now: Duration) -> Action? {
        guard let epoch, let limits = welcome?.limits, sentCount < queue.count else { return nil }
        splitNextBatch(toFit: limits)
        let batch = queue[sentCount]
        if sentCount > 0 {
            guard
                sentCount < limits.windowBatchCount,
                sentByteCount + batch.body.count <= limits.windowByteCount
            else { return nil }
        } else {
            answeredAt = now
        }
        sentCount += 1
        sentByteCount += batch.body.count
        transmissions.append(
            Transmission(
                firstSequence: batch.firstSequence,
                lastSequence: batch.lastSequence,
                round: round
            )
        )
        return .send(
            PublisherMessage.events(batch, producer: configuration.producer, epoch: epoch)
        )
    }

    /// Splits the next batch until the daemon takes it; what cannot be split is sent as it is,
    /// for the daemon to judge.
    private mutating func splitNextBatch(toFit limits: PublisherLimits) {
        while queue[sentCount].body.count > limits.batchByteCount
            || queue[sentCount].count > limits.batchEventCount
        {
            guard splitBatch(at: sentCount) else { return }
        }
    }

    /// Splits a batch in two.
    ///
    /// - Parameter index: Its place in the queue.
    /// - Returns: false when it cannot be split: it has only one line, or a checkpoint, of
    ///   which the first half would have none and leave the stored one behind the watermark.
    mutating func splitBatch(at index: Int) -> Bool {
        guard queue[index].checkpoint == nil, let (first, second) = queue[index].halves else {
            return false
        }
        queue[index] = first
        queue.insert(second, at: index + 1)
        return true
    }

    private mutating func probe(at now: Duration) -> Action? {
        guard
            pingSentAt == nil, sentCount == 0, now - heardAt >= configuration.keepaliveInterval
        else { return nil }
        pingSentAt = now
        return .send(PublisherMessage.ping)
    }
}
