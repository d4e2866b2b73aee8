internal import CZeroMQ

/// What became of a send.
public enum SendResult: Sendable, Equatable {
    /// ZeroMQ has the message.
    case sent
    /// The high water mark or the timeout was reached; the message was not taken.
    case wouldBlock
    /// A mandatory router does not know the peer; the message was not taken.
    case unroutable
}

extension Socket {
    /// Receives one part.
    ///
    /// - Parameters:
    ///   - message: What to receive into; its old content is dropped.
    ///   - wait: Whether to wait, at most the receive timeout.
    /// - Returns: Whether there was one.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func receive(
        into message: inout Message,
        wait: Bool = true
    ) throws(ZeroMQError) -> Bool {
        while true {
            // Both handles are live; the old content is released by ZeroMQ.
            if unsafe zmq_msg_recv(message.pointer, pointer, wait ? 0 : ZMQ_DONTWAIT) >= 0 {
                return true
            }
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw ZeroMQError("receive")
            }
        }
    }

    /// Sends a copy of some bytes as one part.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - more: Whether another part of the same message follows.
    ///   - wait: Whether to wait, at most the send timeout.
    /// - Returns: What became of it.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func send(
        _ bytes: RawSpan,
        more: Bool = false,
        wait: Bool = true
    ) throws(ZeroMQError) -> SendResult {
        let flags = (more ? ZMQ_SNDMORE : 0) | (wait ? 0 : ZMQ_DONTWAIT)
        while true {
            // The handle is live, and ZeroMQ copies the bytes during the call.
            let code = unsafe bytes.withUnsafeBytes {
                unsafe zmq_send(pointer, $0.baseAddress, $0.count, flags)
            }
            if let result = try Self.result(of: code) { return result }
        }
    }

    /// Sends a copy of some bytes as one part.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - more: Whether another part of the same message follows.
    ///   - wait: Whether to wait, at most the send timeout.
    /// - Returns: What became of it.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func send(
        _ bytes: [UInt8],
        more: Bool = false,
        wait: Bool = true
    ) throws(ZeroMQError) -> SendResult {
        // UInt8 has no padding, so every byte is initialised.
        try unsafe send(bytes.span.bytes, more: more, wait: wait)
    }

    /// Sends the UTF-8 of a text as one part.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - more: Whether another part of the same message follows.
    ///   - wait: Whether to wait, at most the send timeout.
    /// - Returns: What became of it.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func send(
        _ text: String,
        more: Bool = false,
        wait: Bool = true
    ) throws(ZeroMQError) -> SendResult {
        try send(Array(text.utf8), more: more, wait: wait)
    }

    /// Sends a message without copying it.
    ///
    /// - Parameters:
    ///   - message: The message, dropped when it is not taken.
    ///   - more: Whether another part of the same message follows.
    ///   - wait: Whether to wait, at most the send timeout.
    /// - Returns: What became of it.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func send(
        _ message: consuming Message,
        more: Bool = false,
        wait: Bool = true
    ) throws(ZeroMQError) -> SendResult {
        let flags = (more ? ZMQ_SNDMORE : 0) | (wait ? 0 : ZMQ_DONTWAIT)
        while true {
            // Both handles are live; a message that was taken is left empty for its deinit.
            let code = unsafe zmq_msg_send(message.pointer, pointer, flags)
            if let result = try Self.result(of: code) { return result }
        }
    }

    /// Receives all parts of a message; for clients and tests.
    ///
    /// - Parameter wait: Whether to wait, at most the receive timeout.
    /// - Returns: The parts, or nil when there was no message.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func receiveMultipart(wait: Bool = true) throws(ZeroMQError) -> [[UInt8]]? {
        var message = Message()
        var parts: [[UInt8]] = []
        guard try receive(into: &message, wait: wait) else { return nil }
        parts.append(message.copied())
        // The parts of a message arrive together, so the rest is there without waiting.
        while message.hasMore, try receive(into: &message) { parts.append(message.copied()) }
        return parts
    }

    /// Sends all parts of a message; for clients and tests.
    ///
    /// - Parameters:
    ///   - parts: The parts, at least one.
    ///   - wait: Whether to wait, at most the send timeout.
    /// - Returns: What became of it; ZeroMQ takes all parts or none.
    /// - Throws: ``ZeroMQError``, above all ``ZeroMQError/Kind/terminated``.
    public func sendMultipart(
        _ parts: [[UInt8]],
        wait: Bool = true
    ) throws(ZeroMQError) -> SendResult {
        precondition(!parts.isEmpty, "a message has at least one part")
        for (index, part) in parts.enumerated() {
            let result = try send(part, more: index < parts.count - 1, wait: wait)
            guard result == .sent else { return result }
        }
        return .sent
    }

    /// The result of a send, or nil when a signal interrupted it.
    private static func result(of code: Int32) throws(ZeroMQError) -> SendResult? {
        if code >= 0 { return .sent }
        switch zmq_errno() {
        case EINTR: return nil
        case EAGAIN: return .wouldBlock
        case EHOSTUNREACH: return .unroutable
        default: throw ZeroMQError("send")
        }
    }
}
