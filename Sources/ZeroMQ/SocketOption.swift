internal import CZeroMQ

/// An option of a socket and its value.
///
/// Options apply to later binds and connects, so set them before; subscriptions apply at once.
/// A duration of nil means without limit.
public enum SocketOption: Sendable, Equatable {
    /// How long a closed socket keeps trying to send; zero drops what is left.
    case linger(Duration?)
    /// How many messages wait for one peer before a send would block; zero is without limit.
    case sendHighWaterMark(Int)
    /// How many messages wait from one peer before it is held back; zero is without limit.
    case receiveHighWaterMark(Int)
    /// The largest message part accepted; a peer that sends more is disconnected.
    case maximumMessageByteCount(Int?)
    /// How long a send waits.
    case sendTimeout(Duration?)
    /// How long a receive waits.
    case receiveTimeout(Duration?)
    /// The size of the system's send buffer.
    case sendBufferByteCount(Int)
    /// The size of the system's receive buffer.
    case receiveBufferByteCount(Int)
    /// Whether a router reports peers it does not know, instead of dropping the message.
    case routerMandatory(Bool)
    /// Whether a new peer takes the routing id of an old one.
    case routerHandover(Bool)
    /// The name by which routers know this socket, 1 to 255 bytes, not beginning with zero.
    case routingID([UInt8])
    /// How the system finds peers that vanished, over TCP; nil leaves it to the system.
    ///
    /// There is no option for ZeroMQ's own heartbeats: when a peer goes while its messages are held
    /// back, libzmq 4.3.5 keeps the timer of a connection that has failed, and the next heartbeat
    /// ends the process (`Assertion failed: !_io_error`, `stream_engine_base.cpp`).
    case keepalive(Keepalive?)
    /// How long a handshake may take; zero is without limit.
    case handshakeInterval(Duration)
    /// How long a connection may take; zero is as long as the system tries.
    case connectTimeout(Duration)
    /// How many connections wait to be accepted.
    case backlog(Int)
    /// How long to wait before connecting again; with a maximum, the wait doubles up to it.
    case reconnectInterval(minimum: Duration, maximum: Duration?)
    /// Whether messages wait only for complete connections.
    case immediate(Bool)
    /// Whether to keep only the last message.
    case conflate(Bool)
    /// Whether an xpub socket passes on repeated subscriptions too.
    case xpubVerbose(Bool)
    /// Whether to use IPv6.
    case ipv6(Bool)
    /// Receives messages that begin with the prefix; an empty one is every message.
    case subscribe([UInt8])
    /// Takes a subscription back.
    case unsubscribe([UInt8])
    /// Whether this side is the server of CURVE encryption.
    case curveServer(Bool)
    /// The server's public key, set by a client, in Z85.
    case curveServerKey(String)
    /// This side's keys; a server needs only the secret one.
    case curveKeys(CurveKeyPair)
    /// The domain whose handler admits peers; the handler must be bound before.
    case zapDomain(String)
    /// Plain user name and password, set by a client.
    case plain(user: String, password: String)
    /// Whether this side checks plain user names and passwords.
    case plainServer(Bool)
}

/// When a silent TCP connection is probed, and when it is given up; `man 7 tcp`.
public struct Keepalive: Sendable, Equatable {
    /// Seconds of silence before the first probe, from 1.
    public var idleSeconds: Int32
    /// Seconds between probes, from 1.
    public var intervalSeconds: Int32
    /// Unanswered probes before the connection is closed, from 1.
    public var probeCount: Int32

    /// Makes the times.
    public init(idleSeconds: Int32, intervalSeconds: Int32, probeCount: Int32) {
        self.idleSeconds = idleSeconds
        self.intervalSeconds = intervalSeconds
        self.probeCount = probeCount
    }

    /// A peer that vanished without a word is noticed after 20 seconds.
    public static let prompt = Keepalive(idleSeconds: 5, intervalSeconds: 5, probeCount: 3)
}

extension Socket {
    /// Sets options.
    ///
    /// - Parameter options: The options, set in order.
    /// - Throws: ``ZeroMQError/Kind/invalidArgument`` naming the option, or another
    ///   ``ZeroMQError``.
    public func set(_ options: SocketOption...) throws(ZeroMQError) {
        for option in options { try set(option) }
    }

    /// Sets one option.
    ///
    /// - Parameter option: The option.
    /// - Throws: ``ZeroMQError/Kind/invalidArgument`` naming the option, or another
    ///   ``ZeroMQError``.
    public func set(_ option: SocketOption) throws(ZeroMQError) {
        switch option {
        case .linger(let time): try set(ZMQ_LINGER, time, "linger")
        case .sendHighWaterMark(let count): try set(ZMQ_SNDHWM, count, "send high water mark")
        case .receiveHighWaterMark(let count):
            try set(ZMQ_RCVHWM, count, "receive high water mark")
        case .maximumMessageByteCount(let count):
            try set(ZMQ_MAXMSGSIZE, value: Int64(count ?? -1), "maximum message size")
        case .sendTimeout(let time): try set(ZMQ_SNDTIMEO, time, "send timeout")
        case .receiveTimeout(let time): try set(ZMQ_RCVTIMEO, time, "receive timeout")
        case .sendBufferByteCount(let count): try set(ZMQ_SNDBUF, count, "send buffer")
        case .receiveBufferByteCount(let count): try set(ZMQ_RCVBUF, count, "receive buffer")
        case .immediate(let flag): try set(ZMQ_IMMEDIATE, flag, "immediate")
        case .conflate(let flag): try set(ZMQ_CONFLATE, flag, "conflate")
        case .xpubVerbose(let flag): try set(ZMQ_XPUB_VERBOSE, flag, "xpub verbose")
        case .ipv6(let flag): try set(ZMQ_IPV6, flag, "IPv6")
        case .subscribe(let prefix): try set(ZMQ_SUBSCRIBE, prefix, "subscription")
        case .unsubscribe(let prefix): try set(ZMQ_UNSUBSCRIBE, prefix, "subscription")
        default: try setPeerOption(option)
        }
    }

    private func setPeerOption(_ option: SocketOption) throws(ZeroMQError) {
        switch option {
        case .routerMandatory(let flag): try set(ZMQ_ROUTER_MANDATORY, flag, "router mandatory")
        case .routerHandover(let flag): try set(ZMQ_ROUTER_HANDOVER, flag, "router handover")
        case .routingID(let bytes): try set(ZMQ_ROUTING_ID, bytes, "routing id")
        case .keepalive(let keepalive): try set(keepalive)
        case .handshakeInterval(let time):
            try set(ZMQ_HANDSHAKE_IVL, time, "handshake interval")
        case .connectTimeout(let time): try set(ZMQ_CONNECT_TIMEOUT, time, "connect timeout")
        case .backlog(let count): try set(ZMQ_BACKLOG, count, "backlog")
        case .reconnectInterval(let minimum, let maximum):
            try set(ZMQ_RECONNECT_IVL, minimum, "reconnect interval")
            try set(ZMQ_RECONNECT_IVL_MAX, maximum ?? .zero, "reconnect interval maximum")
        default: try setSecurityOption(option)
        }
    }

    private func setSecurityOption(_ option: SocketOption) throws(ZeroMQError) {
        switch option {
        case .curveServer(let flag): try set(ZMQ_CURVE_SERVER, flag, "CURVE server")
        case .curveServerKey(let key):
            try set(ZMQ_CURVE_SERVERKEY, Array(key.utf8), "CURVE server key")
        case .curveKeys(let keys):
            try set(ZMQ_CURVE_PUBLICKEY, Array(keys.publicKey.utf8), "CURVE public key")
            try set(ZMQ_CURVE_SECRETKEY, Array(keys.secretKey.utf8), "CURVE secret key")
        case .zapDomain(let domain): try set(ZMQ_ZAP_DOMAIN, Array(domain.utf8), "ZAP domain")
        case .plain(let user, let password):
            try set(ZMQ_PLAIN_USERNAME, Array(user.utf8), "plain user name")
            try set(ZMQ_PLAIN_PASSWORD, Array(password.utf8), "plain password")
        case .plainServer(let flag): try set(ZMQ_PLAIN_SERVER, flag, "plain server")
        default: preconditionFailure("every option is set by one of three functions")
        }
    }

    private func set(_ keepalive: Keepalive?) throws(ZeroMQError) {
        // -1 is the system's own for each; an unsent answer is given up when a probe would be.
        let (idle, interval) = (keepalive?.idleSeconds, keepalive?.intervalSeconds)
        try set(ZMQ_TCP_KEEPALIVE, value: keepalive == nil ? -1 : 1 as Int32, "keepalive")
        try set(ZMQ_TCP_KEEPALIVE_IDLE, value: idle ?? -1, "keepalive idle time")
        try set(ZMQ_TCP_KEEPALIVE_INTVL, value: interval ?? -1, "keepalive interval")
        try set(ZMQ_TCP_KEEPALIVE_CNT, value: keepalive?.probeCount ?? -1, "keepalive probes")
        let milliseconds = keepalive.map {
            ($0.idleSeconds + $0.intervalSeconds * $0.probeCount) * 1_000
        }
        try set(ZMQ_TCP_MAXRT, value: milliseconds ?? 0, "keepalive retransmission time")
    }

    private func set(_ option: Int32, _ flag: Bool, _ name: String) throws(ZeroMQError) {
        try set(option, value: flag ? 1 as Int32 : 0, name)
    }

    private func set(_ option: Int32, _ count: Int, _ name: String) throws(ZeroMQError) {
        try set(option, value: Int32(clamping: count), name)
    }

    private func set(_ option: Int32, _ time: Duration?, _ name: String) throws(ZeroMQError) {
        try set(option, value: time?.zeroMQMilliseconds ?? -1, name)
    }

    private func set<T: BitwiseCopyable>(
        _ option: Int32,
        value: T,
        _ name: String
    ) throws(ZeroMQError) {
        // The handle is live, and ZeroMQ copies the value during the call.
        let code = unsafe withUnsafeBytes(of: value) {
            unsafe zmq_setsockopt(pointer, option, $0.baseAddress, $0.count)
        }
        guard code == 0 else { throw ZeroMQError("set the option", name) }
    }

    private func set(_ option: Int32, _ bytes: [UInt8], _ name: String) throws(ZeroMQError) {
        // As above.
        let code = unsafe bytes.withUnsafeBytes {
            unsafe zmq_setsockopt(pointer, option, $0.baseAddress, $0.count)
        }
        guard code == 0 else { throw ZeroMQError("set the option", name) }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short wait is not none, within ZeroMQ's range.
    var zeroMQMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: min(max(seconds, 0), 1 << 32) * 1_000 + max(part, 0))
    }
}
