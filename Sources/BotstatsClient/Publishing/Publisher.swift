/// Publishes events exactly once through the daemon's acknowledged ingest socket.
///
/// It blocks its caller where the daemon's window is full, and connects again by itself. Use a
/// publisher from one thread; while that thread does something else, ``service()`` lets the
/// publisher read acknowledgements and repeat what was lost.
public final class Publisher {
    /// Called with what is worth telling though the publisher goes on.
    public var onNotice: (PublisherNotice) -> Void = { _ in }
    /// Asked from time to time while a call waits; true makes it throw
    /// ``PublisherError/cancelled``.
    public var isCancelled: () -> Bool = { false }

    /// How many bytes of UTF-8 a checkpoint may have.
    public static let checkpointByteCountMaximum = 256

    /// How long one wait for the socket lasts at most, so that the other deadlines are met.
    private static let tickMilliseconds = 50
    /// How many messages are read before anything else gets its turn.
    private static let drainCountMaximum = 64

    private let makeConnection: () throws(ConnectionError) -> any FrameConnection
    private let endpoint: String
    /// The time since any fixed moment.
    private let readClock: () -> Duration
    private var session: PublisherSession
    private var connection: (any FrameConnection)?
    /// What is likely to be wrong where the daemon does not answer.
    private var suspicion: String?
    private var openBody: [UInt8] = []
    private var openCount = 0
    private var openCheckpoint: String?

    /// Makes a publisher; nothing is sent before its first use.
    ///
    /// - Parameters:
    ///   - endpoint: The daemon's ingest endpoint, such as `tcp://127.0.0.1:5562`.
    ///   - configuration: Who publishes, and how patiently.
    ///   - curve: The keys of an encrypted connection; nil where it is not encrypted.
    public convenience init(
        endpoint: String,
        configuration: PublisherConfiguration,
        curve: CurveClientKeys? = nil
    ) {
        var factory = ConnectionFactory(endpoint: endpoint, curve: curve)
        let clock = ContinuousClock()
        let origin = clock.now
        self.init(
            endpoint: endpoint,
            configuration: configuration,
            readClock: { clock.now - origin },
            makeConnection: { () throws(ConnectionError) in try factory.connect() }
        )
    }

    init(
        endpoint: String,
        configuration: PublisherConfiguration,
        readClock: @escaping () -> Duration,
        makeConnection: @escaping () throws(ConnectionError) -> any FrameConnection
    ) {
        self.endpoint = endpoint
        self.readClock = readClock
        self.makeConnection = makeConnection
        session = PublisherSession(configuration: configuration)
    }

    /// What became of the events so far.
    public var totals: PublisherTotals { session.totals }

    /// How many events handed over are not acknowledged yet.
    public var pendingEventCount: Int64 { session.pendingEventCount + Int64(openCount) }

    /// The number of the last event that is known to be stored.
    public var acknowledgedSequence: Int64 { session.acknowledgedSequence }

    /// Whether the publisher has not failed; once it has, every call throws the same reason.
    public var canGoOn: Bool { session.failure == nil }

    /// Waits until the daemon has answered the greeting.
    ///
    /// - Returns: The daemon's latest answer, with the position where to go on.
    /// - Throws: ``PublisherError`` when it refuses or the patience is at its end.
    @discardableResult
    public func connect() throws(PublisherError) -> PublisherWelcome {
        while true {
            if let welcome = session.welcome { return welcome }
            try drive(waitingMilliseconds: Self.tickMilliseconds)
        }
    }

    /// Publishes one event; lines are sent in batches, at the latest by ``push()``.
    ///
    /// - Parameters:
    ///   - line: The event as one line of JSON, without a line end.
    ///   - checkpoint: The publisher's own position after the event, at most
    ///     ``checkpointByteCountMaximum`` bytes; give it with every line or with none.
    /// - Throws: ``PublisherError``; the event was not taken over where the line itself is at
    ///   fault.
    public func publish(line: [UInt8], checkpoint: String? = nil) throws(PublisherError) {
        try check(checkpoint)
        let limits = try connect().limits
        guard !line.contains(0x0A) else { throw .lineEndInLine }
        guard line.count < limits.batchByteCount else {
            throw .tooLarge(byteCount: line.count + 1, limit: limits.batchByteCount)
        }
        if openBody.count + line.count >= limits.batchByteCount { try sealOpenBatch() }
        openBody.append(contentsOf: line)
        openBody.append(0x0A)
        openCount += 1
        openCheckpoint = checkpoint ?? openCheckpoint
        let countMaximum = session.configuration.batchEventCountMaximum
        if openCount >= min(countMaximum, limits.batchEventCount) { try sealOpenBatch() }
    }

    /// Publishes a batch as it is.
    ///
    /// - Parameters:
    ///   - body: One line of JSON for each event, every line with its end (LF).
    ///   - count: How many events there are, at least one; the daemon refuses another number.
    ///   - checkpoint: The publisher's own position after the batch, at most
    ///     ``checkpointByteCountMaximum`` bytes.
    /// - Throws: ``PublisherError``.
    public func publish(
        body: [UInt8],
        count: Int,
        checkpoint: String? = nil
    ) throws(PublisherError) {
        try check(checkpoint)
        try sealOpenBatch()
        try enqueue(body: body, count: count, checkpoint: checkpoint)
    }

    /// Sends what is at hand, as far as that is possible without waiting for an answer.
    ///
    /// - Throws: ``PublisherError``.
    public func push() throws(PublisherError) {
        try sealOpenBatch()
        try drive(waitingMilliseconds: 0)
    }

    /// Reads what has arrived and repeats what is due, without waiting.
    ///
    /// - Throws: ``PublisherError``.
    public func service() throws(PublisherError) {
        try drive(waitingMilliseconds: 0)
    }

    /// Waits until every event handed over is acknowledged, and so durable.
    ///
    /// - Throws: ``PublisherError``.
    public func flush() throws(PublisherError) {
        try sealOpenBatch()
        while session.pendingEventCount > 0 {
            try drive(waitingMilliseconds: Self.tickMilliseconds)
        }
    }

    /// Waits until every event is acknowledged and drops the connection.
    ///
    /// - Returns: What became of the events.
    /// - Throws: ``PublisherError``.
    @discardableResult
    public func close() throws(PublisherError) -> PublisherTotals {
        try flush()
        connection = nil
        session.disconnect()
        return session.totals
    }

    private func check(_ checkpoint: String?) throws(PublisherError) {
        guard let byteCount = checkpoint?.utf8.count else { return }
        guard byteCount <= Self.checkpointByteCountMaximum else {
            throw .checkpointTooLong(byteCount: byteCount)
        }
    }

    private func sealOpenBatch() throws(PublisherError) {
        guard openCount > 0 else { return }
        try waitForRoom(forByteCount: openBody.count)
        let batch = (openBody, openCount, openCheckpoint)
        (openBody, openCount, openCheckpoint) = ([], 0, nil)
        openBody.reserveCapacity(batch.0.count)
        try enqueue(body: batch.0, count: batch.1, checkpoint: batch.2)
    }

    private func enqueue(
        body: [UInt8],
        count: Int,
        checkpoint: String?
    ) throws(PublisherError) {
        try waitForRoom(forByteCount: body.count)
        session.append(body: body, count: count, checkpoint: checkpoint, at: now)
        try drive(waitingMilliseconds: 0)
    }

    private func waitForRoom(forByteCount byteCount: Int) throws(PublisherError) {
        while !session.hasRoom(forByteCount: byteCount) {
            try drive(waitingMilliseconds: Self.tickMilliseconds)
        }
    }

    private var now: Duration { readClock() }

    /// Performs what the session asks for, then hands over what has arrived.
    private func drive(waitingMilliseconds milliseconds: Int) throws(PublisherError) {
        do {
            // What has arrived while the caller did something else comes first, so that no
            // answer counts as overdue that merely was not read.
            try receive(waitingMilliseconds: 0)
            try performActions()
            if milliseconds > 0 {
                try receive(waitingMilliseconds: min(milliseconds, millisecondsToEndOfPause))
                try performActions()
            }
        } catch PublisherError.unreachable {
            if let suspicion { throw .connectionRefused(endpoint: endpoint, reason: suspicion) }
            throw .unreachable(endpoint: endpoint)
        } catch let error as PublisherError {
            throw error
        } catch let error as ConnectionError {
            throw error.isRefused
                ? .connectionRefused(endpoint: endpoint, reason: error.reason)
                : .badEndpoint(endpoint: endpoint, reason: error.reason)
        } catch {
            throw .badEndpoint(endpoint: endpoint, reason: "\(error)")
        }
        if milliseconds > 0, isCancelled() { throw .cancelled }
    }

    private func receive(waitingMilliseconds milliseconds: Int) throws {
        var wait = milliseconds
        for _ in 0..<Self.drainCountMaximum {
            guard let frames = try connection?.receive(waitingMilliseconds: wait) else {
                guard let found = connection?.suspicion else { return }
                // Told once, and kept: the next connection knows nothing at first.
                if suspicion == nil { onNotice(.connectionsClosed(reason: found)) }
                suspicion = found
                return
            }
            suspicion = nil
            session.receive(frames, at: now)
            wait = 0
        }
    }

    private var millisecondsToEndOfPause: Int {
        guard let end = session.pauseEnd else { return .max }
        let left = (end - now).components
        return max(1, Int(left.seconds) * 1_000 + Int(left.attoseconds / 1_000_000_000_000_000))
    }

    private func performActions() throws {
        defer { session.takeNotices().forEach(onNotice) }
        while let action = try session.nextAction(at: now) {
            switch action {
            case .connect:
                // The old connection is gone before the new one greets.
                connection = nil
                connection = try makeConnection()
            case .send(let frames):
                guard try connection?.send(frames) ?? true else {
                    // The queue takes many times the daemon's window, so that only a connection
                    // nobody reads fills it; the next call makes a new one.
                    session.disconnect()
                    return
                }
            }
        }
    }
}
