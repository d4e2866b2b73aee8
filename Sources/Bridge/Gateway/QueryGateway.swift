internal import CPlatform
internal import Foundation
internal import Synchronization
internal import ZeroMQ
internal import OperatorLog

/// The way to the daemon: one thread with a DEALER socket, many questions under way.
///
/// Tasks hand questions in and are resumed by their answers. The thread waits for nothing but its
/// sockets, so one slow answer holds no other up.
final class QueryGateway: Sendable {
    private let queue: GatewayQueue
    private let connection = ConnectionState()
    /// Signalled when the thread has ended.
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - configuration: Where the daemon is, and how many questions may wait.
    ///   - log: Where it is said why the thread ended before its time.
    /// - Throws: ``BridgeFailure/queryEndpoint(_:)`` where the endpoint is none.
    init(_ configuration: BridgeConfiguration, log: Log) throws(BridgeFailure) {
        queue = GatewayQueue(pendingMaximum: configuration.pendingRequestMaximum)
        let start = StartReport<Void>()
        let thread = Thread { [queue, connection, ended] in
            botstats_name_thread("http-gateway")
            defer { ended.signal() }
            do throws(ZeroMQError) {
                var loop = try GatewayLoop.connect(
                    configuration,
                    queue: queue,
                    connection: connection,
                    log: log
                )
                start.set(.success(()))
                do throws(ZeroMQError) {
                    try loop.run()
                } catch {
                    loop.abandon()
                    log.warning("The bridge has lost its way to the daemon: \(error).")
                }
            } catch {
                start.set(.failure(.queryEndpoint(error.description)))
            }
        }
        thread.start()
        try start.wait().get()
    }

    /// Whether the daemon is connected.
    var isConnected: Bool { connection.isConnected }

    /// Questions under way.
    var pendingCount: Int { queue.pendingCount }

    /// Waits until the daemon is connected.
    ///
    /// - Parameter seconds: How long.
    func waitForConnection(seconds: Double) { connection.wait(seconds: seconds) }

    /// Asks the daemon.
    ///
    /// - Parameter inquiry: The question.
    /// - Returns: What became of it, at the latest after its time-out.
    func ask(_ inquiry: Inquiry) async -> Outcome {
        let deadline = ContinuousClock.now + inquiry.timeout
        return await withCheckedContinuation { continuation in
            queue.submit(
                GatewayQueue.Submission(
                    inquiry: inquiry,
                    deadline: deadline,
                    continuation: continuation
                )
            )
        }
    }

    /// Ends the thread; questions under way are answered with ``Outcome/stopping``.
    func stop() {
        queue.stop()
        ended.wait()
        // Further calls find the thread ended, too.
        ended.signal()
    }
}

/// Whether the daemon is connected, and the wait for that.
final class ConnectionState: Sendable {
    private let state = Mutex(false)
    private let changed = DispatchSemaphore(value: 0)

    var isConnected: Bool { state.withLock { $0 } }

    func set(_ isConnected: Bool) {
        state.withLock { $0 = isConnected }
        if isConnected { changed.signal() }
    }

    func wait(seconds: Double) {
        guard !isConnected else { return }
        _ = changed.wait(timeout: .now() + seconds)
    }
}

/// What a thread or task that was started says about its start.
final class StartReport<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, BridgeFailure>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    /// Says it; the first word counts.
    func set(_ value: Result<Value, BridgeFailure>) {
        let isFirst = result.withLock { result in
            guard result == nil else { return false }
            result = value
            return true
        }
        if isFirst { isThere.signal() }
    }

    /// Waits for it.
    func wait() -> Result<Value, BridgeFailure> {
        isThere.wait()
        guard let value = result.withLock({ $0 }) else {
            preconditionFailure("the signal follows the result")
        }
        return value
    }
}
