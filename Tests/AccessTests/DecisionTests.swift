import JSON
import Testing

@testable import Access

/// Every method × every role × every kind of credential × every fault, through the daemon.
struct DecisionTests {
    private static let figures = [
        "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
        "conversations.duration", "conversations.resolution", "engagement",
        "engagement.retention", "engagement.satisfaction", "realtime", "realtime.active",
    ]
    private static let reports = [
        "reports.create", "reports.get", "reports.list", "reports.delete",
    ]
    /// What anybody is told.
    private static let open: Set<String> = ["system.status", "system.metrics"]
    private static let nobodysKey = "00000000-0000-4000-8000-000000000000"
    private static let requests: [(method: String, params: JSONValue?)] =
        (figures + reports + Array(open) + ["keys.list"]).map { ($0, nil) } + [
            ("system.set_log_level", ["level": "notice"]),
            ("keys.create", ["roles": ["analytics_viewer"]]),
            ("keys.revoke", ["id": .string(nobodysKey)]),
        ]
    private static let roles: [[String]] = [
        [], ["analytics_viewer"], ["analytics_admin"], ["admin"], ["superadmin"], ["super_admin"],
        ["user", "moderator", "bot_viewer"], ["user", "analytics_viewer"],
    ]
    private static let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"
    private static let other = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"

    private static func claim(_ roles: [String]) -> JSONValue {
        .array(roles.map { .string($0) })
    }

    /// What the contract's table says of a good credential.
    private static func expected(_ method: String, _ roles: [String]) -> String {
        let isAdmin = !Set(roles).isDisjoint(with: ["admin", "superadmin", "super_admin"])
        let denied = "403 insufficient_permissions"
        switch method {
        case _ where open.contains(method): return "ok"
        case "keys.revoke": return isAdmin ? "404 not_found" : denied
        case "keys.create", "keys.list", "system.set_log_level": return isAdmin ? "ok" : denied
        case let method where reports.contains(method):
            guard isAdmin || roles.contains("analytics_admin") else { return denied }
            // The others are asked without the parameters they need.
            return method == "reports.list" ? "ok" : "-32602 invalid_parameter"
        default: return isAdmin || roles.contains("analytics_viewer") ? "ok" : denied
        }
    }

    @Test func `each role is answered by each method as the table says`() throws {
        let door = try Door()
        for roles in Self.roles {
            let claims = Forge.claims(["roles": Self.claim(roles)])
            var credentials = [
                "Bearer " + door.forge.hs256(claims), "Bearer " + door.forge.hs384(claims),
                "Bearer " + door.forge.hs512(claims), "Bearer " + (try door.forge.rs256(claims)),
                "Bearer " + (try door.forge.es256(claims)),
            ]
            if !roles.isEmpty {
                credentials.append("ApiKey " + (try door.makeKey(["roles": Self.claim(roles)]).key))
            }
            for credential in credentials {
                for request in Self.requests {
                    #expect(
                        try door.outcome(request.method, request.params, credential)
                            == Self.expected(request.method, roles),
                        "\(request.method) \(roles) \(credential.prefix(20))"
                    )
                }
            }
        }
    }

    @Test func `no bad credential is answered by any method, whatever its roles`() throws {
        let door = try Door()
        let forge = door.forge
        let now = Forge.second
        var faults: [(credential: String, token: String, why: String)] = []
        for roles in Self.roles {
            func changed(_ name: String, _ value: JSONValue) -> JSONValue {
                Forge.claims(["roles": Self.claim(roles), name: value])
            }
            func add(_ token: String, _ expected: String, _ why: String) {
                faults.append(("Bearer " + token, expected, "\(why) \(roles)"))
            }
            let signers: [(JSONValue) throws -> String] = [
                { forge.hs256($0) }, { forge.hs384($0) }, { forge.hs512($0) },
                { try forge.rs256($0) }, { try forge.es256($0) },
            ]
            for sign in signers {
                add(try sign(changed("exp", .integer(now - 60))), "expired_token", "expired")
                add(try sign(changed("nbf", .integer(now + 120))), "invalid_token", "not yet valid")
                add(try sign(changed("iss", "another")), "invalid_token", "wrong issuer")
                add(try sign(changed("aud", "another")), "invalid_token", "wrong audience")
                add(try sign(changed("type", "refresh")), "invalid_token", "refresh token")
                add(try sign(changed("type", "id_token")), "invalid_token", "id token")
                add(try sign(changed("bots", "all")), "invalid_token", "malformed bots")
                add(String(try sign(changed("x", 1)).dropLast(4)), "invalid_token", "cut off")
            }
            let claims = changed("x", 1)
            add(Forge.token(["alg": "none"], claims) { _ in [] }, "invalid_token", "none")
            let pem = Array(forge.rsa.publicKeyText.utf8)
            add(forge.hs256(claims, key: pem), "invalid_token", "signed by the public key")
            let another = try forge.rs256(claims, key: forge.otherRSA)
            add(another, "invalid_token", "another's key")
            guard !roles.isEmpty else { continue }
            let revoked = try door.makeKey(["roles": Self.claim(roles)])
            let admin = "Bearer " + forge.hs256(Forge.claims(["roles": ["admin"]]))
            _ = try door.exchange("keys.revoke", ["id": .string(revoked.id)], admin)
            faults.append(("ApiKey " + revoked.key, "invalid_api_key", "revoked \(roles)"))
            let short = try door.makeKey(["roles": Self.claim(roles), "expires_seconds": 1])
            faults.append(("ApiKey " + short.key, "invalid_api_key", "expired \(roles)"))
            faults.append(("Bearer " + short.key, "invalid_token", "a key as a token"))
        }
        faults += [
            ("", "missing_token", "empty"), ("  ", "missing_token", "spaces"),
            ("Bearer", "invalid_token", "no token"), ("Basic eDp5", "invalid_token", "Basic"),
            ("ApiKey", "invalid_api_key", "no key"), ("ApiKey gb_x", "invalid_api_key", "short"),
            (
                "ApiKey gb_" + String(repeating: "A", count: 32), "invalid_api_key", "unknown key"
            ),
            ("\u{0}\u{1}", "invalid_token", "noise"),
        ]
        door.clock.advance(by: 1_000)
        for fault in faults {
            for request in Self.requests {
                // Whether the daemon lives is told without a credential, not with a bad one.
                let isOpen =
                    Self.open.contains(request.method) && fault.token == "missing_token"
                #expect(
                    try door.outcome(request.method, request.params, fault.credential)
                        == (isOpen ? "ok" : "401 \(fault.token)"),
                    "\(request.method), \(fault.why)"
                )
            }
        }
        for request in Self.requests where !Self.open.contains(request.method) {
            #expect(try door.outcome(request.method, nil, nil) == "401 missing_token")
        }
    }

    @Test func `a credential limited to bots may name only those`() throws {
        let door = try Door()
        let bots = JSONValue.array([.string(Self.bot)])
        let claims = Forge.claims(["bots": bots])
        let none = Forge.claims(["bots": .array([])])
        let credentials = [
            "Bearer " + door.forge.hs256(claims), "Bearer " + (try door.forge.rs256(claims)),
            "ApiKey " + (try door.makeKey(["roles": ["analytics_viewer"], "bots": bots]).key),
        ]
        for method in Self.figures {
            for credential in credentials {
                #expect(try door.outcome(method, nil, credential) == "ok")
                #expect(try door.outcome(method, ["bot_id": .string(Self.bot)], credential) == "ok")
                let capitals = JSONValue.string(Self.bot.uppercased())
                #expect(try door.outcome(method, ["bot_id": capitals], credential) == "ok")
                #expect(
                    try door.outcome(method, ["bot_id": .string(Self.other)], credential)
                        == "403 bot_access_denied"
                )
            }
            let nobody = "Bearer " + door.forge.hs256(none)
            #expect(try door.outcome(method, nil, nobody) == "ok")
            #expect(
                try door.outcome(method, ["bot_id": .string(Self.bot)], nobody)
                    == "403 bot_access_denied"
            )
        }
        let admin = "Bearer " + door.forge.hs256(Forge.claims(["bots": bots, "roles": ["admin"]]))
        let administration = Self.requests.filter {
            $0.method.hasPrefix("keys.") || $0.method == "system.set_log_level"
        }
        #expect(administration.count == 4)
        for request in administration {
            #expect(
                try door.outcome(request.method, request.params, admin)
                    == "403 insufficient_permissions",
                "it could make itself a key for all bots"
            )
        }
    }

    @Test func `status shows its details to those who may see figures`() throws {
        let door = try Door()
        let rows: [(roles: [String]?, hasDetails: Bool)] = [
            (nil, false), ([], false), (["user"], false), (["analytics_admin"], false),
            (["analytics_viewer"], true), (["admin"], true),
        ]
        for row in rows {
            let credential = row.roles.map {
                "Bearer " + door.forge.hs256(Forge.claims(["roles": Self.claim($0)]))
            }
            let result = try #require(
                try door.exchange("system.status", nil, credential)["result"]?.objectValue
            )
            let open = ["status", "version", "ready", "not_ready"]
            #expect(result.prefix(4).map(\.name) == open)
            #expect((result.count > 4) == row.hasDetails, "\(row.roles ?? [])")
        }
    }

    @Test func `roles can be mapped`() throws {
        let door = try Door { $0.roles.viewers = ["bot_viewer"] }
        let rows = [("bot_viewer", "ok"), ("analytics_viewer", "403 insufficient_permissions")]
        for (role, outcome) in rows {
            let token = door.forge.hs256(Forge.claims(["roles": [.string(role)]]))
            #expect(try door.outcome("usage", nil, "Bearer " + token) == outcome)
        }
    }

    @Test func `where no credential is asked for everybody is admin`() throws {
        let door = try Door(rateLimit: 1) { $0.isRequired = false }
        for credential in [nil, "", "Bearer x", "nonsense"] {
            #expect(try door.outcome("usage", nil, credential) == "ok")
            #expect(try door.outcome("keys.list", nil, credential) == "ok")
        }
    }
}
