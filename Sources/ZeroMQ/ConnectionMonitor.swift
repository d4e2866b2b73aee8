internal import CZeroMQ

/// What happens to a socket's connections.
public enum ConnectionEvent: Sendable, Equatable {
    /// A connection is complete: messages can pass.
    case connected
    /// A connection has ended.
    case disconnected

    fileprivate var code: Int32 {
        switch self {
        case .connected: ZMQ_EVENT_HANDSHAKE_SUCCEEDED
        case .disconnected: ZMQ_EVENT_DISCONNECTED
        }
    }

    /// Reads a message of a monitor; nil for events of other kinds.
    ///
    /// - Parameter parts: The message's parts.
    public init?(parts: [[UInt8]]) {
        // The first part is the event, 16 bits, and its value, 32 bits, in the machine's order.
        guard let bytes = parts.first, bytes.count >= 2 else { return nil }
        let number = Int32(bytes[0]) | Int32(bytes[1]) << 8
        switch number {
        case ConnectionEvent.connected.code: self = .connected
        case ConnectionEvent.disconnected.code: self = .disconnected
        default: return nil
        }
    }
}

extension Socket {
    /// Tells a PAIR socket of the same context about the connections' beginnings and ends.
    ///
    /// - Parameter endpoint: An inproc endpoint nobody else uses; the PAIR socket connects to it.
    /// - Throws: ``ZeroMQError/Kind/addressInUse`` or another ``ZeroMQError``.
    public func monitorConnections(at endpoint: String) throws(ZeroMQError) {
        let events = ConnectionEvent.connected.code | ConnectionEvent.disconnected.code
        // The handle is live and the endpoint is a C string for the call.
        guard unsafe zmq_socket_monitor(pointer, endpoint, events) == 0 else {
            throw ZeroMQError("monitor the socket", endpoint)
        }
    }
}
