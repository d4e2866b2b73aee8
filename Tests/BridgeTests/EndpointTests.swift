import Bridge
import JSON
import Simulation
import Testing

/// What the endpoints say is what the query socket says.
@Suite struct EndpointTests {
    private static let range = "start_date=2025-05-20&end_date=2025-06-01"
    private static let rangeParameters: JSONValue = [
        "start_date": "2025-05-20", "end_date": "2025-06-01",
    ]

    @Test(arguments: [
        ("/usage", "usage"), ("/usage/daily", "usage.daily"), ("/usage/monthly", "usage.monthly"),
        ("/conversations", "conversations"), ("/conversations/volume", "conversations.volume"),
        ("/conversations/duration", "conversations.duration"),
        ("/conversations/resolution", "conversations.resolution"), ("/engagement", "engagement"),
        ("/engagement/retention", "engagement.retention"),
        ("/engagement/satisfaction", "engagement.satisfaction"),
    ])
    func `figures are those of the query socket`(path: String, method: String) async throws {
        let daemon = try DaemonFixture()
        try daemon.publish(Events.messages(1...50))
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("\(path)?\(Self.range)")
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Cache-Control"] == "private, no-cache")
        #expect(try answer.json == daemon.ask(method, Self.rangeParameters))
        let bare = try await bridge.get(path)
        #expect(try bare.json == daemon.ask(method))
    }

    @Test(arguments: [("/realtime", "realtime"), ("/realtime/active", "realtime.active")])
    func `the last minutes are those of the query socket, and not kept`(
        path: String,
        method: String
    ) async throws {
        let daemon = try DaemonFixture()
        try daemon.publish(Events.messages(0...3))
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("\(path)?window_minutes=60")
        #expect(answer.status == 200)
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["ETag"] == nil)
        #expect(try answer.json == daemon.ask(method, ["window_minutes": 60]))
    }

    @Test func `health under the base is the daemon's state`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/health")
        #expect(answer.status == 200)
        #expect(try answer.json["version"] == daemon.ask("system.status")["version"])
    }

    @Test(
        arguments: [
            // A slash, an offset's plus sign, a space as plus, letters in either case.
            ("timezone=America%2FSao_Paulo&days=7", ["timezone": "America/Sao_Paulo", "days": 7]),
            (
                "start_date=2025-05-20T00:00:00%2B02:00",
                ["start_date": "2025-05-20T00:00:00+02:00"]
            ),
            ("start_date=2025-05-20+10:00", ["start_date": "2025-05-20 10:00"]),
            ("time%7Aone=Asia%2fKathmandu", ["timezone": "Asia/Kathmandu"]),
            ("&&days=3&", ["days": 3]),
        ] as [(String, JSONValue)]
    )
    func `parameters are decoded`(query: String, parameters: JSONValue) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage?\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try answer.json == daemon.ask("usage", parameters))
    }

    @Test(arguments: [
        ("days=0", "days"), ("days=7&foo=1", "foo"), ("days=7&days=7", "days"), ("days=", "days"),
        ("days", "days"), ("days=7&period=month", "period"),
        ("timezone=Mars%2FOlympus", "timezone"),
        ("days=%37&d%61ys=8", "days"), ("channel=%FF", "channel"), ("bot_id=1", "bot_id"),
    ])
    func `a wrong parameter is named`(query: String, parameter: String) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage?\(query)")
        #expect(answer.status == 400)
        #expect(answer.code == "invalid_parameter")
        #expect(answer.parameter == parameter)
        #expect(answer["Cache-Control"] == "no-store")
    }

    @Test(arguments: ["days=%", "days=%4", "days=%zz", "%=1"])
    func `a query that is not percent-encoded is refused`(query: String) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let connection = try RawConnection(port: bridge.bridge.port)
        connection.send(
            "GET /api/v1/analytics/usage?\(query) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        let answer = try #require(connection.readToEnd())
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains(#""error":"invalid_parameter""#))
    }
}
