internal import CZeroMQ

/// A socket, created, used and closed on one thread.
///
/// It is not Sendable and not copyable, so a thread's body makes it as a local variable and
/// closes it by leaving.
///
/// Safe, because it alone owns its handle and closes it once.
@safe
public struct Socket: ~Copyable {
    /// The pattern that it follows.
    public let type: SocketType

    let context: Context
    let pointer: UnsafeMutableRawPointer

    /// Makes a socket that is not bound or connected yet.
    ///
    /// - Parameters:
    ///   - context: The context of the process.
    ///   - type: The pattern.
    ///   - options: What to set before it is used.
    /// - Throws: ``ZeroMQError/Kind/tooManySockets``, ``ZeroMQError/Kind/terminated`` or another
    ///   ``ZeroMQError``.
    public init(
        context: Context,
        type: SocketType,
        options: [SocketOption] = []
    ) throws(ZeroMQError) {
        // The context is live; the handle is closed by deinit.
        guard let pointer = unsafe zmq_socket(context.pointer, type.code) else {
            throw ZeroMQError("make a socket")
        }
        // A whole socket first, so that an option that fails closes it.
        let socket = unsafe Socket(type: type, context: context, pointer: pointer)
        for option in options { try socket.set(option) }
        self = socket
    }

    private init(type: SocketType, context: Context, pointer: UnsafeMutableRawPointer) {
        self.type = type
        self.context = context
        unsafe self.pointer = pointer
    }

    deinit {
        // The handle is live and not used again.
        unsafe zmq_close(pointer)
    }

    /// Closes the socket; messages linger as its option says.
    public consuming func close() {}

    /// Accepts peers at an endpoint.
    ///
    /// - Parameter endpoint: As `tcp://127.0.0.1:5555`; the port `*` takes any that is free.
    /// - Throws: ``ZeroMQError/Kind/addressInUse`` or another ``ZeroMQError``.
    public func bind(_ endpoint: String) throws(ZeroMQError) {
        // The handle is live and the endpoint is a C string for the call, here and below.
        guard unsafe zmq_bind(pointer, endpoint) == 0 else {
            throw ZeroMQError("bind the endpoint", endpoint)
        }
    }

    /// Stops accepting peers at an endpoint.
    ///
    /// - Parameter endpoint: As in ``lastEndpoint``.
    /// - Throws: ``ZeroMQError/Kind/notFound`` or another ``ZeroMQError``.
    public func unbind(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_unbind(pointer, endpoint) == 0 else {
            throw ZeroMQError("unbind the endpoint", endpoint)
        }
    }

    /// Connects to an endpoint, now or when the peer appears.
    ///
    /// - Parameter endpoint: As `tcp://127.0.0.1:5555`.
    /// - Throws: ``ZeroMQError/Kind/invalidArgument`` or another ``ZeroMQError``.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(pointer, endpoint) == 0 else {
            throw ZeroMQError("connect to the endpoint", endpoint)
        }
    }

    /// Ends the connection to an endpoint.
    ///
    /// - Parameter endpoint: As it was connected.
    /// - Throws: ``ZeroMQError/Kind/notFound`` or another ``ZeroMQError``.
    public func disconnect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_disconnect(pointer, endpoint) == 0 else {
            throw ZeroMQError("disconnect from the endpoint", endpoint)
        }
    }

    /// The endpoint bound or connected last, with its actual port.
    ///
    /// - Returns: The endpoint; empty before the first.
    /// - Throws: ``ZeroMQError``.
    public func lastEndpoint() throws(ZeroMQError) -> String {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        var count = bytes.count
        // The buffer has `count` bytes; ZeroMQ sets the count that it used, with the final NUL.
        let code = unsafe bytes.withUnsafeMutableBytes {
            unsafe zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, $0.baseAddress, &count)
        }
        guard code == 0 else { throw ZeroMQError("read the last endpoint") }
        return String(decoding: bytes.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
    }
}
