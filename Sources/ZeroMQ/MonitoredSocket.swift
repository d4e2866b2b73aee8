internal import CZeroMQ
internal import Synchronization

/// What happens to a connection of a socket.
public enum ConnectionEvent: Sendable, Equatable {
    /// A handshake succeeded: messages can pass.
    case connected
    /// A connection has ended.
    case disconnected
    /// The peer closed the connection during the handshake and did not say why; ZeroMQ tries again.
    case cutOff
    /// The peer does not know this side's key; ZeroMQ does not try again.
    case refused
    /// One side demands a security mechanism that the other does not use; ZeroMQ does not try
    /// again.
    case mechanismMismatch
    /// The peer broke the protocol; ZeroMQ does not try again.
    case failed
}

/// A socket, and what happens to its connections, which the socket itself never tells.
///
/// One value has both, because of the order in which they must end. ZeroMQ's own thread sends each
/// event and waits until it can: where the receiving end went first, an event that comes before the
/// socket is gone would hold that thread, and with it every other socket of the context, for ever.
public struct MonitoredSocket: ~Copyable {
    private static let lastNumber = Atomic<UInt64>(0)

    /// The socket.
    public let socket: Socket
    /// Receives when there is an event; to be polled.
    public let events: Socket

    /// Makes a socket that is not bound or connected yet, and is watched from its beginning.
    ///
    /// - Parameters:
    ///   - context: The context of the process.
    ///   - type: The pattern.
    ///   - options: What to set before it is used.
    /// - Throws: ``ZeroMQError``, as ``Socket`` does.
    public init(
        context: Context,
        type: SocketType,
        options: [SocketOption] = []
    ) throws(ZeroMQError) {
        let socket = try Socket(context: context, type: type, options: options)
        // Without a limit: ZeroMQ's own thread would wait where nobody takes the events.
        let events = try Socket(
            context: context,
            type: .pair,
            options: [.linger(.zero), .receiveHighWaterMark(0)]
        )
        let number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = "inproc://connections-\(number)"
        let kinds =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | ZMQ_EVENT_DISCONNECTED
        // The handle is live and the endpoint is a C string for the call.
        guard unsafe zmq_socket_monitor(socket.pointer, endpoint, kinds) == 0 else {
            throw ZeroMQError("watch a socket")
        }
        try events.connect(endpoint)
        self.socket = socket
        self.events = events
    }

    deinit {
        // Both ends are live; no event is sent from here on.
        unsafe zmq_socket_monitor(socket.pointer, nil, 0)
    }

    /// Takes the next event.
    ///
    /// - Returns: nil where there is none yet.
    /// - Throws: ``ZeroMQError``.
    public func nextEvent() throws(ZeroMQError) -> ConnectionEvent? {
        // 16 bits of the event's kind and 32 of its value, then a part with the endpoint.
        guard let parts = try events.receiveMultipart(wait: false) else { return nil }
        guard let event = parts.first, event.count == 6 else { return .failed }
        // UInt8 has no padding, so every byte is initialised.
        let bytes = unsafe event.span.bytes
        let kind = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt16.self)
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: Int32.self)
        switch Int32(kind) {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .connected
        case ZMQ_EVENT_DISCONNECTED: return .disconnected
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return .cutOff
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
        default:
            return value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
                ? .mechanismMismatch : .failed
        }
    }
}
