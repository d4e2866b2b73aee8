internal import OperatorLog
internal import ZeroMQ

/// The gateway's thread: sends questions, resumes who waits for their answers.
struct GatewayLoop: ~Copyable {
    /// How often time-outs are looked for while questions wait.
    private static let tick = Duration.milliseconds(50)
    /// The largest answer worth reading, as other clients of the socket have it.
    private static let answerByteCountMaximum = 256 << 20

    private struct Waiting {
        let continuation: CheckedContinuation<Outcome, Never>
        let deadline: ContinuousClock.Instant
    }

    private let queue: GatewayQueue
    private let connection: ConnectionState
    private let log: Log
    private let daemon: MonitoredSocket
    private var waiting: [Int64: Waiting] = [:]
    private var lastID: Int64 = 0

    private init(
        queue: GatewayQueue,
        connection: ConnectionState,
        log: Log,
        daemon: consuming MonitoredSocket
    ) {
        self.queue = queue
        self.connection = connection
        self.log = log
        self.daemon = daemon
    }

    /// Makes the sockets and begins to connect.
    ///
    /// - Throws: ``ZeroMQError`` where the endpoint is none.
    static func connect(
        _ configuration: BridgeConfiguration,
        queue: GatewayQueue,
        connection: ConnectionState,
        log: Log
    ) throws(ZeroMQError) -> GatewayLoop {
        let context = try Context()
        let daemon = try MonitoredSocket(
            context: context,
            type: .dealer,
            options: [
                .linger(.zero),
                // Nothing is queued for a daemon that is away: its caller is told at once.
                .immediate(true),
                .sendHighWaterMark(configuration.pendingRequestMaximum),
                .receiveHighWaterMark(0),
                .keepalive(Keepalive(idleSeconds: 1, intervalSeconds: 1, probeCount: 5)),
                .handshakeInterval(.seconds(5)),
                .reconnectInterval(minimum: .milliseconds(50), maximum: .milliseconds(500)),
                .maximumMessageByteCount(answerByteCountMaximum),
            ] + configuration.queryOptions
        )
        try daemon.socket.connect(configuration.queryEndpoint)
        return GatewayLoop(
            queue: queue,
            connection: connection,
            log: log,
            daemon: daemon
        )
    }

    /// Runs until the queue says stop.
    mutating func run() throws(ZeroMQError) {
        while true {
            let ready = try Poller.poll(
                daemon.socket,
                daemon.events,
                descriptor: queue.wakeUp.descriptor,
                timeout: waiting.isEmpty ? nil : Self.tick
            )
            // Answers first: one that arrived before its connection ended is an answer.
            if ready.contains(.first) { try receive() }
            if ready.contains(.second) { try followConnection() }
            if ready.contains(.third) {
                let delivery = queue.take()
                for submission in delivery.submissions { try send(submission) }
                if delivery.isStopping {
                    fail(.stopping)
                    return
                }
            }
            expire()
        }
    }

    /// Answers everybody who waits, and who still comes, where the socket cannot be used any more.
    mutating func abandon() {
        fail(.unavailable)
        queue.stop()
        for submission in queue.take().submissions {
            queue.resolve(submission.continuation, .unavailable)
        }
    }

    private mutating func send(_ submission: GatewayQueue.Submission) throws(ZeroMQError) {
        lastID += 1
        let frames = submission.inquiry.frames(id: lastID)
        guard try daemon.socket.sendMultipart(frames, wait: false) == .sent else {
            queue.resolve(submission.continuation, .unavailable)
            return
        }
        waiting[lastID] = Waiting(
            continuation: submission.continuation,
            deadline: submission.deadline
        )
    }

    private mutating func receive() throws(ZeroMQError) {
        // A bound, so that a flood of answers does not keep questions from being sent.
        for _ in 0..<256 {
            guard let frames = try daemon.socket.receiveMultipart(wait: false) else { return }
            // An answer nobody waits for came too late, and is dropped.
            guard let answer = frames.first, let id = AnswerScanner.identifier(of: answer),
                let waiter = waiting.removeValue(forKey: id)
            else { continue }
            let rate = frames.count > 1 ? frames[1] : nil
            queue.resolve(waiter.continuation, .answered(answer, rate: rate))
        }
    }

    private mutating func followConnection() throws(ZeroMQError) {
        while let event = try daemon.nextEvent() {
            switch event {
            case .connected: connection.set(true)
            case .disconnected:
                connection.set(false)
                // What was asked over it will never be answered.
                fail(.unavailable)
            case .cutOff: break
            case .refused, .mechanismMismatch, .failed:
                log.error(
                    "The daemon refuses the bridge's connection, which is not tried again; look at "
                        + "its CURVE keys and --query-endpoint, then start the bridge again."
                )
            }
        }
    }

    private mutating func expire() {
        guard !waiting.isEmpty else { return }
        let now = ContinuousClock.now
        // There are at most as many as may wait; a queue by deadline would cost each question.
        for (id, waiter) in waiting where waiter.deadline <= now {
            waiting[id] = nil
            queue.resolve(waiter.continuation, .timedOut)
        }
    }

    private mutating func fail(_ outcome: Outcome) {
        for waiter in waiting.values { queue.resolve(waiter.continuation, outcome) }
        waiting = [:]
    }
}
