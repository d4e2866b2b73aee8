internal import CZeroMQ
internal import Glibc

/// One part of a message, owned by ZeroMQ.
///
/// Receive into the same one again and again: that allocates nothing here.
///
/// Safe, because it alone owns the structure it hides, which stays at one address: short messages
/// have their bytes inside it.
@safe
public struct Message: ~Copyable {
    let pointer: UnsafeMutablePointer<zmq_msg_t>

    /// Makes an empty message.
    public init() {
        unsafe pointer = .allocate(capacity: 1)
        // The structure was just allocated; this call cannot fail.
        unsafe zmq_msg_init(pointer)
    }

    /// Makes a message with a copy of some bytes.
    ///
    /// - Parameter bytes: The bytes.
    public init(_ bytes: RawSpan) {
        unsafe pointer = .allocate(capacity: 1)
        // The structure was just allocated; only exhausted memory makes this call fail.
        let code = unsafe zmq_msg_init_size(pointer, bytes.byteCount)
        precondition(code == 0, "the memory is exhausted")
        unsafe bytes.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress, let target = unsafe zmq_msg_data(pointer) else {
                return
            }
            // The message has exactly as many bytes.
            unsafe memcpy(target, source, bytes.count)
        }
    }

    deinit {
        // The structure was initialised and is not used again.
        unsafe zmq_msg_close(pointer)
        unsafe pointer.deallocate()
    }

    /// How many bytes there are.
    public var byteCount: Int {
        // The structure is initialised, here and below.
        unsafe zmq_msg_size(pointer)
    }

    /// Whether another part of the same message follows.
    public var hasMore: Bool {
        unsafe zmq_msg_more(pointer) != 0
    }

    /// The bytes, until the message is received into or sent.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let buffer = unsafe UnsafeRawBufferPointer(
                start: zmq_msg_data(pointer),
                count: byteCount
            )
            let span = unsafe RawSpan(_unsafeBytes: buffer)
            // Whatever changes the bytes needs the message exclusively.
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Lends the bytes to a closure, which must not let the buffer escape.
    ///
    /// - Parameter body: What to do with them.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw.
    @unsafe
    public borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe bytes.withUnsafeBytes(body)
    }

    /// Copies the bytes out.
    ///
    /// - Returns: An array that outlives the message.
    public borrowing func copied() -> [UInt8] {
        // The buffer is read only inside the call.
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// Looks up what the connection says about its peer.
    ///
    /// - Parameter name: As `User-Id`, `Peer-Address`, `Socket-Type`.
    /// - Returns: The value, or nil when the connection has none or the message was not received.
    public borrowing func metadata(_ name: String) -> String? {
        // The result is a C string that lives as long as the message.
        guard let text = unsafe zmq_msg_gets(pointer, name) else { return nil }
        return unsafe String(cString: text)
    }
}
