import JSON
import Testing

@testable import Access

/// The order of refusals, the rate of requests, and the frames they come in.
struct OrderTests {
    private static let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"
    private static let other = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"

    private static func request(
        _ method: String,
        id: Int64 = 1,
        params: JSONValue = .object([])
    ) -> JSONValue {
        ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": params]
    }

    @Test func `of several reasons the first in the order is given`() throws {
        let door = try Door(rateLimit: 1)
        let claims = Forge.claims(["roles": ["user"], "bots": [.string(Self.bot)]])
        let useless = "Bearer " + door.forge.hs256(claims)
        // Its only request of this minute.
        #expect(try door.outcome("usage", nil, useless) == "403 insufficient_permissions")
        let wrong: JSONValue = ["days": 0, "bot_id": .string(Self.other)]
        #expect(try door.outcome("nothing", wrong, nil) == "-32601 unknown_method")
        #expect(try door.outcome("usage", wrong, nil) == "401 missing_token")
        #expect(try door.outcome("usage", wrong, "Bearer x") == "401 invalid_token")
        #expect(try door.outcome("usage", wrong, useless) == "429 rate_limited")
        door.clock.advance(by: 60_000)
        #expect(try door.outcome("usage", wrong, useless) == "403 insufficient_permissions")
        let viewer = "Bearer " + door.forge.hs256(Forge.claims(["bots": [.string(Self.bot)]]))
        #expect(try door.outcome("usage", wrong, viewer) == "-32602 invalid_parameter")
        door.clock.advance(by: 60_000)
        let bot: JSONValue = ["bot_id": .string(Self.other)]
        #expect(try door.outcome("usage", bot, viewer) == "403 bot_access_denied")
        door.clock.advance(by: 60_000)
        #expect(try door.outcome("usage", [1], viewer) == "-32602 invalid_parameter")
        #expect(try door.outcome("usage", [1], nil) == "401 missing_token")
        door.clock.advance(by: 60_000)
        let unknown: JSONValue = ["bot_id": .string(Self.other), "x": 1]
        #expect(try door.outcome("usage", unknown, viewer) == "-32602 invalid_parameter")
    }

    @Test func `what is no request is refused before anybody is asked who they are`() throws {
        let door = try Door()
        let rows: [(frame: String, outcome: String)] = [
            ("", "-32700 invalid_json"), ("{}", "-32600 invalid_request"),
            ("[]", "-32600 invalid_request"),
            (#"{"jsonrpc":"2.0","method":"usage"}"#, "-32600 invalid_request"),
            (String(repeating: " ", count: 70_000), "-32600 invalid_request"),
        ]
        for row in rows {
            let answer = try door.exchange([Array(row.frame.utf8)])
            #expect(Door.outcome(try #require(answer.first)) == row.outcome)
        }
    }

    @Test func `each credential has a rate, and a refusal says how long to wait`() throws {
        let door = try Door(rateLimit: 3)
        let one = "Bearer " + door.forge.hs256()
        let other = "ApiKey " + (try door.makeKey(["roles": ["analytics_viewer"]]).key)
        for _ in 0..<3 { #expect(try door.outcome("usage", nil, one) == "ok") }
        let data = try #require(try door.exchange("usage", nil, one)["error"]?["data"])
        #expect(data["error"] == "rate_limited")
        #expect(data["retry_after_seconds"] == 20)
        #expect(data["limit"] == 3)
        #expect(data["remaining"] == 0)
        #expect(data["reset_seconds"] == 60)
        #expect(try door.outcome("usage", nil, other) == "ok", "another credential")
        #expect(try door.outcome("system.status", nil, one) == "429 rate_limited")
        for _ in 0..<10 { #expect(try door.outcome("system.status", nil, nil) == "ok") }
        door.clock.advance(by: 19_999)
        #expect(try door.outcome("usage", nil, one) == "429 rate_limited")
        door.clock.advance(by: 1)
        #expect(try door.outcome("usage", nil, one) == "ok")
        #expect(try door.outcome("usage", nil, one) == "429 rate_limited")
    }

    @Test func `who asks for the scope is told whether the credential sees all bots`() throws {
        let door = try Door(rateLimit: 9)
        let bot: JSONValue = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"
        let usage = Self.request("usage").serializedBytes()
        func scope(_ credential: String) throws -> JSONValue {
            try door.exchange([usage, Array(credential.utf8), Array("scope".utf8)])[1]
        }
        let all = try scope("Bearer " + door.forge.hs256())
        #expect(all["all_bots"] == true)
        #expect(all["remaining"] == 8)
        for bots in [[bot], []] as [[JSONValue]] {
            let claims = Forge.claims(["bots": .array(bots)])
            #expect(try scope("Bearer " + door.forge.hs256(claims))["all_bots"] == false)
        }
        for credential in ["", "Bearer a.b.c"] {
            #expect(try scope(credential) == ["all_bots": false])
        }
        let open = try Door { $0.isRequired = false }
        let answer = try open.exchange([usage, [], Array("scope".utf8)])
        #expect(answer[1] == ["all_bots": true])
    }

    @Test func `who asks for the rate gets it in a second frame`() throws {
        let door = try Door(rateLimit: 2)
        let credential = Array(("Bearer " + door.forge.hs256()).utf8)
        let rate = Array("rate".utf8)
        let usage = Self.request("usage").serializedBytes()
        let full: JSONValue = ["limit": 2, "remaining": 1, "reset_seconds": 30]
        #expect(try door.exchange([usage, credential, rate])[1] == full)
        let empty: JSONValue = ["limit": 2, "remaining": 0, "reset_seconds": 60]
        #expect(try door.exchange([usage, credential, rate])[1] == empty)
        let refused = try door.exchange([usage, credential, rate])
        #expect(Door.outcome(refused[0]) == "429 rate_limited")
        #expect(refused[1] == empty)
        #expect(try door.exchange([usage, [], rate])[1] == .object([]), "no credential, no rate")
        #expect(try door.exchange([usage, credential]).count == 1)
        #expect(try door.exchange([usage, credential, Array("x".utf8)]).count == 1)
        let status = Self.request("system.status").serializedBytes()
        let answer = try door.exchange([status, [], rate])
        #expect(Door.outcome(answer[0]) == "ok")
        #expect(answer[1] == .object([]))
    }

    @Test func `each call of a batch is decided on its own`() throws {
        let door = try Door(rateLimit: 6)
        let claims = Forge.claims(["bots": [.string(Self.bot)]])
        let batch: JSONValue = [
            Self.request("usage", id: 1), Self.request("nothing", id: 2),
            Self.request("keys.list", id: 3), Self.request("usage", id: 4, params: ["days": 0]),
            Self.request("usage", id: 5, params: ["bot_id": .string(Self.other)]),
            Self.request("system.status", id: 6), ["jsonrpc": "2.0"],
            Self.request("realtime", id: 7), Self.request("usage", id: 8),
        ]
        func outcomes(_ credential: String) throws -> [String] {
            let frames = [batch.serializedBytes(), Array(credential.utf8)]
            let answer = try #require(try door.exchange(frames).first?.arrayValue)
            let ids: [JSONValue] = [1, 2, 3, 4, 5, 6, .null, 7, 8]
            #expect(answer.map { $0["id"] } == ids)
            return answer.map { Door.outcome($0) }
        }
        #expect(
            try outcomes("Bearer " + door.forge.hs256(claims)) == [
                "ok", "-32601 unknown_method", "403 insufficient_permissions",
                "-32602 invalid_parameter", "403 bot_access_denied", "ok",
                "-32600 invalid_request", "ok", "429 rate_limited",
            ]
        )
        let missing = "401 missing_token"
        #expect(
            try outcomes("") == [
                missing, "-32601 unknown_method", missing, missing, missing, "ok",
                "-32600 invalid_request", missing, missing,
            ]
        )
    }

    @Test func `keys are there again after a restart`() throws {
        let door = try Door()
        let kept = try door.makeKey(["roles": ["analytics_viewer"], "name": "dashboard"])
        let revoked = try door.makeKey(["roles": ["analytics_viewer"]])
        let admin = "Bearer " + door.forge.hs256(Forge.claims(["roles": ["admin"]]))
        #expect(try door.outcome("keys.revoke", ["id": .string(revoked.id)], admin) == "ok")
        #expect(try door.outcome("usage", nil, "ApiKey " + kept.key) == "ok")
        try door.restart()
        #expect(try door.outcome("usage", nil, "ApiKey " + kept.key) == "ok")
        #expect(
            try door.outcome("usage", nil, "ApiKey " + revoked.key) == "401 invalid_api_key"
        )
        let list = try #require(try door.exchange("keys.list", nil, admin)["result"]?["keys"])
        let listed = try #require(list.arrayValue?.first { $0["id"] == .string(kept.id) })
        #expect(listed["name"] == "dashboard")
        #expect(listed["last_used_at"] == "2025-06-01T12:00:00+00:00", "written before the stop")
    }
}
