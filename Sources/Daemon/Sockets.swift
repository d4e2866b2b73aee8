internal import Core
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
                .receiveHighWaterMark(256),
                .sendHighWaterMark(256),
                // Larger than a request may be, so that one too large is answered and not cut off.
                .maximumMessageByteCount(Limits.frameBytesMaximum),
            ],
            endpoint,
            option: "--query-endpoint"
        )
    }

    /// The socket that wakes a loop to stop it.
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
