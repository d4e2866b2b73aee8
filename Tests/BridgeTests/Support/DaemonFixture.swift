import Access
import BotstatsClient
import Core
import Daemon
import Foundation
import JSON
import Synchronization
import Testing

/// A daemon in this process on free ports, whose clock stands until it is moved.
final class DaemonFixture {
    /// 2025-06-01T12:00:00Z.
    static let start: Int64 = 1_748_779_200_000

    var queryEndpoint: String { daemon.queryEndpoint }
    var liveEndpoint: String { daemon.liveEndpoint }

    private let directory: TemporaryDirectory
    private let clock = Clock()
    private let daemon: Daemon
    private let secretPath: String

    /// Starts a daemon; the closure says what it asks of callers, nothing unless told otherwise.
    init(_ change: (inout AccessSettings) -> Void = { $0.isRequired = false }) throws {
        directory = try TemporaryDirectory()
        var configuration = DaemonConfiguration()
        configuration.dataDirectory = directory.path + "/data"
        configuration.ingestEndpoint = "tcp://127.0.0.1:*"
        configuration.eventsEndpoint = "tcp://127.0.0.1:*"
        configuration.queryEndpoint = "tcp://127.0.0.1:*"
        configuration.liveEndpoint = "tcp://127.0.0.1:*"
        configuration.mapSize = 64 << 20
        configuration.minimumFreeBytes = 0
        change(&configuration.access)
        secretPath = configuration.access.secretPath(in: configuration.dataDirectory)
        daemon = try Daemon(configuration, clock: WallClock { [clock] in clock.now })
    }

    deinit { daemon.stop() }

    /// Moves the clock forward.
    func advance(seconds: Int64) { clock.advance(seconds * 1_000) }

    /// The value of an `Authorization` header that the daemon takes for an hour, which begins so
    /// many seconds from now; each is another.
    func credential(
        _ roles: [String],
        bots: [String]? = nil,
        since: Int64 = 0
    ) throws -> String {
        let minter = TokenMinter(
            secret: try SecretFile.read(secretPath),
            issuer: "general-bots",
            audience: "general-bots-api"
        )
        return "Bearer "
            + minter.mint(
                subject: UUID().uuidString,
                roles: roles,
                bots: bots?.compactMap { UUID128($0) },
                now: clock.now + since * 1_000,
                lifetimeSeconds: 3_600
            )
    }

    /// Waits until the realtime figures are there.
    func waitUntilReady() throws {
        while try ask("system.status")["ready"] != true {}
    }

    /// Publishes events, one JSON object a line, and waits until they count.
    func publish(_ lines: [String]) throws { try Events.publish(lines, to: daemon.ingestEndpoint) }

    /// What the query socket itself answers.
    func ask(_ method: String, _ parameters: JSONValue = .object([])) throws -> JSONValue {
        try QueryClient(endpoint: queryEndpoint).request(method, params: parameters)
    }

    private final class Clock: Sendable {
        private let milliseconds = Atomic<Int64>(DaemonFixture.start)

        var now: Int64 { milliseconds.load(ordering: .relaxed) }

        func advance(_ by: Int64) { milliseconds.add(by, ordering: .relaxed) }
    }
}

/// Events for tests.
enum Events {
    static let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"

    /// A message of a user of its own, in a session of its own, for each number; number n is n
    /// hours old.
    static func messages(
        _ numbers: some Sequence<Int>,
        before moment: Int64 = DaemonFixture.start
    ) -> [String] {
        numbers.map { number in
            let tail = String(number, radix: 16)
            let digits = String(repeating: "0", count: 12 - tail.count) + tail
            return #"{"type":"message","role":"user","bot_id":"\#(bot)","channel":"whatsapp","#
                + #""user_id":"11111111-2222-4333-8444-\#(digits)","#
                + #""session_id":"aaaaaaaa-bbbb-4ccc-8ddd-\#(digits)","#
                + #""timestamp":\#(moment - Int64(number) * 3_600_000)}"#
        }
    }

    /// Publishes lines through the acknowledged socket.
    static func publish(_ lines: [String], to endpoint: String) throws {
        var configuration = PublisherConfiguration(producer: "test-\(UUID().uuidString)")
        configuration.patience = .seconds(30)
        let publisher = Publisher(endpoint: endpoint, configuration: configuration)
        for line in lines { try publisher.publish(line: Array(line.utf8)) }
        let totals = try publisher.close()
        #expect(totals.accepted == Int64(lines.count))
    }
}

/// A directory that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appendingPathComponent("botstats-bridge-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A file of the repository.
func repositoryFile(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../\(path)")
        .standardized
}
