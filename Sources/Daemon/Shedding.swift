internal import Synchronization
internal import ZeroMQ

/// What the guard of memory and one loop tell each other.
final class Shedding: Sendable {
    private let isOrdered = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)

    /// How often the loop has closed all its connections.
    var times: Int { count.load(ordering: .acquiring) }

    /// Notes an order to the loop.
    ///
    /// - Returns: False where it has not followed the last one yet.
    func order() -> Bool { !isOrdered.exchange(true, ordering: .relaxed) }

    /// The loop has followed the order.
    func finish() {
        isOrdered.store(false, ordering: .relaxed)
        count.add(1, ordering: .releasing)
    }
}

/// What a loop can be told through its control socket.
enum LoopOrder: String {
    /// End cleanly.
    case stop
    /// Close every connection, and go on.
    case shed
}

/// The end of a loop's control socket that tells it what to do; for one thread.
final class LoopControl {
    private let socket: Socket

    /// Connects to a loop.
    init(_ context: Context, _ endpoint: String) throws(ZeroMQError) {
        socket = try Socket(context: context, type: .push)
        try socket.connect(endpoint)
    }

    /// Tells the loop.
    func send(_ order: LoopOrder) throws(ZeroMQError) { _ = try socket.send(order.rawValue) }
}
