internal import Simulation
internal import ZeroMQ

/// Connections that send what no honest peer would, as fast as it is taken.
///
/// What one does is a message made for its number and turn; none reads an answer unless it must.
struct HostileLoad {
    /// Makes the frames of a message, given the connection's number and how many it has sent.
    typealias Frames = (_ connection: Int, _ turn: Int) -> [[UInt8]]

    /// Holds a socket, which is not copyable, in an array.
    private final class Connection {
        let socket: Socket
        var turn = 0

        init(_ context: Context, _ type: SocketType, _ endpoint: String) throws {
            socket = try Socket(
                context: context,
                type: type,
                // A message waits here until the daemon takes the one before.
                options: [.linger(.zero), .sendHighWaterMark(1), .receiveHighWaterMark(1)]
            )
            try socket.connect(endpoint)
        }

        /// Throws the answers away that have arrived.
        func discardAnswers() throws {
            var message = Message()
            while try socket.receive(into: &message, wait: false) {}
        }
    }

    private let connections: [Connection]
    private let isReading: Bool

    /// Connects.
    ///
    /// - Parameters:
    ///   - type: `dealer` or `pub`.
    ///   - endpoint: The daemon's socket.
    ///   - count: How many connections.
    ///   - isReading: Whether answers are read; else they wait in the daemon.
    /// - Throws: A `ZeroMQError`, above all where there are not enough files.
    init(_ type: SocketType, to endpoint: String, count: Int, isReading: Bool) throws {
        let context = try Context(maxSockets: count + 16)
        connections = try (0..<count).map { _ in try Connection(context, type, endpoint) }
        self.isReading = isReading
    }

    /// Sends until a time.
    ///
    /// - Returns: How many messages were taken.
    /// - Throws: A `ZeroMQError`.
    func run(until end: ContinuousClock.Instant, _ frames: Frames) throws -> Int {
        var sent = 0
        while ContinuousClock.now < end {
            var isIdle = true
            for (number, connection) in connections.enumerated() {
                if isReading { try connection.discardAnswers() }
                let ready = try Poller.poll(connection.socket, for: .writable, timeout: .zero)
                guard !ready.isEmpty else { continue }
                let message = frames(number, connection.turn)
                if try connection.socket.sendMultipart(message, wait: false) == .sent {
                    connection.turn += 1
                    sent += 1
                    isIdle = false
                }
                if ContinuousClock.now >= end { break }
            }
            if isIdle { _ = try Poller.poll(connections[0].socket, timeout: .milliseconds(1)) }
        }
        return sent
    }
}
