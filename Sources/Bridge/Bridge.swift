internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import NIOCore
internal import NIOSSL
public import OperatorLog
internal import ServiceLifecycle
internal import Synchronization

/// REST over the daemon's query socket.
///
/// The bridge is a client of the daemon like any other: it forwards credentials and figures, and
/// decides nothing.
public final class Bridge: Sendable {
    /// The port that is bound.
    public let port: Int

    private let configuration: BridgeConfiguration
    private let log: Log
    private let gateway: QueryGateway
    private let live: LiveSubscriber
    private let services: ServiceGroup
    private let run: Task<Void, Never>
    /// Signalled when the server has ended.
    private let ended: DispatchSemaphore

    /// Starts the bridge; it serves when this returns, whether the daemon is there or not.
    ///
    /// - Parameters:
    ///   - configuration: Everything it can be told.
    ///   - log: Where requests, warnings and the address are written.
    /// - Throws: ``BridgeFailure``.
    public init(_ configuration: BridgeConfiguration, log: Log) throws(BridgeFailure) {
        let problems = configuration.problems
        guard problems.isEmpty else { throw .configuration(problems) }
        self.configuration = configuration
        self.log = log
        let server = try ServerSettings.server(configuration)
        gateway = try QueryGateway(configuration, log: log)
        let subscriptions = LiveSubscriptions()
        let streams = StreamHub(limits: configuration.streams, subscriptions: subscriptions)
        do throws(BridgeFailure) {
            live = try LiveSubscriber(configuration, subscriptions, log: log) { content, topic in
                streams.deliver(content, on: topic)
            }
        } catch {
            gateway.stop()
            throw error
        }
        // A daemon that is there is connected before the first request can come.
        gateway.waitForConnection(seconds: 1)
        let start = StartReport<Int>()
        let application = Self.application(configuration, server, gateway, streams, log, start)
        // The last one stops first: streams end before the server waits for its connections.
        let service = StreamService(
            hub: streams,
            gateway: gateway,
            limits: configuration.streams
        )
        let services = ServiceGroup(services: [application, service], logger: log.serverLogger)
        let ended = DispatchSemaphore(value: 0)
        self.services = services
        self.ended = ended
        run = Task.detached {
            do {
                try await services.run()
            } catch {
                start.set(.failure(ServerSettings.failure(error, configuration)))
            }
            ended.signal()
        }
        do {
            port = try start.wait().get()
        } catch {
            gateway.stop()
            live.stop()
            throw error
        }
    }

    /// How many requests wait for the daemon.
    public var pendingRequestCount: Int { gateway.pendingCount }

    /// Where the bridge is reached.
    public var url: String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.isEncrypted ? "https" : "http")://\(host):\(port)"
    }

    /// Writes what an operator waits for: where it is reached, and what is dangerous about that.
    public func announce() {
        log.notice("HTTP on \(url)\(Routes.base), documentation at \(url)/docs")
        if !configuration.isLocal, !configuration.isEncrypted {
            log.warning(
                "HTTP on \(configuration.host) is not encrypted: others can read credentials and "
                    + "figures; give --tls-cert and --tls-key, or bind 127.0.0.1 behind a proxy."
            )
        }
    }

    /// Stops: requests under way are answered, then connections end.
    public func stop() {
        Task.detached { [services] in await services.triggerGracefulShutdown() }
        let patience = configuration.stopTimeout.components
        let seconds = Double(patience.seconds) + Double(patience.attoseconds) * 1e-18
        if ended.wait(timeout: .now() + seconds) == .timedOut {
            // Whoever still waits for the daemon is told so, and has a moment to read it.
            gateway.stop()
            if ended.wait(timeout: .now() + 0.5) == .timedOut { run.cancel() }
        }
        // Further calls find it ended, too.
        ended.signal()
        gateway.stop()
        live.stop()
    }

    private static func application(
        _ configuration: BridgeConfiguration,
        _ server: HTTPServerBuilder,
        _ gateway: QueryGateway,
        _ streams: StreamHub,
        _ log: Log,
        _ start: StartReport<Int>
    ) -> Application<BridgeResponder> {
        let metrics = BridgeMetrics()
        let logger = log.serverLogger
        return Application(
            responder: BridgeResponder(
                configuration: configuration,
                gateway: gateway,
                operation: OperationPages(
                    gateway: gateway,
                    bridgeMetrics: metrics,
                    streams: streams,
                    timeout: configuration.probeTimeout
                ),
                metrics: metrics,
                log: log,
                crossOrigin: CrossOrigin(configuration.origins),
                streams: streams
            ),
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.connectionMaximum,
                    logger: logger
                )
            ),
            onServerRunning: { channel in
                start.set(.success(channel.localAddress?.port ?? configuration.port))
            },
            logger: logger
        )
    }
}
