internal import CPlatform
internal import Foundation
internal import OperatorLog
internal import ZeroMQ

/// The bridge's one subscription to the daemon's live socket, on a thread of its own.
final class LiveSubscriber: Sendable {
    /// Messages that may wait: with more, the oldest figures are the ones to lose.
    private static let waitingMaximum = 4_096
    private static let messageByteCountMaximum = 1 << 20

    private let subscriptions: LiveSubscriptions
    /// Signalled when the thread has ended.
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - configuration: Where the daemon's live socket is.
    ///   - subscriptions: What is wanted of it.
    ///   - log: Where it is said why the thread ended before its time.
    ///   - deliver: Takes a message: content and topic.
    /// - Throws: ``BridgeFailure/liveEndpoint(_:)`` where the endpoint is none.
    init(
        _ configuration: BridgeConfiguration,
        _ subscriptions: LiveSubscriptions,
        log: Log,
        deliver: @escaping @Sendable ([UInt8], String) -> Void
    ) throws(BridgeFailure) {
        self.subscriptions = subscriptions
        let start = StartReport<Void>()
        let thread = Thread { [ended] in
            botstats_name_thread("http-live")
            defer { ended.signal() }
            do throws(ZeroMQError) {
                let socket = try Self.connect(configuration)
                start.set(.success(()))
                do throws(ZeroMQError) {
                    try Self.run(socket, subscriptions, deliver)
                } catch {
                    log.warning("The bridge has lost its way to the live figures: \(error).")
                }
            } catch {
                start.set(.failure(.liveEndpoint(error.description)))
            }
        }
        thread.start()
        try start.wait().get()
    }

    /// Ends the thread.
    func stop() {
        subscriptions.stop()
        ended.wait()
        // Further calls find the thread ended, too.
        ended.signal()
    }

    private static func connect(
        _ configuration: BridgeConfiguration
    ) throws(ZeroMQError) -> Socket {
        let socket = try Socket(
            context: try Context(),
            type: .sub,
            options: [
                .linger(.zero),
                .receiveHighWaterMark(waitingMaximum),
                .maximumMessageByteCount(messageByteCountMaximum),
                .keepalive(Keepalive(idleSeconds: 1, intervalSeconds: 1, probeCount: 5)),
                .handshakeInterval(.seconds(5)),
                .reconnectInterval(minimum: .milliseconds(50), maximum: .milliseconds(500)),
            ] + configuration.liveOptions
        )
        try socket.connect(configuration.liveEndpoint)
        return socket
    }

    private static func run(
        _ socket: borrowing Socket,
        _ subscriptions: LiveSubscriptions,
        _ deliver: ([UInt8], String) -> Void
    ) throws(ZeroMQError) {
        var topics: Set<String> = []
        while true {
            let ready = try Poller.poll(
                socket,
                descriptor: subscriptions.wakeUp.descriptor,
                timeout: nil
            )
            if ready.contains(.second) {
                guard let wanted = subscriptions.take() else { return }
                for topic in wanted.subtracting(topics) {
                    try socket.set(.subscribe(Array(topic.utf8)))
                }
                for topic in topics.subtracting(wanted) {
                    try socket.set(.unsubscribe(Array(topic.utf8)))
                }
                topics = wanted
            }
            // A bound, so that a flood of figures does not keep subscriptions from changing.
            for _ in 0..<256 {
                guard let frames = try socket.receiveMultipart(wait: false) else { break }
                guard frames.count == 2 else { continue }
                deliver(frames[1], String(decoding: frames[0], as: UTF8.self))
            }
        }
    }
}
