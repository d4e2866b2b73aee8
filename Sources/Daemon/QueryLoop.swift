internal import Core
internal import Store
internal import ZeroMQ

/// The read path, on one thread: request, plan, snapshot, answer.
struct QueryLoop: ~Copyable {
    /// How often commits are taken in while nobody asks.
    private static let tick = Duration.milliseconds(100)

    private let queries: Socket
    private let control: Socket
    private var service: QueryService

    init(service: consuming QueryService, queries: consuming Socket, control: consuming Socket) {
        self.service = service
        self.queries = queries
        self.control = control
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        var isBusy = false
        while true {
            let ready = try Poller.poll(queries, control, timeout: isBusy ? .zero : Self.tick)
            if ready.contains(.second) { return }
            service.follow()
            isBusy = service.work()
            // A bound, so that a flood of requests does not keep the loop from stopping.
            for _ in 0..<64 {
                guard let parts = try queries.receiveMultipart(wait: false) else { break }
                try answer(parts)
            }
        }
    }

    /// Answers one message: identity, perhaps REQ's empty delimiter, request, perhaps a
    /// credential.
    private mutating func answer(_ parts: [[UInt8]]) throws(ZeroMQError) {
        guard let peer = parts.first else { return }
        var frames = parts.dropFirst()
        let isDelimited = frames.count > 1 && frames.first?.isEmpty == true
        if isDelimited { frames.removeFirst() }
        let response = service.answer(frames.first ?? [])
        let reply = isDelimited ? [peer, [], response] : [peer, response]
        // A peer that does not read loses its answer; nobody else waits for it.
        _ = try queries.sendMultipart(reply, wait: false)
    }
}
