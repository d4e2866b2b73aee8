internal import NIOCore
internal import Synchronization

/// One listener's queue, between whoever has an event and the task that writes to its connection.
final class StreamListener: Sendable {
    /// Events that may wait for a connection: so many seconds behind, a listener is let go.
    static let waitingMaximum = 16

    /// What is to be written, until the stream ends.
    let events: AsyncStream<ByteBuffer>
    private let queue: AsyncStream<ByteBuffer>.Continuation
    private let lastID: Mutex<String?>
    private let cutOff: @Sendable () -> Void

    /// Makes a queue.
    ///
    /// - Parameters:
    ///   - lastID: The event that the client had last; it is not sent again.
    ///   - cutOff: Ends the connection, whatever is being written to it.
    init(lastID: String?, cutOff: @escaping @Sendable () -> Void) {
        (events, queue) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.waitingMaximum)
        )
        self.lastID = Mutex(lastID)
        self.cutOff = cutOff
    }

    /// Leaves an event, unless it is the one sent last.
    ///
    /// - Returns: False where so many wait that the listener is too slow.
    func send(_ event: StreamEvent) -> Bool {
        if let id = event.id {
            let isNew = lastID.withLock { last in
                defer { last = id }
                return last != id
            }
            guard isNew else { return true }
        }
        if case .dropped = queue.yield(event.bytes) { return false }
        return true
    }

    /// Ends the stream after a last event.
    func end(with event: StreamEvent) {
        queue.yield(event.bytes)
        queue.finish()
    }

    /// Ends the stream and the connection at once.
    func drop() {
        queue.finish()
        cutOff()
    }
}
