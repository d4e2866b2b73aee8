import Bridge
import JSON
import Testing

/// What of a request's credentials reaches the daemon, which judges them.
@Suite struct CredentialTests {
    @Test(
        arguments: [
            ([("Authorization", "Bearer a.b.c")], "Bearer a.b.c"),
            ([("X-API-Key", "gb_1")], "ApiKey gb_1"),
            ([("Cookie", "theme=dark; session_id=a.b.c; x=y")], "Bearer a.b.c"),
            ([("X-API-Key", "gb_1"), ("Authorization", "Bearer a.b.c")], "Bearer a.b.c"),
            ([("Cookie", "session_id=a.b.c"), ("X-API-Key", "gb_1")], "ApiKey gb_1"),
            ([("Cookie", "session_id=a.b.c"), ("Authorization", "Basic eDp5")], "Basic eDp5"),
            ([("Cookie", "xsession_id=a.b.c")], ""),
            ([], ""),
        ] as [([(String, String)], String)],
        ["GET", "HEAD"]
    )
    func `a credential is passed on`(
        forwarded: ([(String, String)], String),
        method: String
    ) async throws {
        let daemon = try ScriptedDaemon { [$0.result([:])] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        _ = try await HTTP.request(method, bridge.url("/usage"), forwarded.0)
        let question = try #require(daemon.received.last)
        #expect(question.credential == forwarded.1)
        #expect(question.frames.count == 3)
        #expect(question.frames.last == Array("rate".utf8))
    }

    @Test func `the pages of operation pass no credential on`() async throws {
        let daemon = try ScriptedDaemon { [$0.result(["text": "x 1\n"])] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        for path in ["/health", "/ready", "/metrics"] {
            _ = try await bridge.getRoot(path, [("Authorization", "Bearer a.b.c")])
        }
        #expect(daemon.received.map(\.credential) == ["", "", ""])
    }
}
