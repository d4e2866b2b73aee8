import AsyncHTTPClient
import Bridge
import NIOCore
import NIOHTTP1
import OperatorLog
import Synchronization
import Testing

/// The daemon dies under the bridge and comes back.
@Suite struct BridgeRecoveryTests {
    @Test func `a daemon that is killed and comes back leaves only 503s in between`() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(directory: directory.path)
        try daemon.startAndWait()
        var configuration = BridgeConfiguration()
        configuration.queryEndpoint = daemon.queryEndpoint
        configuration.port = 0
        let bridge = try Bridge(configuration, log: Log(format: .text, level: .error) { 0 })
        defer { bridge.stop() }
        let usage = bridge.url + "/api/v1/analytics/usage"
        #expect(try await Self.status(usage) == 200)

        let end = End()
        let askers = (0..<4).map { _ in
            Task {
                var seen: Set<Int> = []
                while !end.isHere.load(ordering: .relaxed) {
                    seen.insert(try await Self.status(usage))
                }
                return seen
            }
        }
        for _ in 0..<3 {
            daemon.kill()
            while try await Self.status(usage) != 503 {}
            #expect(try await Self.status(bridge.url + "/health") == 200)
            try daemon.start()
            // The bridge finds it again by itself.
            while try await Self.status(usage) == 503 {}
        }
        end.isHere.store(true, ordering: .relaxed)
        for asker in askers { #expect(try await asker.value == [200, 503]) }
        _ = daemon.terminate()
    }

    @Test func `a stream goes on when the daemon comes back`() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try DaemonChild(directory: directory.path)
        try daemon.startAndWait()
        var configuration = BridgeConfiguration()
        configuration.queryEndpoint = daemon.queryEndpoint
        configuration.liveEndpoint = daemon.liveEndpoint
        configuration.port = 0
        let bridge = try Bridge(configuration, log: Log(format: .text, level: .error) { 0 })
        defer { bridge.stop() }
        let url = bridge.url + "/api/v1/analytics/realtime/stream"
        while try await Self.status(bridge.url + "/api/v1/analytics/realtime") != 200 {}
        let answer = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url),
            timeout: .seconds(120)
        )
        #expect(answer.status == .ok)
        var events = 0
        for try await chunk in answer.body {
            // An event is written at once, and its first line is not cut in two.
            if String(buffer: chunk).contains("event: realtime\n") { events += 1 }
            if events == 3 {
                daemon.kill()
                try daemon.start()
            }
            if events == 6 { break }
        }
        #expect(events == 6)
        _ = daemon.terminate()
    }

    /// What ends those who ask all the time.
    private final class End: Sendable {
        let isHere = Atomic<Bool>(false)
    }

    /// The status of a GET.
    private static func status(_ url: String) async throws -> Int {
        let request = HTTPClientRequest(url: url)
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        _ = try await answer.body.collect(upTo: 1 << 20)
        return Int(answer.status.code)
    }
}
