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

/// Tells what happens to the connections of a socket, which the socket itself never does.
///
/// Make it before the socket connects, on the socket's thread.
public struct ConnectionMonitor: ~Copyable {
    private static let lastNumber = Atomic<UInt64>(0)

    /// Receives when there is an event; to be polled.
    public let events: Socket

    /// Begins to watch a socket.
    ///
    /// - Parameter socket: A socket that has not connected yet.
    /// - Throws: ``ZeroMQError``.
    public init(of socket: borrowing Socket) throws(ZeroMQError) {
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
        // Without a limit: ZeroMQ's own thread would wait where nobody takes the events.
        let events = try Socket(
            context: socket.context,
            type: .pair,
            options: [.linger(.zero), .receiveHighWaterMark(0)]
        )
        try events.connect(endpoint)
        self.events = events
    }

    /// Takes the next event.
    ///
    /// - Returns: nil where there is none yet.
    /// - Throws: ``ZeroMQError``.
    public func next() throws(ZeroMQError) -> ConnectionEvent? {
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
