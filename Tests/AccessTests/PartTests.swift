import Core
import Foundation
import Testing

@testable import Access

/// The door's small parts.
struct PartTests {
    @Test(
        arguments: [
            ("Bearer a.b.c", "t a.b.c"), ("bearer a.b.c", "t a.b.c"), ("BEARER  x ", "t x"),
            (" Bearer x", "t x"), ("ApiKey gb_1", "k gb_1"), ("apikey gb_1", "k gb_1"),
            ("Bearer", "t "), ("Bearer ", "t "), ("", "none"), ("  ", "none"),
            ("Basic x", "invalid_token"), ("Bearerx", "invalid_token"), ("gb_1", "invalid_token"),
            ("\u{0}", "invalid_token"),
        ]
    )
    func `a credential is a token or a key`(value: String, expected: String) {
        let found: String
        do throws(AccessRefusal) {
            found =
                switch try Credential.parse(Array(value.utf8)) {
                case nil: "none"
                case .token(let bytes): "t " + String(decoding: bytes, as: UTF8.self)
                case .apiKey(let bytes): "k " + String(decoding: bytes, as: UTF8.self)
                }
        } catch {
            found = error.token
        }
        #expect(found == expected)
    }

    @Test func `a credential that is too long is refused`() {
        let value = Array("Bearer ".utf8) + [UInt8](repeating: 65, count: 64 << 10)
        #expect(throws: AccessRefusal.self) { try Credential.parse(value) }
    }

    @Test(
        arguments: [
            (["analytics_viewer"], "figures"), (["analytics_admin"], "reports"),
            (["admin"], "figures reports administration"),
            (["superadmin"], "figures reports administration"),
            (["super_admin"], "figures reports administration"),
            (["analytics_viewer", "analytics_admin"], "figures reports"),
            ([], ""), (["user", "moderator", "Admin", "bot_viewer"], ""),
        ]
    )
    func `roles allow what the table says`(roles: [String], allowed: String) {
        let mapping = RoleMapping()
        #expect(Self.allowed(mapping, roles) == allowed)
    }

    @Test func `the mapping of roles can be changed, and admin stays`() throws {
        var mapping = RoleMapping()
        mapping.viewers = try #require(RoleMapping.names("bot_viewer, bot_owner"))
        mapping.reporters = ["bot_owner"]
        #expect(Self.allowed(mapping, ["bot_viewer"]) == "figures")
        #expect(Self.allowed(mapping, ["bot_owner"]) == "figures reports")
        #expect(Self.allowed(mapping, ["analytics_viewer"]) == "")
        #expect(Self.allowed(mapping, ["admin"]) == "figures reports administration")
        for text in ["", ",", "a,", "a b", "ä"] { #expect(RoleMapping.names(text) == nil) }
    }

    private static func allowed(_ mapping: RoleMapping, _ roles: [String]) -> String {
        let permissions: [(String, Permission)] = [
            ("figures", .figures), ("reports", .reports), ("administration", .administration),
        ]
        return permissions.filter { mapping.allows(Set(roles), $0.1) }.map(\.0)
            .joined(separator: " ")
    }

    // MARK: - Rate

    @Test func `a bucket holds a minute's requests and fills evenly`() {
        var limiter = RateLimiter(limit: 60)
        let (one, other) = (CredentialDigest(of: [1]), CredentialDigest(of: [2]))
        for number in 1...60 {
            let taken = limiter.take(one, now: 1_000)
            #expect(taken.isAllowed)
            #expect(taken.1.remaining == 60 - number)
            #expect(taken.1.resetSeconds == number)
        }
        let refused = limiter.take(one, now: 1_000)
        #expect(!refused.isAllowed)
        #expect(
            refused.1
                == RateStatus(limit: 60, remaining: 0, resetSeconds: 60, retryAfterSeconds: 1)
        )
        #expect(limiter.take(other, now: 1_000).isAllowed, "each credential has its own")
        #expect(!limiter.take(one, now: 1_999).isAllowed)
        #expect(limiter.take(one, now: 2_000).isAllowed)
        #expect(!limiter.take(one, now: 500).isAllowed, "a clock set back brings nothing")
        #expect(limiter.take(one, now: 10_000_000).1.remaining == 59, "never more than a minute's")
    }

    @Test func `a small limit says how long to wait`() {
        var limiter = RateLimiter(limit: 1)
        let one = CredentialDigest(of: [1])
        #expect(limiter.take(one, now: 0).isAllowed)
        #expect(limiter.take(one, now: 0).1.retryAfterSeconds == 60)
        #expect(limiter.take(one, now: 30_500).1.retryAfterSeconds == 30)
        #expect(limiter.take(one, now: 60_000).isAllowed)
    }

    @Test func `a table forgets what was not used for longest`() {
        var table = RecentTable<Int, Int>(capacity: 10)
        table[0] = 0
        for key in 1...1_000 {
            table[key] = key
            #expect(table[0] == 0, "in use")
            #expect(table.count <= 20)
        }
        #expect(table[1_000] == 1_000)
        #expect(table[1] == nil)
        table[0] = nil
        #expect(table[0] == nil)
    }

    // MARK: - The secret

    @Test func `a secret is made once, for its owner only`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/jwt-secret"
        try SecretFile.makeIfMissing(path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let first = try SecretFile.read(path)
        #expect(first.count == 64)
        try SecretFile.makeIfMissing(path)
        #expect(try SecretFile.read(path) == first)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files == ["jwt-secret"], "no draft is left")
        let other = try TemporaryDirectory()
        try SecretFile.makeIfMissing(other.path + "/jwt-secret")
        #expect(try SecretFile.read(other.path + "/jwt-secret") != first)
    }

    @Test(
        arguments: [
            ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
            ("0123456789abcdef0123456789abcdef\n", "0123456789abcdef0123456789abcdef"),
            ("0123456789abcdef0123456789abcdef\n\n", "0123456789abcdef0123456789abcdef\n"),
            (" 0123456789abcdef0123456789abcde", " 0123456789abcdef0123456789abcde"),
        ]
    )
    func `the key is the text without the final newline`(text: String, key: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "secret")
        #expect(try SecretFile.read(path) == Array(key.utf8))
    }

    @Test(
        arguments: [
            (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o604, false),
            (0o602, false), (0o666, false),
        ]
    )
    func `a secret that everybody can read is refused`(mode: Int, isGood: Bool) throws {
        let directory = try TemporaryDirectory()
        let text = "0123456789abcdef0123456789abcdef"
        let path = try directory.write(text, to: "secret", mode: mode)
        guard !isGood else {
            _ = try SecretFile.read(path)
            return
        }
        let error = #expect(throws: AccessFailure.self) { try SecretFile.read(path) }
        #expect(error?.description.contains("--jwt-secret-file \(path)") == true)
        #expect(error?.description.contains(text) == false)
    }

    @Test(arguments: ["", "\n", "0123456789abcdef0123456789abcde\n"])
    func `a secret that is too short is refused`(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "secret")
        let error = #expect(throws: AccessFailure.self) { try SecretFile.read(path) }
        #expect(error?.description.contains("fewer than 32 characters") == true)
    }

    @Test func `a secret that is no file, no text or too long is refused`() throws {
        let directory = try TemporaryDirectory()
        let long = try directory.write(String(repeating: "x", count: 4_097), to: "long")
        let bytes = directory.path + "/bytes"
        try Data([UInt8](repeating: 0xff, count: 40)).write(to: URL(filePath: bytes))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: bytes)
        for path in [long, bytes, directory.path, directory.path + "/none"] {
            #expect(throws: AccessFailure.self) { try SecretFile.read(path) }
        }
    }
}
