public import JSON
internal import ZeroMQ

/// Listens to the daemon's live socket.
///
/// Use it from one thread.
public final class LiveFeed {
    /// Messages of two seconds of a screen full of bots, and to spare.
    private static let waitingMaximum = 1_000
    private static let messageByteCountMaximum = 1 << 20

    private let socket: Socket
    private var topics: Set<String> = []

    /// Connects to a live socket, now or when the daemon appears.
    ///
    /// - Parameters:
    ///   - endpoint: Such as `tcp://127.0.0.1:5564`.
    ///   - curve: The keys of an encrypted connection.
    /// - Throws: ``QueryError/badEndpoint(endpoint:reason:)``.
    public init(endpoint: String, curve: CurveClientKeys? = nil) throws(QueryError) {
        do throws(ZeroMQError) {
            socket = try Socket(
                context: try Context(),
                type: .sub,
                options: [
                    .linger(.zero),
                    .keepalive(.prompt),
                    .handshakeInterval(.seconds(5)),
                    .reconnectInterval(minimum: .milliseconds(100), maximum: .seconds(1)),
                    .receiveHighWaterMark(Self.waitingMaximum),
                    .maximumMessageByteCount(Self.messageByteCountMaximum),
                ] + (curve?.socketOptions ?? [])
            )
            try socket.connect(endpoint)
        } catch {
            throw .badEndpoint(endpoint: endpoint, reason: error.description)
        }
    }

    /// Listens to some bots and to no others.
    ///
    /// - Parameter bots: Their UUIDs.
    /// - Throws: ``QueryError/badEndpoint(endpoint:reason:)`` where ZeroMQ has come to its end.
    public func listen(to bots: some Sequence<String>) throws(QueryError) {
        let wanted = Set(bots.map { Self.prefix + $0 })
        do throws(ZeroMQError) {
            for topic in wanted.subtracting(topics) {
                try socket.set(.subscribe(Array(topic.utf8)))
            }
            for topic in topics.subtracting(wanted) {
                try socket.set(.unsubscribe(Array(topic.utf8)))
            }
        } catch {
            throw .badEndpoint(endpoint: "live", reason: error.description)
        }
        topics = wanted
    }

    /// Takes the next figures that have arrived.
    ///
    /// - Returns: A bot's UUID and its answer to `realtime`; nil where nothing waits.
    /// - Throws: ``QueryError/badEndpoint(endpoint:reason:)`` where ZeroMQ has come to its end.
    public func next() throws(QueryError) -> (bot: String, figures: JSONValue)? {
        while true {
            let frames: [[UInt8]]?
            do throws(ZeroMQError) {
                frames = try socket.receiveMultipart(wait: false)
            } catch {
                throw .badEndpoint(endpoint: "live", reason: error.description)
            }
            guard let frames else { return nil }
            let topic = String(decoding: frames[0], as: UTF8.self)
            guard frames.count == 2, topic.hasPrefix(Self.prefix),
                let figures = MessageParser.parse(frames[1])
            else { continue }
            return (String(topic.dropFirst(Self.prefix.count)), figures)
        }
    }

    private static let prefix = "realtime."
}
