internal import CZeroMQ

/// What a socket is ready for.
public struct PollEvents: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes a set of bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A message can be received.
    public static let readable = PollEvents(rawValue: 1)
    /// A message can be sent.
    public static let writable = PollEvents(rawValue: 2)
}

/// Which of the sockets that were polled have a message.
public struct PollResult: OptionSet, Sendable {
    /// The bits, the first socket's lowest.
    public let rawValue: UInt8

    /// Makes a set of bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The first socket has a message.
    public static let first = PollResult(rawValue: 1)
    /// The second socket has a message.
    public static let second = PollResult(rawValue: 2)
    /// The third socket has a message.
    public static let third = PollResult(rawValue: 4)
    /// The fourth socket has a message.
    public static let fourth = PollResult(rawValue: 8)
}

/// Waits for sockets of one thread.
///
/// Each function returns as soon as one socket is ready, or when the time is over; nil waits
/// without limit and zero only looks. A signal does not end the wait.
public enum Poller {
    /// Waits for one socket.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - events: What to wait for.
    ///   - timeout: How long.
    /// - Returns: What it is ready for; empty when the time is over.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ socket: borrowing Socket,
        for events: PollEvents,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollEvents {
        var wanted: Int32 = 0
        if events.contains(.readable) { wanted |= ZMQ_POLLIN }
        if events.contains(.writable) { wanted |= ZMQ_POLLOUT }
        // The socket is borrowed for the call.
        var item = unsafe zmq_pollitem_t(socket, events: wanted)
        unsafe try poll(&item, count: 1, timeout: timeout)
        var ready: PollEvents = []
        if unsafe Int32(item.revents) & ZMQ_POLLIN != 0 { ready.insert(.readable) }
        if unsafe Int32(item.revents) & ZMQ_POLLOUT != 0 { ready.insert(.writable) }
        return ready
    }

    /// Waits for a message on one socket.
    ///
    /// - Parameters:
    ///   - first: The socket.
    ///   - timeout: How long.
    /// - Returns: Whether it has one.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        try poll(first, for: .readable, timeout: timeout).isEmpty ? [] : .first
    }

    /// Waits for a message on two sockets.
    ///
    /// - Parameters:
    ///   - first: A socket.
    ///   - second: Another.
    ///   - timeout: How long.
    /// - Returns: Which have one.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        _ second: borrowing Socket,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        // The sockets are borrowed for the call, here and below.
        var items: InlineArray<2, zmq_pollitem_t> = unsafe [
            zmq_pollitem_t(first), zmq_pollitem_t(second),
        ]
        return try unsafe poll(&items, timeout: timeout)
    }

    /// Waits for a message on three sockets.
    ///
    /// - Parameters:
    ///   - first: A socket.
    ///   - second: Another.
    ///   - third: Another.
    ///   - timeout: How long.
    /// - Returns: Which have one.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        _ second: borrowing Socket,
        _ third: borrowing Socket,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        var items: InlineArray<3, zmq_pollitem_t> = unsafe [
            zmq_pollitem_t(first), zmq_pollitem_t(second), zmq_pollitem_t(third),
        ]
        return try unsafe poll(&items, timeout: timeout)
    }

    /// Waits for a message on four sockets.
    ///
    /// - Parameters:
    ///   - first: A socket.
    ///   - second: Another.
    ///   - third: Another.
    ///   - fourth: Another.
    ///   - timeout: How long.
    /// - Returns: Which have one.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        _ second: borrowing Socket,
        _ third: borrowing Socket,
        _ fourth: borrowing Socket,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        var items: InlineArray<4, zmq_pollitem_t> = unsafe [
            zmq_pollitem_t(first), zmq_pollitem_t(second), zmq_pollitem_t(third),
            zmq_pollitem_t(fourth),
        ]
        return try unsafe poll(&items, timeout: timeout)
    }

    /// Waits for a message on a socket, or for bytes in a file.
    ///
    /// - Parameters:
    ///   - first: The socket.
    ///   - descriptor: An open file, as below; it is the result's second.
    ///   - timeout: How long.
    /// - Returns: Which have something to read.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        descriptor: Int32,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        var items: InlineArray<2, zmq_pollitem_t> = unsafe [
            zmq_pollitem_t(first),
            zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
        ]
        return try unsafe poll(&items, timeout: timeout)
    }

    /// Waits for a message on two sockets, or for bytes in a file.
    ///
    /// - Parameters:
    ///   - first: A socket.
    ///   - second: Another.
    ///   - descriptor: An open file, such as an eventfd by which other threads end the wait; it
    ///     is the result's third.
    ///   - timeout: How long.
    /// - Returns: Which have something to read.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public static func poll(
        _ first: borrowing Socket,
        _ second: borrowing Socket,
        descriptor: Int32,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        // An item without a socket is a file.
        var items: InlineArray<3, zmq_pollitem_t> = unsafe [
            zmq_pollitem_t(first), zmq_pollitem_t(second),
            zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
        ]
        return try unsafe poll(&items, timeout: timeout)
    }

    private static func poll<let count: Int>(
        _ items: inout InlineArray<count, zmq_pollitem_t>,
        timeout: Duration?
    ) throws(ZeroMQError) -> PollResult {
        var span = unsafe items.mutableSpan
        // The items stay in place during the call.
        unsafe try span.withUnsafeMutableBufferPointer { buffer throws(ZeroMQError) in
            guard let base = buffer.baseAddress else { return }
            unsafe try poll(base, count: count, timeout: timeout)
        }
        var ready: PollResult = []
        for index in 0..<count where unsafe Int32(items[index].revents) & ZMQ_POLLIN != 0 {
            ready.insert(PollResult(rawValue: 1 << index))
        }
        return ready
    }

    private static func poll(
        _ items: UnsafeMutablePointer<zmq_pollitem_t>,
        count: Int,
        timeout: Duration?
    ) throws(ZeroMQError) {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var milliseconds = timeout?.zeroMQMilliseconds ?? -1
        // `items` has `count` elements whose sockets are borrowed by the caller.
        while unsafe zmq_poll(items, Int32(count), Int(milliseconds)) < 0 {
            guard zmq_errno() == EINTR else { throw ZeroMQError("poll") }
            if let deadline { milliseconds = (deadline - .now).zeroMQMilliseconds }
        }
    }
}

extension zmq_pollitem_t {
    fileprivate init(_ socket: borrowing Socket, events: Int32 = ZMQ_POLLIN) {
        // Only the functions above make an item, and they borrow the socket meanwhile.
        unsafe self.init(socket: socket.pointer, fd: -1, events: Int16(events), revents: 0)
    }
}
