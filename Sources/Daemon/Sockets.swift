internal import Core
internal import Glibc
internal import ZeroMQ

/// How the daemon's sockets are set, each with its reason.
enum Sockets {
    /// Options of every socket that listens.
    private static let listening: [SocketOption] = [
        // Answers are sent before a stop; what a peer has not taken by then it asks for again.
        .linger(.zero),
        .keepalive(.prompt),
        .handshakeInterval(.seconds(5)),
        .backlog(1_024),
    ]

    /// The acknowledged ingest socket.
    static func ingest(_ context: Context, _ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            context,
            .router,
            listening + [
                .routerMandatory(true),
                // A message is a batch: a few are enough to keep the thread busy, and what waits
                // in the publisher is not in this memory.
                .receiveHighWaterMark(16),
                .sendHighWaterMark(1_024),
                // Larger than a body may be, so that one too large is answered and not cut off.
                .maximumMessageByteCount(Limits.frameBytesMaximum),
            ],
            endpoint,
            option: "--ingest-endpoint"
        )
    }

    /// The fire-and-forget socket.
    static func events(_ context: Context, _ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            context,
            .sub,
            listening + [
                .subscribe([]),
                // Publishers cannot wait, so a burst has to wait here: up to 100,000 messages.
                .receiveHighWaterMark(100_000),
                .maximumMessageByteCount(Limits.batchBytesMaximum),
            ],
            endpoint,
            option: "--events-endpoint"
        )
    }

    /// The query socket.
    static func queries(_ context: Context, _ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            context,
            .router,
            listening + [
                .routerMandatory(true),
                // What one peer may have waiting: a batch is asked in one message, and a peer that
                // has gone is answered in vain.
                .receiveHighWaterMark(64),
                .receiveBufferByteCount(128 << 10),
                // As many as a bridge asks at once: an answer that finds no room is lost.
                .sendHighWaterMark(1_024),
                // Larger than a request may be, so that one too large is answered and not cut off.
                .maximumMessageByteCount(Limits.frameBytesMaximum),
            ],
            endpoint,
            option: "--query-endpoint"
        )
    }

    /// The live socket: PUB, and its subscriptions can be read.
    static func live(_ context: Context, _ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            context,
            .xpub,
            listening + [
                // Some seconds of a hundred bots, or a part of one of ten thousand; who is further
                // behind loses figures, which the next second replaces.
                .sendHighWaterMark(4_096),
                // Subscriptions and the handshake of ZeroMQ, nothing else comes in.
                .maximumMessageByteCount(8 << 10),
            ],
            endpoint,
            option: "--live-endpoint"
        )
    }

    /// Closes a socket with its connections and all that waits in them, and opens it again.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - context: The daemon's context.
    ///   - open: One of the functions above.
    /// - Throws: ``DaemonFailure`` where the endpoint is not free again within five seconds.
    static func reopen(
        _ socket: inout Socket,
        _ context: Context,
        _ open: (Context, String) throws(DaemonFailure) -> Socket
    ) throws(DaemonFailure) {
        let endpoint = endpoint(of: socket)
        do throws(ZeroMQError) {
            // In the place of the one that is closed.
            socket = try Socket(context: context, type: socket.type)
        } catch {
            throw .socket(option: endpoint, reason: "\(error)")
        }
        // ZeroMQ's own threads give the port back, a little later.
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do throws(DaemonFailure) {
                socket = try open(context, endpoint)
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(10_000)
            }
        }
    }

    /// The socket that tells a loop to stop or to shed.
    static func control(_ context: Context, _ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(context, .pull, [.linger(.zero)], endpoint, option: "control socket")
    }

    private static func bound(
        _ context: Context,
        _ type: SocketType,
        _ options: [SocketOption],
        _ endpoint: String,
        option: String
    ) throws(DaemonFailure) -> Socket {
        do throws(ZeroMQError) {
            let socket = try Socket(context: context, type: type, options: options)
            try socket.bind(endpoint)
            return socket
        } catch {
            throw .socket(option: option, reason: "\(error)")
        }
    }

    /// Where a socket is bound, with the port the system chose.
    static func endpoint(of socket: borrowing Socket) -> String {
        (try? socket.lastEndpoint()) ?? ""
    }
}
