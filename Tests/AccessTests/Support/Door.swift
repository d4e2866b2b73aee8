import Access
import Daemon
import Foundation
import JSON
import Synchronization
import Testing
import ZeroMQ

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
    private let milliseconds = Atomic<Int64>(Forge.now)

    func advance(by value: Int64) {
        milliseconds.wrappingAdd(value, ordering: .sequentiallyConsistent)
    }

    var wallClock: WallClock {
        WallClock { self.milliseconds.load(ordering: .sequentiallyConsistent) }
    }
}

/// A daemon in this process that asks for credentials, and somebody who asks it.
final class Door {
    let forge: Forge
    let clock = ManualClock()
    private let directory: TemporaryDirectory
    private let configuration: DaemonConfiguration
    private let context: Context
    private var daemon: Daemon?
    private var socket: Socket

    init(rateLimit: Int = 0, _ change: (inout AccessSettings) -> Void = { _ in }) throws {
        forge = try Forge()
        directory = try TemporaryDirectory()
        var configuration = DaemonConfiguration()
        configuration.dataDirectory = directory.path + "/data"
        configuration.ingestEndpoint = "tcp://127.0.0.1:*"
        configuration.eventsEndpoint = "tcp://127.0.0.1:*"
        configuration.queryEndpoint = "tcp://127.0.0.1:*"
        configuration.liveEndpoint = "tcp://127.0.0.1:*"
        configuration.mapSize = 64 << 20
        configuration.minimumFreeBytes = 0
        configuration.access.rateLimit = rateLimit
        configuration.access.secretFile = try directory.write(forge.secret + "\n", to: "secret")
        configuration.access.jwksFile = try directory.write(try forge.jwks(), to: "jwks.json")
        change(&configuration.access)
        self.configuration = configuration
        context = try Context()
        let daemon = try Daemon(configuration, clock: clock.wallClock)
        self.daemon = daemon
        socket = try Self.connect(context, daemon)
        // Until the realtime window is there, its methods are refused for another reason.
        while try exchange("system.status", nil, nil)["result"]?["ready"] != true {}
    }

    deinit { daemon?.stop() }

    private static func connect(_ context: Context, _ daemon: Daemon) throws -> Socket {
        let socket = try Socket(
            context: context,
            type: .dealer,
            options: [.linger(.zero), .receiveTimeout(.seconds(20))]
        )
        try socket.connect(daemon.queryEndpoint)
        return socket
    }

    /// Stops the daemon and starts another on the same directory.
    func restart() throws {
        daemon?.stop()
        daemon = nil
        let next = try Daemon(configuration, clock: clock.wallClock)
        daemon = next
        socket = try Self.connect(context, next)
    }

    /// Sends frames and returns those of the answer.
    func exchange(_ frames: [[UInt8]]) throws -> [JSONValue] {
        _ = try socket.sendMultipart(frames)
        let answer = try #require(try socket.receiveMultipart(), "no answer")
        return try answer.map { try JSONValue(parsing: $0) }
    }

    func exchange(
        _ method: String,
        _ params: JSONValue?,
        _ credential: String?
    ) throws -> JSONValue {
        var request: [JSONValue.Member] = [
            JSONValue.Member(name: "jsonrpc", value: "2.0"), JSONValue.Member(name: "id", value: 7),
            JSONValue.Member(name: "method", value: .string(method)),
        ]
        if let params { request.append(JSONValue.Member(name: "params", value: params)) }
        var frames = [JSONValue.object(request).serializedBytes()]
        if let credential { frames.append(Array(credential.utf8)) }
        let answer = try exchange(frames)
        #expect(answer.count == 1)
        return try #require(answer.first)
    }

    /// What becomes of a request: `ok`, or the code and token of its refusal.
    func outcome(
        _ method: String,
        _ params: JSONValue? = nil,
        _ credential: String?
    ) throws -> String {
        Self.outcome(try exchange(method, params, credential))
    }

    static func outcome(_ answer: JSONValue) -> String {
        if answer["result"] != nil { return "ok" }
        let error = answer["error"]
        let token = error?["data"]?["error"]?.stringValue ?? "no token"
        return "\(error?["code"]?.integerValue ?? 0) \(token)"
    }

    /// Makes an API key; returns it with its id.
    func makeKey(_ params: JSONValue) throws -> (key: String, id: String) {
        let admin = "Bearer " + forge.hs256(Forge.claims(["roles": ["admin"]]))
        let result = try #require(try exchange("keys.create", params, admin)["result"])
        return (
            try #require(result["key"]?.stringValue), try #require(result["id"]?.stringValue)
        )
    }
}
