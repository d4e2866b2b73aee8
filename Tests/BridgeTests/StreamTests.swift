import Access
import Bridge
import JSON
import NIOHTTP1
import Simulation
import Testing

/// `/realtime/stream`: what comes, to whom, and how it ends.
@Suite struct StreamTests {
    private static let otherBot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"

    /// A bridge in front of both sockets of a daemon.
    private func bridge(
        _ daemon: DaemonFixture,
        _ change: (inout BridgeConfiguration) -> Void = { _ in }
    ) throws -> BridgeFixture {
        try BridgeFixture(daemon.queryEndpoint) {
            $0.liveEndpoint = daemon.liveEndpoint
            change(&$0)
        }
    }

    /// Events of two bots, two channels and the last minutes.
    private func publish(to daemon: DaemonFixture) throws {
        try daemon.waitUntilReady()
        try daemon.publish(
            Events.messages(0...0, before: DaemonFixture.start - 20_000)
                + Events.messages(1...1, before: DaemonFixture.start + 3_540_000).map {
                    $0.replacing(Events.bot, with: Self.otherBot)
                        .replacing("whatsapp", with: "web")
                }
        )
    }

    @Test(arguments: ["", "?bot_id=\(Events.bot)", "?bot_id=\(Events.bot.uppercased())"])
    func `each second is what realtime says`(query: String) async throws {
        let daemon = try DaemonFixture()
        try publish(to: daemon)
        let bridge = try bridge(daemon)
        let reader = try await EventReader(bridge.url("/realtime/stream\(query)"))
        #expect(reader.status == 200)
        #expect(reader.fields.first(name: "Content-Type") == "text/event-stream")
        #expect(reader.fields.first(name: "Cache-Control") == "no-store")
        #expect(reader.fields.first(name: "Content-Length") == nil)
        #expect(try await reader.next()?.retry == "3000")
        for _ in 0..<3 {
            let event = try await reader.nextEvent()
            let expected = try await bridge.get("/realtime\(query)").json
            #expect(event.name == "realtime")
            #expect(try event.json == expected)
            #expect(event.id == expected["meta"]?["generated_at"]?.stringValue)
            daemon.advance(seconds: 1)
        }
    }

    @Test func `figures that the live socket does not have are asked for`() async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        try publish(to: daemon)
        let bridge = try bridge(daemon) { $0.streams.askInterval = .milliseconds(20) }
        let viewer = try daemon.credential(["analytics_viewer"])
        let limited = try daemon.credential(["analytics_viewer"], bots: [Self.otherBot])
        let blind = try daemon.credential(["analytics_viewer"], bots: [])
        for (query, credential, incoming) in [
            ("?channel=whatsapp", viewer, 1), ("?window_minutes=5", viewer, 2),
            ("", limited, 1), ("", blind, 0),
        ] as [(String, String, Int64)] {
            let fields = [("Authorization", credential)]
            let reader = try await EventReader(bridge.url("/realtime/stream\(query)"), fields)
            for _ in 0..<2 {
                let event = try await reader.nextEvent()
                #expect(try event.json == (await bridge.get("/realtime\(query)", fields).json))
                #expect(try event.json["active_sessions"] == .integer(incoming))
                daemon.advance(seconds: 1)
            }
        }
    }

    @Test func `without the live socket figures still come`() async throws {
        let daemon = try DaemonFixture()
        try daemon.waitUntilReady()
        let bridge = try BridgeFixture(daemon.queryEndpoint) {
            $0.streams.askInterval = .milliseconds(20)
            $0.streams.silenceMaximum = .milliseconds(50)
        }
        let reader = try await EventReader(bridge.url("/realtime/stream"))
        let first = try await reader.nextEvent()
        daemon.advance(seconds: 1)
        #expect(try await reader.nextEvent().id != first.id)
    }

    @Test func `an event that was received is not sent again`() async throws {
        let daemon = try DaemonFixture()
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon)
        let url = bridge.url("/realtime/stream")
        let id = try #require(try await EventReader(url).nextEvent().id)
        let reader = try await EventReader(url, [("Last-Event-ID", id)])
        #expect(try await reader.next()?.retry == "3000")
        daemon.advance(seconds: 1)
        #expect(try await reader.nextEvent().id != id)
        let other = try await EventReader(url, [("Last-Event-ID", "another")])
        #expect(try await other.nextEvent().name == "realtime")
    }

    @Test(arguments: ["", "?bot_id=\(Events.bot)", "?channel=whatsapp"])
    func `a credential that expires ends its streams and no other`(query: String) async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon) {
            $0.streams.askInterval = .milliseconds(20)
            $0.streams.recheckInterval = .milliseconds(20)
        }
        let url = bridge.url("/realtime/stream\(query)")
        let short = [("Authorization", try daemon.credential(["admin"], since: -3_000))]
        let long = [("Authorization", try daemon.credential(["admin"]))]
        let ending = try await EventReader(url, short)
        let staying = try await EventReader(url, long)
        _ = try await ending.nextEvent()
        _ = try await staying.nextEvent()
        daemon.advance(seconds: 700)
        var last = try await ending.nextEvent()
        while last.name == "realtime" { last = try await ending.nextEvent() }
        #expect(last.name == "end")
        #expect(try last.json["error"] == "expired_token")
        #expect(try await ending.next() == nil)
        daemon.advance(seconds: 1)
        #expect(try await staying.nextEvent().name == "realtime")
        #expect(try await EventReader(url, short).status == 401)
    }

    @Test func `who may not ask gets no stream`() async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon)
        let limited = try daemon.credential(["analytics_viewer"], bots: [Events.bot])
        for (query, credential, status, code) in [
            ("", nil, 401, "missing_token"),
            ("", try daemon.credential(["user"]), 403, "insufficient_permissions"),
            ("?bot_id=\(Self.otherBot)", limited, 403, "bot_access_denied"),
            ("?bot_id=1", limited, 400, "invalid_parameter"),
            ("?days=7", limited, 400, "invalid_parameter"),
        ] as [(String, String?, Int, String)] {
            let fields = credential.map { [("Authorization", $0)] } ?? []
            let answer = try await bridge.get("/realtime/stream\(query)", fields)
            #expect(answer.status == status)
            #expect(answer.code == code)
        }
    }

    @Test func `HEAD has the fields, and the connection ends`() async throws {
        let daemon = try DaemonFixture()
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon)
        let connection = try RawConnection(port: bridge.bridge.port)
        connection.send("HEAD /api/v1/analytics/realtime/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try #require(connection.readToEnd()).lowercased()
        #expect(answer.hasPrefix("http/1.1 200 "))
        #expect(answer.contains("content-type: text/event-stream\r\n"))
        #expect(!answer.contains("content-length"))
        #expect(!answer.contains("event:"))
    }

    @Test func `heartbeats come though nothing else does`() async throws {
        let daemon = try DaemonFixture()
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon) {
            $0.streams.askInterval = .milliseconds(10)
            $0.streams.heartbeatInterval = .milliseconds(30)
        }
        let reader = try await EventReader(bridge.url("/realtime/stream"))
        _ = try await reader.nextEvent()
        for _ in 0..<3 { #expect(try await reader.next()?.comments == ["heartbeat"]) }
    }

    @Test func `a stop ends streams with a word`() async throws {
        let daemon = try DaemonFixture()
        try daemon.waitUntilReady()
        let bridge = try bridge(daemon)
        let reader = try await EventReader(bridge.url("/realtime/stream"))
        _ = try await reader.nextEvent()
        await bridge.stop()
        let last = try await reader.nextEvent()
        #expect(last.name == "end")
        #expect(try last.json["error"] == "unavailable")
        #expect(try await reader.next() == nil)
    }
}
