import Bridge
import Foundation
import OperatorLog

/// A bridge on a free port, in front of some query endpoint.
final class BridgeFixture: Sendable {
    let bridge: Bridge

    /// Starts a bridge; the closure changes its configuration before.
    init(
        _ queryEndpoint: String,
        _ change: (inout BridgeConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = BridgeConfiguration()
        configuration.queryEndpoint = queryEndpoint
        configuration.liveEndpoint = "ipc:///tmp/botstats-nobody-is-here"
        configuration.port = 0
        change(&configuration)
        bridge = try Bridge(configuration, log: .forTests)
    }

    deinit { bridge.stop() }

    /// Stops the bridge without keeping a thread from the tasks that it waits for.
    func stop() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [bridge] in
                bridge.stop()
                continuation.resume()
            }
        }
    }

    /// The address of a path under the API's base.
    func url(_ path: String) -> String { bridge.url + "/api/v1/analytics" + path }

    /// Gets a path under the API's base.
    func get(_ path: String, _ fields: [(String, String)] = []) async throws -> Answer {
        try await HTTP.request("GET", url(path), fields)
    }

    /// Gets a path of the root.
    func getRoot(_ path: String, _ fields: [(String, String)] = []) async throws -> Answer {
        try await HTTP.request("GET", bridge.url + path, fields)
    }
}

extension Log {
    /// What a test does not look at.
    static var forTests: Log { Log(format: .text, level: .error) { 0 } }
}
