import Access
import Bridge
import JSON
import Testing

/// Which refusal a request meets first, whoever finds it, the bridge or the daemon.
@Suite struct AdmissionTests {
    /// Who sends a request.
    enum Sender: CaseIterable {
        case nobody, stranger, user, viewer, reporter, admin, viewerWithoutRequests
        case adminWithoutRequests

        /// The role of the credential; nil where there is no good one.
        var role: String? {
            switch self {
            case .nobody, .stranger: nil
            case .user: "user"
            case .viewer, .viewerWithoutRequests: "analytics_viewer"
            case .reporter: "analytics_admin"
            case .admin, .adminWithoutRequests: "admin"
            }
        }

        var isOutOfRequests: Bool {
            self == .viewerWithoutRequests || self == .adminWithoutRequests
        }
    }

    /// An endpoint with what becomes of a good request for it.
    struct Endpoint {
        let method: String
        let path: String
        let roles: Set<String>
        let outcome: String
        /// Whether the daemon looks at its parameters.
        var isChecked: Bool { outcome == "200" }
    }

    static let endpoints: [Endpoint] =
        [
            "/usage", "/usage/daily", "/usage/monthly", "/conversations", "/conversations/volume",
            "/conversations/duration", "/conversations/resolution", "/engagement",
            "/engagement/retention", "/engagement/satisfaction", "/realtime", "/realtime/active",
        ].map { figures("GET", $0, "200") }
        + [figures("HEAD", "/usage", "200"), figures("HEAD", "/realtime/stream", "200")]
        + [
            ("GET", "/reports"), ("POST", "/reports"), ("GET", "/reports/4c1f"),
            ("DELETE", "/reports/4c1f"),
        ].map { method, path in
            let roles: Set = ["analytics_admin", "admin"]
            // A report needs a type, and 4c1f is no id.
            let outcome = method == "GET" && path == "/reports" ? "200" : "400 invalid_parameter"
            return Endpoint(method: method, path: path, roles: roles, outcome: outcome)
        }

    private static func figures(_ method: String, _ path: String, _ outcome: String) -> Endpoint {
        let roles: Set = ["analytics_viewer", "admin"]
        return Endpoint(method: method, path: path, roles: roles, outcome: outcome)
    }

    @Test(arguments: Sender.allCases)
    func `the first refusal in the API's order is given`(sender: Sender) async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 2 }
        try daemon.waitUntilReady()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        for endpoint in Self.endpoints {
            // Good, wrong for the daemon, wrong for the bridge in three ways.
            for query in ["", "foo=1", "days=7&days=7", "days=%FF", "%C3=1&foo=1"] {
                var fields: [(String, String)] = []
                if sender == .stranger { fields = [("Authorization", "Bearer a.b.c")] }
                if let role = sender.role {
                    fields = [("Authorization", try daemon.credential([role]))]
                }
                for _ in 0..<(sender.isOutOfRequests ? 2 : 0) {
                    #expect(try await bridge.get("/usage", fields).status == 200)
                }
                let url = bridge.url("\(endpoint.path)?\(query)")
                let answer = try await HTTP.request(endpoint.method, url, fields)
                let expected = Self.outcome(endpoint, query, sender)
                #expect(
                    answer.outcome(of: endpoint.method) == expected.outcome(of: endpoint.method),
                    "\(endpoint.method) \(endpoint.path)?\(query) by \(sender)"
                )
                // One request is counted once, and one without good credential not at all.
                let left = sender.role.map { _ in sender.isOutOfRequests ? "0" : "1" }
                #expect(answer["X-RateLimit-Remaining"] == left)
            }
        }
    }

    private static func outcome(_ endpoint: Endpoint, _ query: String, _ sender: Sender) -> String {
        if sender == .nobody { return "401 missing_token" }
        guard let role = sender.role else { return "401 invalid_token" }
        if sender.isOutOfRequests { return "429 rate_limited" }
        guard endpoint.roles.contains(role) else { return "403 insufficient_permissions" }
        let isWrong = query == "foo=1" ? endpoint.isChecked : !query.isEmpty
        return isWrong ? "400 invalid_parameter" : endpoint.outcome
    }

    @Test func `another's bot is refused after everything else`() async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let credential = try daemon.credential(["analytics_viewer"], bots: [Events.bot])
        let fields = [("Authorization", credential)]
        let other = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"
        #expect(try await bridge.get("/usage?bot_id=\(Events.bot)", fields).status == 200)
        for (query, outcome) in [
            ("bot_id=\(other)", "403 bot_access_denied"),
            ("bot_id=\(other)&days=0", "400 invalid_parameter"),
            ("bot_id=\(other)&bot_id=\(other)", "400 invalid_parameter"),
        ] {
            #expect(try await bridge.get("/usage?\(query)", fields).outcome(of: "GET") == outcome)
        }
    }

    @Test(arguments: ["", "[]", "{", #""text""#])
    func `a body that is no object is refused to those who may send one`(
        body: String
    ) async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        func outcome(_ fields: [(String, String)]) async throws -> String {
            try await HTTP.request("POST", bridge.url("/reports"), fields, body: Array(body.utf8))
                .outcome(of: "POST")
        }
        #expect(try await outcome([]) == "401 missing_token")
        let viewer = try daemon.credential(["analytics_viewer"])
        #expect(try await outcome([("Authorization", viewer)]) == "403 insufficient_permissions")
        let admin = try daemon.credential(["admin"])
        #expect(try await outcome([("Authorization", admin)]) == "400 invalid_parameter")
    }

    @Test func `a cookie is a credential for reading only`() async throws {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let token = try daemon.credential(["admin"]).dropFirst("Bearer ".count)
        let cookie = [("Cookie", "session_id=\(token)")]
        for (method, path, status) in [
            ("GET", "/usage", 200), ("HEAD", "/usage", 200), ("GET", "/reports", 200),
            ("POST", "/reports", 401), ("DELETE", "/reports/4c1f", 401),
        ] {
            #expect(try await HTTP.request(method, bridge.url(path), cookie).status == status)
        }
    }

    @Test func `without credential health says whether the daemon is ready and no more`()
        async throws
    {
        let daemon = try DaemonFixture { $0.rateLimit = 0 }
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let bare = try await bridge.get("/health")
        #expect(bare.status == 200)
        let names = try bare.json.objectValue?.map(\.name)
        #expect(names == ["status", "version", "ready", "not_ready"])
        let viewer = try daemon.credential(["analytics_viewer"])
        let told = try await bridge.get("/health", [("Authorization", viewer)])
        #expect(try told.json["events_accepted"] != nil)
        let stranger = try await bridge.get("/health", [("Authorization", "Bearer a.b.c")])
        #expect(stranger.status == 401)
    }
}

extension Answer {
    /// The status, with the refusal's token where the method lets it be seen.
    fileprivate func outcome(of method: String) -> String {
        "\(status)\(code.map { " \($0)" } ?? "")".outcome(of: method)
    }
}

extension String {
    /// HEAD shows the status alone.
    fileprivate func outcome(of method: String) -> String {
        method == "HEAD" ? String(prefix(3)) : self
    }
}
