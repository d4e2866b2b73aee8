import Access
import Daemon
import Foundation
import JSON
import Testing
import ZeroMQ

/// A directory that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appendingPathComponent("botstats-protocol-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A daemon in this process, on free ports, with a clock of its own.
final class TestDaemon {
    let clock: ManualClock
    let directory: TemporaryDirectory
    var configuration: DaemonConfiguration
    private(set) var context: Context
    private var daemon: Daemon?

    /// Starts a daemon on a new store; the closure changes its configuration before.
    init(
        clock: ManualClock = ManualClock(),
        _ change: (inout DaemonConfiguration) -> Void = { _ in }
    ) throws {
        self.clock = clock
        directory = try TemporaryDirectory()
        configuration = Self.configuration(directory.path)
        change(&configuration)
        context = try Context()
        daemon = try Daemon(configuration, clock: clock.wallClock)
    }

    deinit { daemon?.stop() }

    /// The configuration of a daemon that disturbs no other.
    static func configuration(_ path: String) -> DaemonConfiguration {
        var configuration = DaemonConfiguration()
        configuration.dataDirectory = path + "/data"
        configuration.ingestEndpoint = "tcp://127.0.0.1:*"
        configuration.eventsEndpoint = "tcp://127.0.0.1:*"
        configuration.queryEndpoint = "tcp://127.0.0.1:*"
        configuration.liveEndpoint = "tcp://127.0.0.1:*"
        configuration.mapSize = 64 << 20
        configuration.access.isRequired = false
        configuration.minimumFreeBytes = 0
        return configuration
    }

    private var running: Daemon {
        guard let daemon else { preconditionFailure("the test has stopped its daemon") }
        return daemon
    }

    var ingestEndpoint: String { running.ingestEndpoint }
    var eventsEndpoint: String { running.eventsEndpoint }
    var queryEndpoint: String { running.queryEndpoint }
    var liveEndpoint: String { running.liveEndpoint }

    /// Stops the daemon and compares everything derived in its store with the conversations.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) throws {
        daemon?.stop()
        daemon = nil
        let differences = try StoreCheck.run(dataDirectory: configuration.dataDirectory)
        #expect(differences.isEmpty, sourceLocation: sourceLocation)
    }

    /// Stops the daemon and starts another on the same store.
    func restart(_ change: (inout DaemonConfiguration) -> Void = { _ in }) throws {
        daemon?.stop()
        daemon = nil
        change(&configuration)
        daemon = try Daemon(configuration, clock: clock.wallClock)
    }

    /// A connection to the ingest socket.
    func publisher() throws -> IngestPeer {
        try IngestPeer(context, running.ingestEndpoint)
    }

    /// A connection to the ingest socket that has said HELLO.
    func publisher(named producer: String, epoch: Int64? = nil) throws -> IngestPeer {
        let peer = try publisher()
        try peer.hello(producer, epoch: epoch)
        return peer
    }

    /// A DEALER connection to the query socket.
    func asker() throws -> QueryPeer { try QueryPeer(context, running.queryEndpoint) }

    /// Asks one question on a connection of its own.
    func ask(_ method: String, _ parameters: JSONValue = .object([])) throws -> JSONValue {
        try asker().ask(method, parameters)
    }

    /// Asks until exactly these things keep the daemon from being ready; nothing tells when it
    /// has rebuilt the realtime window.
    func awaitNotReady(
        _ expected: [JSONValue],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let peer = try asker()
        var status = JSONValue.null
        for _ in 0..<20_000 {
            status = try peer.ask("system.status")
            if status["not_ready"]?.arrayValue == expected { break }
        }
        #expect(status["not_ready"]?.arrayValue == expected, sourceLocation: sourceLocation)
        #expect(status["ready"] == .bool(expected.isEmpty), sourceLocation: sourceLocation)
    }

    /// A count of `system.status`.
    func count(_ name: String) throws -> Int64 {
        try #require(try ask("system.status")[name]?.integerValue, "system.status has no \(name)")
    }
}
