import Bridge
import JSON
import Simulation
import Testing

/// Many listeners of streams, slow ones, and too many.
@Suite struct StreamLoadTests {
    /// A daemon that lets everybody see all bots.
    private func openDaemon() throws -> ScriptedDaemon {
        try ScriptedDaemon { question in
            [
                question.result(["meta": ["generated_at": "first"]]),
                Array(#"{"all_bots":true}"#.utf8),
            ]
        }
    }

    private func metric(_ name: String, _ bridge: BridgeFixture) async throws -> Int? {
        let text = try await bridge.getRoot("/metrics").text
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    /// Waits until something is so; a test fails that waits in vain.
    private func wait(
        sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(.now < end, "it never came to that", sourceLocation: sourceLocation)
        }
    }

    @Test func `hundreds of listeners share one subscription and one question`() async throws {
        let daemon = try openDaemon()
        defer { daemon.stop() }
        let publisher = try LivePublisher()
        defer { publisher.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) { $0.liveEndpoint = publisher.endpoint }
        var readers: [EventReader] = []
        for _ in 0..<200 {
            let reader = try await EventReader(bridge.url("/realtime/stream"))
            #expect(try await reader.nextEvent().id == "first")
            readers.append(reader)
        }
        try await wait { !publisher.received.isEmpty }
        for second in 1...3 {
            publisher.publish("realtime.\(Events.bot)", second: -second)
            publisher.publish("all", second: second)
            for reader in readers {
                #expect(try await reader.nextEvent().id == "second-\(second)")
            }
        }
        #expect(publisher.received == ["+all"])
        #expect(daemon.received.count == 200)
        #expect(try await metric("botstats_http_streams", bridge) == 200)
        #expect(try await metric("botstats_http_stream_events_total", bridge) == 600)
        let bot = try await EventReader(bridge.url("/realtime/stream?bot_id=\(Events.bot)"))
        try await wait { publisher.received.count >= 2 }
        publisher.publish("realtime.\(Events.bot)", second: 9)
        #expect(try await bot.nextEvent().id == "first")
        #expect(try await bot.nextEvent().id == "second-9")
        readers = []
        // Each finds out that its client has gone when it writes.
        try await wait {
            publisher.publish("all", second: 10)
            _ = try await metric("botstats_http_streams", bridge)
            return publisher.received.count >= 3
        }
        #expect(publisher.received == ["+all", "+realtime.\(Events.bot)", "-all"])
        try await wait { try await metric("botstats_http_streams", bridge) == 1 }
        #expect(try await metric("botstats_http_streams_dropped_total", bridge) == 0)
    }

    @Test func `a slow listener is let go, and holds nobody up`() async throws {
        let daemon = try openDaemon()
        defer { daemon.stop() }
        let publisher = try LivePublisher()
        defer { publisher.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) { $0.liveEndpoint = publisher.endpoint }
        let slow = try RawConnection(port: bridge.bridge.port)
        slow.send("GET /api/v1/analytics/realtime/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        let quick = try await EventReader(bridge.url("/realtime/stream"))
        _ = try await quick.nextEvent()
        try await wait { try await metric("botstats_http_streams", bridge) == 2 }
        try await wait { !publisher.received.isEmpty }
        var second = 0
        let dropped = "botstats_http_streams_dropped_total"
        try await wait {
            second += 1
            publisher.publish("all", second: second, padding: 256 << 10)
            #expect(try await quick.nextEvent().id == "second-\(second)")
            return try await metric(dropped, bridge) != 0
        }
        #expect(try await metric("botstats_http_streams", bridge) == 1)
        let received = try #require(slow.readToEnd(), "its connection has ended")
        #expect(received.contains("id: second-1\n"))
        #expect(!received.contains("id: second-\(second)\n"))
        publisher.publish("all", second: second + 1)
        #expect(try await quick.nextEvent().id == "second-\(second + 1)")
    }

    @Test func `streams beyond a limit are refused, and their places are given again`() async throws
    {
        let daemon = try openDaemon()
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) {
            $0.streams.listenerMaximum = 2
            $0.streams.credentialListenerMaximum = 1
            $0.streams.askedFeedMaximum = 0
            $0.streams.askInterval = .milliseconds(10)
            $0.streams.heartbeatInterval = .milliseconds(10)
        }
        func fields(_ name: String) -> [(String, String)] { [("Authorization", "Bearer \(name)")] }
        let url = bridge.url("/realtime/stream")
        let asked = try await bridge.get("/realtime/stream?channel=web", fields("a"))
        #expect(asked.status == 503)
        #expect(asked.code == "unavailable")
        var first: EventReader? = try await EventReader(url, fields("a"))
        let again = try await bridge.get("/realtime/stream", fields("a"))
        #expect(again.status == 429)
        #expect(again.code == "rate_limited")
        let second = try await EventReader(url, fields("b"))
        #expect(second.status == 200)
        #expect(try await bridge.get("/realtime/stream", fields("c")).status == 503)
        #expect(try await metric("botstats_http_streams_refused_total", bridge) == 3)
        #expect(first?.status == 200)
        first = nil
        try await wait { try await metric("botstats_http_streams", bridge) == 1 }
        #expect(try await EventReader(url, fields("a")).status == 200)
    }
}
