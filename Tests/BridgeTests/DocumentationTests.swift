import Access
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import Bridge

/// openapi.json and the page that shows it.
@Suite struct DocumentationTests {
    private static let document = Result {
        try JSONValue(parsing: Data(contentsOf: repositoryFile("protocol/openapi.json")))
    }

    @Test func `openapi.json has every endpoint of the bridge and no other`() throws {
        var described: Set<String> = []
        for path in try Self.document.get()["paths"]?.objectValue ?? [] {
            for operation in path.value.objectValue ?? [] where operation.name != "parameters" {
                described.insert("\(operation.name.uppercased()) \(path.name)")
            }
        }
        var served: Set<String> = []
        for route in Routes.all {
            for (method, action) in route.actions where !Self.isPage(action) {
                served.insert("\(method.rawValue) \(route.template)")
            }
        }
        #expect(described == served)
    }

    /// Whether it is a page for people, with what belongs to it.
    private static func isPage(_ action: Route.Action) -> Bool {
        switch action {
        case .asset(.page), .asset(.style), .asset(.script): true
        default: false
        }
    }

    @Test func `openapi.json is served as it lies in the repository`() async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here")
        let answer = try await bridge.get("/openapi.json")
        let file = try Data(contentsOf: repositoryFile("protocol/openapi.json"))
        #expect(answer.body == Array(file))
        let tag = try #require(answer["ETag"])
        #expect(try await bridge.get("/openapi.json", [("If-None-Match", tag)]).status == 304)
    }

    @Test func `the examples of refusals are what is answered`() async throws {
        var answers: [String: Answer] = [:]
        let daemon = try DaemonFixture { _ in }
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        func ask(
            _ path: String,
            _ credential: String?,
            _ method: String = "GET"
        ) async throws
            -> Answer
        {
            let fields = credential.map { [("Authorization", $0)] } ?? []
            return try await HTTP.request(method, bridge.url(path), fields)
        }
        let admin = try daemon.credential(["admin"])
        let limited = try daemon.credential(["analytics_viewer"], bots: [Events.bot])
        let expired = try daemon.credential(["admin"], since: -7_200)
        answers["missing_token"] = try await ask("/usage", nil)
        answers["invalid_token"] = try await ask("/usage", "Bearer a.b.c")
        answers["expired_token"] = try await ask("/usage", expired)
        answers["invalid_api_key"] = try await ask(
            "/usage",
            "ApiKey gb_" + String(repeating: "a", count: 32)
        )
        answers["insufficient_permissions"] = try await ask("/usage", daemon.credential(["user"]))
        answers["bot_access_denied"] = try await ask(
            "/usage?bot_id=6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02",
            limited
        )
        answers["invalid_parameter"] = try await ask("/usage?days=0", admin)
        answers["not_found"] = try await HTTP.request("GET", bridge.bridge.url + "/nowhere")
        answers["method_not_allowed"] = try await ask("/usage", admin, "POST")
        answers["payload_too_large"] = try await ask(
            "/usage?days=" + String(repeating: "1", count: 9_000),
            admin
        )
        for _ in 0..<1_200 { answers["rate_limited"] = try await ask("/usage", limited) }
        answers["rate_limited"] = try await ask("/usage", limited)
        let alone = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here")
        answers["unavailable"] = try await alone.get("/usage")
        let silent = try ScriptedDaemon { _ in [] }
        defer { silent.stop() }
        let waiting = try BridgeFixture(silent.endpoint) { $0.requestTimeout = .milliseconds(100) }
        answers["timeout"] = try await waiting.get("/usage")
        let confused = try ScriptedDaemon { _ in [Array(#"{"jsonrpc":"2.0","id":1}"#.utf8)] }
        defer { confused.stop() }
        answers["internal_error"] = try await BridgeFixture(confused.endpoint).get("/usage")

        let responses = try Self.document.get()["components"]?["responses"]?.objectValue ?? []
        var count = 0
        for response in responses {
            let content = response.value["content"]?["application/json"]
            for example in content?["examples"]?.objectValue ?? [] {
                let answer = try #require(answers[example.name], "\(example.name)")
                #expect(try answer.json == example.value["value"], "\(example.name)")
                count += 1
            }
        }
        #expect(count == answers.count)
    }

    @Test func `the page needs nothing from elsewhere`() async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here")
        let page = try await bridge.getRoot("/docs")
        #expect(page.status == 200)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        let policy = try #require(page["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; "))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        var seen: [String] = []
        for match in page.text.matches(of: #/(?:src|href)="([^"]*)"/#) {
            let path = String(match.1)
            if path.hasPrefix("#") { continue }
            try #require(path.hasPrefix("/") && !path.hasPrefix("//"), "\(path)")
            let resource = try await bridge.getRoot(path)
            #expect(resource.status == 200, "\(path)")
            #expect(resource["X-Content-Type-Options"] == "nosniff")
            seen.append(path)
        }
        #expect(
            seen == ["/docs/docs.css", "/docs/docs.js", "/api/v1/analytics/openapi.json"]
        )
        let script = try await bridge.getRoot("/docs/docs.js")
        #expect(!script.text.contains("http:") && !script.text.contains("https:"))
        let style = try await bridge.getRoot("/docs/docs.css")
        #expect(!style.text.contains("@import") && !style.text.contains("url("))
    }
}
