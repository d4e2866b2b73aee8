internal import CZeroMQ

/// The I/O threads and inproc endpoints that sockets share; one for a process.
///
/// Sockets keep it alive; it ends with the last reference, after lingering messages were sent or
/// given up.
///
/// Safe, because it owns the handle it hides, and ends it when no socket can use it any more.
@safe
// @unchecked because ZeroMQ contexts are thread-safe and the stored property never changes.
public final class Context: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - ioThreadCount: How many threads do input and output; one serves a gigabyte a second.
    ///   - maxSockets: How many sockets can be open, or nil for ZeroMQ's default of 1,023.
    /// - Throws: ``ZeroMQError`` when a number is out of range.
    public init(ioThreadCount: Int = 1, maxSockets: Int? = nil) throws(ZeroMQError) {
        // The handle is ended below or by deinit.
        guard let pointer = unsafe zmq_ctx_new() else { throw ZeroMQError("make a context") }
        var failure: ZeroMQError?
        // The handle is live; the options apply before the first socket.
        if unsafe zmq_ctx_set(pointer, ZMQ_IO_THREADS, Int32(clamping: ioThreadCount)) != 0 {
            failure = ZeroMQError("set the number of I/O threads")
        } else if let maxSockets,
            unsafe zmq_ctx_set(pointer, ZMQ_MAX_SOCKETS, Int32(clamping: maxSockets)) != 0
        {
            failure = ZeroMQError("set the number of sockets")
        }
        if let failure {
            unsafe zmq_ctx_term(pointer)
            throw failure
        }
        unsafe self.pointer = pointer
    }

    deinit {
        // No socket is left: each holds a reference to this object. A signal may interrupt.
        while unsafe zmq_ctx_term(pointer) != 0, zmq_errno() == EINTR {}
    }

    /// Makes every later and every blocked operation of its sockets throw
    /// ``ZeroMQError/Kind/terminated``.
    ///
    /// It is the forced stop: final acknowledgements cannot be sent after it. Any thread may call.
    public func shutdown() {
        // The handle is live; a second shutdown does nothing.
        unsafe zmq_ctx_shutdown(pointer)
    }
}
