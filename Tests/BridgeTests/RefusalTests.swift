import Bridge
import JSON
import Simulation
import Testing

/// Statuses, error bodies and the order of refusals.
@Suite struct RefusalTests {
    @Test(arguments: ["/nowhere", "/usage/", "/usage/weekly", "/reports/", "/reports/a/b", ""])
    func `an unknown path is 404`(path: String) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get(path)
        #expect(answer.status == 404)
        #expect(answer.code == "not_found")
    }

    @Test(arguments: [
        ("POST", "/usage", "GET, HEAD, OPTIONS"), ("DELETE", "/realtime", "GET, HEAD, OPTIONS"),
        ("PUT", "/reports", "GET, POST, HEAD, OPTIONS"),
        ("POST", "/reports/4c1f", "GET, DELETE, HEAD, OPTIONS"),
        ("PATCH", "/openapi.json", "GET, HEAD, OPTIONS"),
    ])
    func `a method that a path does not take is 405`(
        method: String,
        path: String,
        allow: String
    ) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await HTTP.request(method, bridge.url(path))
        #expect(answer.status == 405)
        #expect(answer.code == "method_not_allowed")
        #expect(answer["Allow"] == allow)
    }

    @Test(arguments: [false, true])
    func `a large body is 413, whether its size is said or not`(isChunked: Bool) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint) { $0.bodyByteCountMaximum = 1_000 }
        func send(_ method: String, _ path: String, _ count: Int) async throws -> Answer {
            try await HTTP.request(
                method,
                bridge.url(path),
                body: Array(("{" + String(repeating: " ", count: count - 2) + "}").utf8),
                isChunked: isChunked
            )
        }
        #expect(try await send("POST", "/reports", 1_000).status == 400)
        let refused = try await send("POST", "/reports", 1_001)
        #expect(refused.status == 413)
        #expect(refused.code == "payload_too_large")
        // 404 and 405 come before it.
        #expect(try await send("POST", "/usage", 1_001).status == 405)
        #expect(try await send("POST", "/nowhere", 1_001).status == 404)
    }

    @Test func `a long query is 413`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage?days=" + String(repeating: "1", count: 9_000))
        #expect(answer.status == 413)
        #expect(answer.code == "payload_too_large")
    }

    @Test func `header fields have a limit`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let connection = try RawConnection(port: bridge.bridge.port)
        connection.send("GET /api/v1/analytics/usage HTTP/1.1\r\nHost: x\r\n")
        for number in 0..<50 where !connection.send("X-\(number): \(filler)\r\n") { break }
        connection.send("\r\n")
        let answer = try #require(connection.readToEnd())
        #expect(!answer.contains(" 200 "))
    }

    private let filler = String(repeating: "a", count: 1_000)

    @Test(
        arguments: [
            // Code, data, status.
            (-32_602, ["error": "invalid_parameter", "message": "no", "parameter": "days"], 400),
            (-32_601, ["error": "unknown_method", "message": "no"], 404),
            (401, ["error": "missing_token", "message": "no"], 401),
            (403, ["error": "bot_access_denied", "message": "no", "parameter": "bot_id"], 403),
            (404, ["error": "not_found", "message": "no"], 404),
            (503, ["error": "unavailable", "message": "no"], 503),
        ] as [(Int64, JSONValue, Int)]
    )
    func `the daemon's refusals keep their body`(
        code: Int64,
        data: JSONValue,
        status: Int
    ) async throws {
        let daemon = try ScriptedDaemon { [$0.error(code, data), Array("{}".utf8)] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let answer = try await bridge.get("/usage")
        #expect(answer.status == status)
        #expect(try answer.json == data)
        #expect((answer["WWW-Authenticate"] == "Bearer") == (status == 401))
        #expect((answer["Retry-After"] == "1") == (status == 503))
    }

    @Test func `the state of the rate limit becomes header fields`() async throws {
        let rate = Array(#"{"limit":1200,"remaining":1199,"reset_seconds":60}"#.utf8)
        let daemon = try ScriptedDaemon { [$0.result(["figure": 1]), rate] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let answer = try await bridge.get("/usage")
        #expect(answer.text == #"{"figure":1}"#)
        #expect(answer["X-RateLimit-Limit"] == "1200")
        #expect(answer["X-RateLimit-Remaining"] == "1199")
        #expect(answer["X-RateLimit-Reset"] == "60")
    }

    @Test func `too many requests say when to ask again`() async throws {
        let data: JSONValue = [
            "error": "rate_limited", "message": "slower", "retry_after_seconds": 7,
            "limit": 10, "remaining": 0, "reset_seconds": 60,
        ]
        let daemon = try ScriptedDaemon { [$0.error(429, data)] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let answer = try await bridge.get("/usage")
        #expect(answer.status == 429)
        #expect(try answer.json == data)
        #expect(answer["Retry-After"] == "7")
        #expect(answer["X-RateLimit-Limit"] == "10")
        #expect(answer["X-RateLimit-Remaining"] == "0")
        #expect(answer["X-RateLimit-Reset"] == "60")
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"a":1}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":99,"message":"?"}}"#,
    ])
    func `an answer that is none is 500`(answer: String) async throws {
        let daemon = try ScriptedDaemon { _ in [Array(answer.utf8)] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let answer = try await bridge.get("/usage")
        #expect(answer.status == 500)
        #expect(answer.code == "internal_error")
    }
}
