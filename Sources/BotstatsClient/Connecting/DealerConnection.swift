internal import ZeroMQ

/// A DEALER socket connected to one endpoint.
///
/// It never sets a routing id: the daemon tells connections apart by itself, and an id given
/// twice would make it refuse the newer one.
final class DealerConnection: FrameConnection {
    /// The largest answer worth reading; a report's figures are a few megabytes.
    private static let messageByteCountMaximum = 256 << 20

    private let socket: Socket

    init(context: Context, endpoint: String) throws(ConnectionError) {
        do {
            socket = try Socket(
                context: context,
                type: .dealer,
                options: [
                    // What matters is sent again on the next connection; nothing is worth
                    // keeping the process alive for.
                    .linger(.zero),
                    .keepalive(.prompt),
                    .handshakeInterval(.seconds(5)),
                    .reconnectInterval(minimum: .milliseconds(100), maximum: .seconds(1)),
                    .maximumMessageByteCount(Self.messageByteCountMaximum),
                ]
            )
            try socket.connect(endpoint)
        } catch {
            throw ConnectionError(reason: error.description)
        }
    }

    func send(_ frames: [[UInt8]]) throws(ConnectionError) -> Bool {
        do {
            return try socket.sendMultipart(frames, wait: false) == .sent
        } catch {
            throw ConnectionError(reason: error.description)
        }
    }

    func receive(waitingMilliseconds milliseconds: Int) throws(ConnectionError) -> [[UInt8]]? {
        do {
            if let frames = try socket.receiveMultipart(wait: false) { return frames }
            guard milliseconds > 0 else { return nil }
            let wait = Duration.milliseconds(milliseconds)
            guard try Poller.poll(socket, timeout: wait).contains(.first) else { return nil }
            return try socket.receiveMultipart(wait: false)
        } catch {
            throw ConnectionError(reason: error.description)
        }
    }
}

/// Makes the connections of one client, all in one context.
struct ConnectionFactory {
    private let endpoint: String
    private var context: Context?

    init(endpoint: String) { self.endpoint = endpoint }

    /// Connects, now or when the daemon appears.
    ///
    /// - Returns: A fresh connection.
    /// - Throws: ``ConnectionError`` when the endpoint is none.
    mutating func connect() throws(ConnectionError) -> any FrameConnection {
        guard !endpoint.isEmpty else {
            throw ConnectionError(reason: "the endpoint is empty, so name one")
        }
        if let context { return try DealerConnection(context: context, endpoint: endpoint) }
        do {
            let context = try Context()
            self.context = context
            return try DealerConnection(context: context, endpoint: endpoint)
        } catch let error as ConnectionError {
            throw error
        } catch {
            throw ConnectionError(reason: "\(error)")
        }
    }
}
