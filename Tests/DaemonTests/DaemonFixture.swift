import Access
import BotstatsClient
import Core
import Daemon
import Foundation
import JSON
import LMDB
import Simulation
import Synchronization
import Testing
import ZeroMQ

/// A clock that stands until it is set.
final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    init(_ milliseconds: Int64) { self.milliseconds = Atomic(milliseconds) }

    var now: Int64 {
        get { milliseconds.load(ordering: .sequentiallyConsistent) }
        set { milliseconds.store(newValue, ordering: .sequentiallyConsistent) }
    }

    var wallClock: WallClock { WallClock { self.now } }
}

/// A real daemon in a directory of its own, on ports the system chooses.
final class DaemonFixture {
    let clock: ManualClock
    let directory: String
    var configuration = DaemonConfiguration()
    private(set) var daemon: Daemon?
    private(set) var wire: WireClient?
    private var queries: QueryClient?

    init(now: Int64, timezone: String = "UTC", timeoutSeconds: Int = 1_800) throws {
        clock = ManualClock(now)
        directory = NSTemporaryDirectory() + "botstats-\(UUID().uuidString)"
        configuration.dataDirectory = directory
        configuration.timezone = timezone
        configuration.sessionTimeoutSeconds = timeoutSeconds
        configuration.eventsEndpoint = "tcp://127.0.0.1:*"
        configuration.ingestEndpoint = "tcp://127.0.0.1:*"
        configuration.queryEndpoint = "tcp://127.0.0.1:*"
        configuration.liveEndpoint = "tcp://127.0.0.1:*"
        configuration.mapSize = 256 << 20
        configuration.access.rateLimit = 0
        configuration.minimumFreeBytes = 0
        // What survives a loss of power is not seen here, and the disk has other work.
        configuration.durability = .process
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func start() throws {
        let daemon = try Daemon(configuration, clock: clock.wallClock)
        self.daemon = daemon
        wire = try WireClient(daemon.ingestEndpoint)
        queries = try client()
    }

    /// A client with an admin's credential, perhaps one limited to some bots.
    func client(bots: Set<String>? = nil) throws -> QueryClient {
        let settings = AccessSettings()
        let minter = TokenMinter(
            secret: try SecretFile.read(settings.secretPath(in: directory)),
            issuer: settings.issuer,
            audience: settings.audience
        )
        let token = minter.mint(
            subject: "test",
            roles: ["admin"],
            bots: bots?.compactMap { UUID128($0) },
            now: clock.now,
            // Longer than any test sets its clock forward.
            lifetimeSeconds: 100 * 366 * 86_400
        )
        let endpoint = try #require(daemon).queryEndpoint
        return QueryClient(endpoint: endpoint, credential: "Bearer " + token)
    }

    func stop() {
        wire = nil
        queries = nil
        daemon?.stop()
        daemon = nil
    }

    func restart() throws {
        stop()
        try start()
    }

    /// Every store is checked when a test is done with it.
    func check() throws {
        stop()
        let differences = try StoreCheck.run(dataDirectory: directory)
        #expect(differences.isEmpty, "\(differences.prefix(8))")
    }

    /// Sets the clock and waits until the daemon has followed it.
    func advance(to now: Int64) throws {
        clock.now = max(clock.now, now)
        // The first answer comes in the turn that follows the clock, the second one after it.
        try wire?.ping()
        try wire?.ping()
    }

    func query(_ method: String, _ parameters: [String: String] = [:]) throws -> JSONValue {
        let members = parameters.sorted { $0.key < $1.key }.map { name, value in
            JSONValue.Member(name: name, value: .string(value))
        }
        let client = try #require(queries)
        return try client.request(method, params: .object(members))
    }

    /// Waits until everything is in the store.
    func waitForFold() throws {
        while try query("system.status")["events_unfolded"]?.integerValue != 0 {}
    }
}

/// A publisher that speaks the protocol by hand.
final class WireClient {
    private let context: Context
    private let socket: Socket

    init(_ endpoint: String) throws {
        context = try Context()
        socket = try Socket(
            context: context,
            type: .dealer,
            options: [.linger(.zero), .receiveTimeout(.seconds(20))]
        )
        try socket.connect(endpoint)
    }

    func send(_ frames: [String]) throws {
        _ = try socket.sendMultipart(frames.map { Array($0.utf8) })
    }

    func send(bytes frames: [[UInt8]]) throws { _ = try socket.sendMultipart(frames) }

    /// The command word and header of the next answer.
    func receive() throws -> (command: String, header: JSONValue) {
        let frames = try #require(try socket.receiveMultipart(), "the daemon does not answer")
        return (
            String(decoding: frames[0], as: UTF8.self),
            try JSONValue(parsing: frames.count > 1 ? frames[1] : [])
        )
    }

    func ask(_ frames: [String]) throws -> (command: String, header: JSONValue) {
        try send(frames)
        return try receive()
    }

    func ping() throws {
        let answer = try ask(["PING", "{}"])
        #expect(answer.command == "PONG")
    }

    /// Says HELLO; returns the epoch and the watermark.
    @discardableResult
    func hello(_ producer: String, epoch: Int64? = nil) throws -> (epoch: Int64, committed: Int64) {
        let resume = epoch.map { #","epoch":\#($0)"# } ?? ""
        let answer = try ask(["HELLO", #"{"protocol":1,"producer":"\#(producer)"\#(resume)}"#])
        #expect(answer.command == "WELCOME", "\(answer.header.serialized())")
        return (
            try #require(answer.header["epoch"]?.integerValue),
            try #require(answer.header["committed_seq"]?.integerValue)
        )
    }

    func sendEvents(
        _ producer: String,
        epoch: Int64,
        first: Int64,
        _ lines: [String],
        checkpoint: String? = nil
    ) throws {
        let position = checkpoint.map { #","checkpoint":"\#($0)""# } ?? ""
        try send([
            "EVENTS",
            #"{"producer":"\#(producer)","epoch":\#(epoch),"first_seq":\#(first),"#
                + #""count":\#(lines.count)\#(position)}"#,
            lines.joined(separator: "\n"),
        ])
    }

    /// Sends a batch and waits for the ACK that covers it; returns the ACKs' sums.
    @discardableResult
    func publish(
        _ producer: String,
        epoch: Int64,
        first: Int64,
        _ lines: [String],
        checkpoint: String? = nil
    ) throws -> (accepted: Int64, rejected: Int64) {
        try sendEvents(producer, epoch: epoch, first: first, lines, checkpoint: checkpoint)
        var sums: (accepted: Int64, rejected: Int64) = (0, 0)
        while true {
            let answer = try receive()
            try #require(answer.command == "ACK", "\(answer.header.serialized())")
            sums.accepted += answer.header["accepted"]?.integerValue ?? 0
            sums.rejected += answer.header["rejected"]?.integerValue ?? 0
            let committed = try #require(answer.header["committed_seq"]?.integerValue)
            if committed >= first + Int64(lines.count) - 1 { return sums }
        }
    }
}
