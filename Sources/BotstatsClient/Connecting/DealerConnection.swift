internal import ZeroMQ

/// A DEALER socket connected to one endpoint.
///
/// It never sets a routing id: the daemon tells connections apart by itself, and an id given
/// twice would make it refuse the newer one.
final class DealerConnection: FrameConnection {
    /// The largest answer worth reading; a report's figures are a few megabytes.
    private static let messageByteCountMaximum = 256 << 20

    private let dealer: MonitoredSocket
    private let endpoint: String
    private let curve: CurveClientKeys?
    /// How many handshakes in a row the other side has cut off.
    private var cutOffCount = 0

    init(
        context: Context,
        endpoint: String,
        curve: CurveClientKeys?
    ) throws(ConnectionError) {
        self.endpoint = endpoint
        self.curve = curve
        do {
            let options: [SocketOption] = [
                // What matters is sent again on the next connection; nothing is worth keeping the
                // process alive for.
                .linger(.zero),
                .keepalive(.prompt),
                .handshakeInterval(.seconds(5)),
                .reconnectInterval(minimum: .milliseconds(100), maximum: .seconds(1)),
                .maximumMessageByteCount(Self.messageByteCountMaximum),
            ]
            dealer = try MonitoredSocket(
                context: context,
                type: .dealer,
                options: options + (curve?.socketOptions ?? [])
            )
            try dealer.socket.connect(endpoint)
        } catch {
            throw ConnectionError(reason: error.description)
        }
    }

    func send(_ frames: [[UInt8]]) throws(ConnectionError) -> Bool {
        do {
            return try dealer.socket.sendMultipart(frames, wait: false) == .sent
        } catch {
            throw ConnectionError(reason: error.description)
        }
    }

    func receive(waitingMilliseconds milliseconds: Int) throws(ConnectionError) -> [[UInt8]]? {
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(milliseconds)
        do {
            while true {
                if let frames = try dealer.socket.receiveMultipart(wait: false) { return frames }
                try followConnections()
                let wait = end - clock.now
                guard wait > .zero else { return nil }
                _ = try Poller.poll(dealer.socket, dealer.events, timeout: wait)
            }
        } catch let error as ConnectionError {
            throw error
        } catch {
            throw ConnectionError(reason: "\(error)")
        }
    }

    // MARK: - Handshakes

    /// Learns from ZeroMQ why nothing can arrive, so that nobody waits in vain.
    private func followConnections() throws {
        while let event = try dealer.nextEvent() {
            switch event {
            case .connected: cutOffCount = 0
            case .cutOff: cutOffCount += 1
            case .disconnected: break
            case .refused: throw ConnectionError(reason: refusal, isRefused: true)
            case .mechanismMismatch: throw ConnectionError(reason: mismatch, isRefused: true)
            case .failed:
                throw ConnectionError(
                    reason: "what answers at \(endpoint) does not speak ZeroMQ's protocol, so name "
                        + "the daemon's endpoint",
                    isRefused: true
                )
            }
        }
    }

    private var refusal: String {
        let key = curve.map { "the key \($0.publicKey)" } ?? "a connection without a key"
        return "the daemon at \(endpoint) refused \(key); put its public file into the daemon's "
            + "--curve-clients-dir"
    }

    private var mismatch: String {
        curve == nil
            ? "the daemon at \(endpoint) asks for CURVE keys; give --curve-server-key and "
                + "--curve-secret-key-file"
            : "the daemon at \(endpoint) uses no CURVE keys; leave out --curve-server-key and "
                + "--curve-secret-key-file"
    }

    /// A server that does not have the secret of the key it was addressed by cannot say so; and one
    /// that uses another mechanism may hang up before it is understood.
    var suspicion: String? {
        guard cutOffCount > 1 else { return nil }
        let guess =
            if let curve {
                "is \(curve.serverKey) its key (--curve-server-key), and does it use CURVE at all?"
            } else {
                "if the daemon asks for CURVE keys there, give --curve-server-key and "
                    + "--curve-secret-key-file"
            }
        return "no answer from \(endpoint): connections are closed at once; \(guess)"
    }
}

/// Makes the connections of one client, all in one context.
struct ConnectionFactory {
    private let endpoint: String
    private let curve: CurveClientKeys?
    private var context: Context?

    init(endpoint: String, curve: CurveClientKeys?) {
        self.endpoint = endpoint
        self.curve = curve
    }

    /// Connects, now or when the daemon appears.
    ///
    /// - Returns: A fresh connection.
    /// - Throws: ``ConnectionError`` when the endpoint is none.
    mutating func connect() throws(ConnectionError) -> any FrameConnection {
        guard !endpoint.isEmpty else {
            throw ConnectionError(reason: "the endpoint is empty, so name one")
        }
        if let context {
            return try DealerConnection(context: context, endpoint: endpoint, curve: curve)
        }
        do {
            let context = try Context()
            self.context = context
            return try DealerConnection(context: context, endpoint: endpoint, curve: curve)
        } catch let error as ConnectionError {
            throw error
        } catch {
            throw ConnectionError(reason: "\(error)")
        }
    }
}
