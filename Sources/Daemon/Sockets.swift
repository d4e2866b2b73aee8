internal import Core
internal import Glibc
internal import ZeroMQ

/// How the daemon's sockets are set, each with its reason.
struct Sockets: Sendable {
    let context: Context
    /// Where there is one, all sockets that are bound for others are encrypted.
    let curve: CurveDoor?

    /// Options of every socket that listens.
    private static let listening: [SocketOption] = [
        // Answers are sent before a stop; what a peer has not taken by then it asks for again.
        .linger(.zero),
        .keepalive(.prompt),
        .handshakeInterval(.seconds(5)),
        .backlog(1_024),
    ]

    /// What CURVE adds to a frame: the command's name, a nonce, flags and the authenticator.
    private static let encryptionByteCount = 33

    /// The acknowledged ingest socket.
    func ingest(_ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            .router,
            Self.listening + [
                .routerMandatory(true),
                // A message is a batch: a few are enough to keep the thread busy, and what waits
                // in the publisher is not in this memory.
                .receiveHighWaterMark(16),
                .sendHighWaterMark(1_024),
                // Larger than a body may be, so that one too large is answered and not cut off.
                .maximumMessageByteCount(Limits.frameBytesMaximum),
            ],
            endpoint,
            curve: curve,
            option: "--ingest-endpoint"
        )
    }

    /// The fire-and-forget socket.
    func events(_ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            .sub,
            Self.listening + [
                .subscribe([]),
                // Publishers cannot wait, so a burst has to wait here: up to 100,000 messages.
                .receiveHighWaterMark(100_000),
                .maximumMessageByteCount(
                    Limits.batchBytesMaximum + (curve == nil ? 0 : Self.encryptionByteCount)
                ),
            ],
            endpoint,
            curve: curve,
            option: "--events-endpoint"
        )
    }

    /// The query socket.
    func queries(_ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            .router,
            Self.listening + [
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
            curve: curve,
            option: "--query-endpoint"
        )
    }

    /// The live socket: PUB, and its subscriptions can be read.
    func live(_ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(
            .xpub,
            Self.listening + [
                // Some seconds of a hundred bots, or a part of one of ten thousand; who is further
                // behind loses figures, which the next second replaces.
                .sendHighWaterMark(4_096),
                // Subscriptions and the handshake of ZeroMQ, nothing else comes in.
                .maximumMessageByteCount(8 << 10),
            ],
            endpoint,
            curve: curve,
            option: "--live-endpoint"
        )
    }

    /// Closes a socket with its connections and all that waits in them, and opens it again.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - open: One of the functions above.
    /// - Throws: ``DaemonFailure`` where the endpoint is not free again within five seconds.
    func reopen(
        _ socket: inout Socket,
        _ open: (String) throws(DaemonFailure) -> Socket
    ) throws(DaemonFailure) {
        let endpoint = Self.endpoint(of: socket)
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
                socket = try open(endpoint)
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(10_000)
            }
        }
    }

    /// The socket that tells a loop to stop or to shed.
    func control(_ endpoint: String) throws(DaemonFailure) -> Socket {
        try bound(.pull, [.linger(.zero)], endpoint, curve: nil, option: "control socket")
    }

    /// The socket on which ZeroMQ asks whether a peer may connect.
    func admission() throws(DaemonFailure) -> Socket {
        let endpoint = "inproc://zeromq.zap.01"
        return try bound(.rep, [.linger(.zero)], endpoint, curve: nil, option: "ZAP handler")
    }

    private func bound(
        _ type: SocketType,
        _ options: [SocketOption],
        _ endpoint: String,
        curve: CurveDoor?,
        option: String
    ) throws(DaemonFailure) -> Socket {
        do throws(ZeroMQError) {
            let socket = try Socket(context: context, type: type, options: options)
            if let curve {
                // The domain is what the log calls the socket.
                try socket.set(.curveServer(true), .curveKeys(curve.keys), .zapDomain(option))
            }
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
