import Core
import Foundation
import JSON
import LMDB
import Testing

@testable import Access

/// API keys and where they live.
struct APIKeyTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func keys() throws -> APIKeys { try APIKeys(dataDirectory: directory.path) }

    private func create(
        _ keys: inout APIKeys,
        lifetimeSeconds: Int64? = nil,
        bots: [UUID128]? = nil
    ) throws -> (text: String, id: UUID128) {
        let request = APIKeyRequest.create(
            name: "a name",
            roles: ["analytics_viewer"],
            bots: bots,
            lifetimeSeconds: lifetimeSeconds
        )
        let result = try keys.perform(request, now: Forge.now)
        return (
            try #require(result["key"]?.stringValue),
            try #require(result["id"]?.stringValue.flatMap { UUID128($0) })
        )
    }

    private func reason(_ text: String, _ keys: inout APIKeys, now: Int64 = Forge.now) -> String {
        let bytes = Array(text.utf8)
        do throws(AccessRefusal) {
            _ = try keys.verify(bytes, CredentialDigest(of: bytes), now: now)
            return "good"
        } catch {
            #expect(error.token == "invalid_api_key")
            #expect(error.status == 401)
            return error.message
        }
    }

    @Test func `a key is gb_ and 32 characters, and no two are the same`() throws {
        var keys = try keys()
        var texts: Set<String> = []
        for _ in 0..<50 {
            let text = try create(&keys).text
            #expect(text.wholeMatch(of: /gb_[A-Za-z0-9]{32}/) != nil)
            texts.insert(text)
        }
        #expect(texts.count == 50)
    }

    @Test func `only the hash of a key is stored`() throws {
        var keys = try keys()
        let key = try create(&keys)
        let listed = try keys.perform(.list, now: Forge.now).serialized()
        #expect(listed.contains(key.id.description))
        #expect(!listed.contains(key.text.dropFirst(3)))
        let file = try Data(contentsOf: URL(filePath: directory.path + "/access/data.mdb"))
        #expect(file.firstRange(of: Data("a name".utf8)) != nil)
        #expect(file.firstRange(of: Data(key.text.dropFirst(3).utf8)) == nil)
    }

    @Test func `a key is good until it expires or is revoked, also after a restart`() throws {
        var id = UUID128.zero
        var texts: [String] = []
        let bot = UUID128(high: 1, low: 2)
        do {
            var keys = try keys()
            texts.append(try create(&keys, lifetimeSeconds: 60).text)
            let key = try create(&keys, bots: [bot])
            texts.append(key.text)
            id = key.id
        }
        do {
            var keys = try keys()
            #expect(reason(texts[0], &keys, now: Forge.now + 59_999) == "good")
            #expect(reason(texts[0], &keys, now: Forge.now + 60_000).contains("expired"))
            #expect(reason(texts[1], &keys) == "good")
            let bytes = Array(texts[1].utf8)
            let principal = try keys.verify(bytes, CredentialDigest(of: bytes), now: Forge.now)
            #expect(principal.bots == [bot])
            #expect(principal.roles == ["analytics_viewer"])
            #expect(principal.origin == .key(id: id))
            _ = try keys.perform(.revoke(id: id), now: Forge.now + 5)
            #expect(reason(texts[1], &keys).contains("revoked"))
        }
        var keys = try keys()
        #expect(reason(texts[1], &keys).contains("revoked"))
        let again = try keys.perform(.revoke(id: id), now: Forge.now + 99_000)
        #expect(again["revoked_at"] == "2025-06-01T12:00:00.005+00:00", "the first one counts")
        #expect(throws: APIKeyFault.self) {
            try keys.perform(.revoke(id: UUID128(high: 9, low: 9)), now: Forge.now)
        }
    }

    @Test func `another text is no key`() throws {
        var keys = try keys()
        let text = try create(&keys).text
        for other in [
            "", "gb_", text + "x", String(text.dropLast()), text.lowercased() + " ",
            "GB_" + text.dropFirst(3), "gb_" + String(repeating: "A", count: 32),
        ] {
            #expect(reason(other, &keys).contains("no such"), "\(other)")
        }
    }

    @Test func `the time of last use is written at most once a minute`() throws {
        var id = UUID128.zero
        do {
            var keys = try keys()
            let key = try create(&keys)
            id = key.id
            #expect(reason(key.text, &keys) == "good")
            try keys.writeUses(now: Forge.now)
            #expect(reason(key.text, &keys, now: Forge.now + 30_000) == "good")
            try keys.writeUses(now: Forge.now + 59_999)
        }
        do {
            let keys = try keys()
            #expect(keys.keys[id]?.lastUsed == Forge.now, "the second use was not written yet")
        }
        do {
            var keys = try keys()
            let key = try create(&keys)
            id = key.id
            #expect(reason(key.text, &keys, now: Forge.now + 1) == "good")
            try keys.writeUses(now: 0, atOnce: true)
        }
        #expect(try keys().keys[id]?.lastUsed == Forge.now + 1)
    }

    @Test func `a damaged key is told of`() throws {
        do {
            _ = try keys()
            let environment = try Environment(path: directory.path + "/access")
            let table = try environment.table(named: "keys")
            try environment.withWrite { transaction throws(LMDBError) in
                let bytes: [UInt8] = [UInt8](repeating: 7, count: 16)
                try transaction.put(bytes.span.bytes, for: bytes.span.bytes, in: table)
            }
        }
        let error = #expect(throws: AccessFailure.self) { _ = try keys() }
        #expect(error?.description.contains("damaged") == true)
    }

    @Test(
        arguments: [
            (#"{"roles":["admin"]}"#, nil), (#"{"roles":["admin"],"bots":null}"#, nil),
            ("{}", "roles"), (#"{"roles":[]}"#, "roles"), (#"{"roles":["a b"]}"#, "roles"),
            (#"{"roles":"admin"}"#, "roles"), (#"{"name":1,"roles":3}"#, "name"),
            (#"{"roles":["a"],"bots":["x"],"expires_seconds":0}"#, "bots"),
            (#"{"roles":["a"],"bots":[],"expires_seconds":0,"x":1}"#, "expires_seconds"),
            (#"{"roles":["a"],"expires_seconds":1.5}"#, "expires_seconds"),
            (#"{"roles":["a"],"x":1}"#, "x"),
        ] as [(String, String?)]
    )
    func `a request for a key names the parameter at fault`(text: String, fault: String?) throws {
        let params = try JSONValue(parsing: text.utf8)
        do throws(ParameterError) {
            _ = try APIKeyRequest(.create, params)
            #expect(fault == nil)
        } catch {
            #expect(error.parameter == fault)
        }
    }
}
