internal import Core
internal import Store
internal import ZeroMQ

/// The read path, on one thread: request, plan, snapshot, answer.
struct QueryLoop: ~Copyable {
    /// How often commits are taken in while nobody asks.
    private static let tick = Duration.milliseconds(100)
    /// How long answers are given before commits are taken in again.
    private static let answeringMicroseconds: Int64 = 5_000
    /// The third frame that asks for a frame with the credential's rate.
    private static let rateWord = Array("rate".utf8)
    /// The third frame that asks for the same and for what the credential sees.
    private static let scopeWord = Array("scope".utf8)

    private var queries: Socket
    private let orders: LoopOrders
    private var service: QueryService

    init(
        service: consuming QueryService,
        queries: consuming Socket,
        orders: consuming LoopOrders
    ) {
        self.service = service
        self.queries = queries
        self.orders = orders
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        var isBusy = false
        while true {
            let ready = try Poller.poll(
                queries,
                orders.control,
                timeout: isBusy ? .zero : Self.tick
            )
            if ready.contains(.second) {
                switch try orders.next() {
                case .stop: return service.finish()
                case .shed: shed()
                case nil: break
                }
            }
            service.follow()
            isBusy = service.work()
            // A bound, so that a flood of requests does not keep the loop from its orders.
            let pause = MonotonicClock.microseconds + Self.answeringMicroseconds
            while MonotonicClock.microseconds < pause,
                let parts = try queries.receiveMultipart(wait: false)
            {
                try answer(parts)
            }
        }
    }

    /// Closes every connection; what was not answered is asked again.
    private mutating func shed() {
        orders.reopen(&queries, Sockets.queries)
        orders.finishShedding()
    }

    /// Answers one message: identity, perhaps REQ's empty delimiter, request, perhaps a
    /// credential, perhaps a word that asks what is left of its rate or what it sees.
    private mutating func answer(_ parts: [[UInt8]]) throws(ZeroMQError) {
        guard let peer = parts.first else { return }
        var frames = parts.dropFirst()
        let isDelimited = frames.count > 1 && frames.first?.isEmpty == true
        if isDelimited { frames.removeFirst() }
        let request = frames.popFirst() ?? []
        let answer = service.answer(request, credential: frames.popFirst() ?? [])
        var reply = isDelimited ? [peer, [], answer.response] : [peer, answer.response]
        if frames.first == Self.rateWord { reply.append(answer.rateFrame) }
        if frames.first == Self.scopeWord { reply.append(answer.scopeFrame) }
        // A peer that does not read loses its answer; nobody else waits for it.
        _ = try queries.sendMultipart(reply, wait: false)
    }
}
