import Core
import Crypto
import CryptoExtras
import Foundation
import JSON
import Testing

@testable import Access

/// Which tokens are good, and what they say.
struct TokenTests {
    /// What is said of a token.
    private enum Verdict: Equatable, CustomStringConvertible {
        case good
        case refused(String)

        var description: String {
            switch self {
            case .good: "good"
            case .refused(let token): token
            }
        }
    }

    private let forge: Forge
    private let directory: TemporaryDirectory

    init() throws {
        forge = try Forge()
        directory = try TemporaryDirectory()
    }

    private func verifier(pem: String? = nil, jwks: String? = nil) throws -> TokenVerifier {
        TokenVerifier(
            issuer: "general-bots",
            audience: "general-bots-api",
            keys: try TokenKeys(
                secret: Array(forge.secret.utf8),
                publicKeyFile: try pem.map { try directory.write($0, to: "key.pem") },
                jwksFile: try jwks.map { try directory.write($0, to: "jwks.json") }
            )
        )
    }

    private func verdict(
        _ token: String,
        _ verifier: inout TokenVerifier,
        now: Int64 = Forge.now
    ) -> Verdict {
        do throws(AccessRefusal) {
            let bytes = Array(token.utf8)
            _ = try verifier.verify(bytes, CredentialDigest(of: bytes), now: now)
            return .good
        } catch {
            return .refused(error.token)
        }
    }

    private func principal(_ claims: JSONValue) throws -> Principal {
        var verifier = try verifier()
        let bytes = Array(forge.hs256(claims).utf8)
        return try verifier.verify(bytes, CredentialDigest(of: bytes), now: Forge.now)
    }

    @Test func `each algorithm verifies with the key meant for it`() throws {
        var shared = try verifier()
        for token in [forge.hs256(), forge.hs384(), forge.hs512()] {
            #expect(verdict(token, &shared) == .good)
        }
        #expect(verdict(try forge.rs256(), &shared) == .refused("invalid_token"))
        var rsa = try verifier(pem: forge.rsa.publicKey.pemRepresentation)
        #expect(verdict(try forge.rs256(), &rsa) == .good)
        #expect(verdict(try forge.rs256(header: ["alg": "RS256", "kid": "any"]), &rsa) == .good)
        #expect(verdict(try forge.es256(), &rsa) == .refused("invalid_token"))
        #expect(verdict(forge.hs256(), &rsa) == .good, "the secret is still a key")
        var curve = try verifier(pem: forge.curve.publicKey.pemRepresentation)
        #expect(verdict(try forge.es256(), &curve) == .good)
        #expect(verdict(try forge.rs256(), &curve) == .refused("invalid_token"))
    }

    @Test func `a key set gives the key a token names`() throws {
        var verifier = try verifier(jwks: try forge.jwks())
        let rows: [(token: String, verdict: Verdict, why: String)] = [
            (try forge.rs256(header: ["alg": "RS256", "kid": "r"]), .good, "its key"),
            (try forge.rs256(), .good, "no kid: any key of the algorithm"),
            (try forge.es256(header: ["alg": "ES256", "kid": "e"]), .good, "its key"),
            (
                try forge.rs256(header: ["alg": "RS256", "kid": "e"]), .refused("invalid_token"),
                "the kid of another key"
            ),
            (
                try forge.rs256(header: ["alg": "RS256", "kid": "r"], key: forge.otherRSA),
                .refused("invalid_token"), "a key that is not in the set"
            ),
            (
                forge.hs256(key: [1, 2, 3], header: ["alg": "HS256", "kid": "o"]),
                .refused("invalid_token"), "a shared secret in a public document"
            ),
        ]
        for row in rows {
            #expect(verdict(row.token, &verifier) == row.verdict, Comment(rawValue: row.why))
        }
        var other = try self.verifier(jwks: try forge.jwks(rsaAlgorithm: "RS512"))
        #expect(verdict(try forge.rs256(), &other) == .refused("invalid_token"), "meant for RS512")
        #expect(verdict(try forge.rs512(), &other) == .refused("invalid_token"), "not offered")
        var secrecy = try self.verifier(jwks: try forge.jwks(use: "enc"))
        #expect(verdict(try forge.rs256(), &secrecy) == .refused("invalid_token"), "to encrypt")
    }

    @Test func `confusion of algorithms is refused`() throws {
        let pem = forge.rsa.publicKey.pemRepresentation
        var verifier = try verifier(pem: pem)
        let good = forge.hs256().split(separator: ".").map(String.init)
        let none = Forge.base64(#"{"alg":"none"}"#.utf8)
        let rows: [(token: String, why: String)] = [
            (forge.hs256(key: Array(pem.utf8)), "HMAC with the public key's text"),
            (forge.hs256(key: Array((pem + "\n").utf8)), "the same with a newline"),
            (
                forge.hs256(key: Array(forge.rsa.publicKey.derRepresentation)),
                "HMAC with the public key's bytes"
            ),
            ("\(none).\(good[1]).", "none without signature"),
            ("\(none).\(good[1]).\(good[2])", "none with a signature"),
            (Forge.token(["alg": "None"], Forge.claims()) { _ in [] }, "none in other letters"),
            (Forge.token(["alg": ""], Forge.claims()) { _ in [] }, "an empty algorithm"),
            (Forge.token(["typ": "JWT"], Forge.claims()) { _ in [] }, "no algorithm"),
            (Forge.token(["alg": ["HS256"]], Forge.claims()) { _ in [] }, "a list of algorithms"),
            (forge.hs256(header: ["alg": "HS512"]), "another length of hash"),
            (forge.hs256(header: ["alg": "hs256"]), "another spelling"),
            (try forge.rs256(header: ["alg": "HS256"]), "RSA named HMAC"),
            (try forge.rs256(header: ["alg": "ES256"]), "RSA named ECDSA"),
            (try forge.rs512(), "an algorithm that is not offered"),
            (
                forge.hs256(header: ["alg": "HS256", "crit": ["exp"], "exp": 0]),
                "an extension that has to be understood"
            ),
        ]
        for row in rows {
            #expect(
                verdict(row.token, &verifier) == .refused("invalid_token"),
                Comment(rawValue: row.why)
            )
        }
    }

    @Test func `a token that was tampered with is refused`() throws {
        var verifier = try verifier()
        let parts = forge.hs256().split(separator: ".").map(String.init)
        let claims = Forge.base64(Forge.claims(["roles": ["admin"]]).serializedBytes())
        for token in [
            "\(parts[0]).\(claims).\(parts[2])", "\(parts[0]).\(parts[1])",
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[2]).",
            "\(parts[0]).\(parts[1]).\(parts[2])=",
            "\(parts[0]).\(parts[1]).\(parts[2].dropLast())",
            ".\(parts[1]).\(parts[2])", "", ".", "..", "...", "x", "\u{0}", "é.é.é",
            forge.hs256(key: Array("another secret of enough characters".utf8)),
        ] {
            #expect(verdict(token, &verifier) == .refused("invalid_token"), "\(token)")
        }
    }

    @Test func `every claim is checked`() throws {
        var verifier = try verifier()
        let now = Forge.second
        let rows: [(changes: [String: JSONValue], verdict: Verdict)] = [
            (["iss": "another"], .refused("invalid_token")),
            (["iss": .null], .refused("invalid_token")),
            (["iss": ["general-bots"]], .refused("invalid_token")),
            (["aud": "another"], .refused("invalid_token")),
            (["aud": .null], .refused("invalid_token")),
            (["aud": ["another", "general-bots-api"]], .good),
            (["aud": ["another"]], .refused("invalid_token")),
            (["aud": .array([])], .refused("invalid_token")),
            // The leeway of a minute ends with the 60th second.
            (["exp": .integer(now - 59)], .good),
            (["exp": .integer(now - 60)], .refused("expired_token")),
            (["exp": .double(Double(now) - 59.5)], .good),
            (["exp": .double(1e300)], .good),
            (["exp": .null], .refused("invalid_token")),
            (["exp": "tomorrow"], .refused("invalid_token")),
            (["nbf": .integer(now + 60)], .good),
            (["nbf": .integer(now + 61)], .refused("invalid_token")),
            (["nbf": .null], .good),
            (["nbf": "now"], .refused("invalid_token")),
            (["type": .null], .good),
            (["type": "refresh"], .refused("invalid_token")),
            (["type": "id_token"], .refused("invalid_token")),
            (["type": "Access"], .refused("invalid_token")),
            (["type": 1], .refused("invalid_token")),
            (["roles": "admin"], .refused("invalid_token")),
            (["roles": ["admin", 1]], .refused("invalid_token")),
            (["bots": "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"], .refused("invalid_token")),
            (["bots": ["6f1c2b9e"]], .refused("invalid_token")),
            (["bots": [1]], .refused("invalid_token")),
            (["bots": .object([])], .refused("invalid_token")),
            (["sub": 1], .refused("invalid_token")),
            (["sub": .null], .good),
        ]
        for row in rows {
            let token = forge.hs256(Forge.claims(row.changes))
            #expect(verdict(token, &verifier) == row.verdict, "\(row.changes)")
        }
        // What only a null can say, which `claims(_:)` leaves out.
        let null = Forge.token(["alg": "HS256"], .object([])) { _ in [] }
        #expect(verdict(null, &verifier) == .refused("invalid_token"))
        var members = try #require(Forge.claims().objectValue)
        members.append(JSONValue.Member(name: "bots", value: .null))
        let token = forge.hs256(.object(members))
        #expect(verdict(token, &verifier) == .refused("invalid_token"), "no bots are not all bots")
    }

    @Test func `a token says who its bearer is`() throws {
        let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"
        let plain = try principal(Forge.claims())
        #expect(plain.origin == .token(subject: "someone"))
        #expect(plain.roles == ["analytics_viewer"])
        #expect(plain.bots == nil)
        let limited = try principal(
            Forge.claims(["bots": [.string(bot.uppercased())], "roles": ["a", "b"]])
        )
        #expect(limited.bots == [try #require(UUID128(bot))])
        #expect(limited.roles == ["a", "b"])
        #expect(try principal(Forge.claims(["bots": .array([])])).bots == [])
        #expect(try principal(Forge.claims(["roles": .null])).roles == [])
    }

    @Test func `a remembered token is not accepted past its end`() throws {
        var verifier = try verifier()
        let token = forge.hs256(Forge.claims(["exp": .integer(Forge.second + 100)]))
        #expect(verdict(token, &verifier) == .good)
        #expect(verdict(token, &verifier, now: Forge.now + 159_999) == .good)
        #expect(
            verdict(token, &verifier, now: Forge.now + 160_000) == .refused("expired_token")
        )
        #expect(
            verdict(token, &verifier, now: Forge.now + 160_000) == .refused("expired_token")
        )
    }

    @Test func `keys are read again when their file changes`() throws {
        var verifier = try verifier(jwks: try forge.jwks())
        let token = try forge.rs256()
        #expect(verdict(token, &verifier) == .good)
        let other = try Forge()
        try directory.write(try other.jwks(), to: "jwks.json")
        try verifier.followFiles()
        #expect(verdict(token, &verifier) == .refused("invalid_token"), "remembered no longer")
        #expect(verdict(try other.rs256(), &verifier) == .good)
        try directory.write("{", to: "jwks.json")
        #expect(throws: AccessFailure.self) { try verifier.followFiles() }
        #expect(verdict(try other.rs256(), &verifier) == .good, "the last good ones stay")
        try verifier.followFiles()
    }

    @Test(arguments: ["", "{", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#])
    func `a file that is no key set is refused by name`(text: String) throws {
        let error = #expect(throws: AccessFailure.self) { _ = try verifier(jwks: text) }
        #expect(error?.description.contains("--jwks-file \(directory.path)/jwks.json") == true)
    }

    @Test func `a file that is no public key is refused by name`() throws {
        for text in ["", "x", forge.curve.pemRepresentation, forge.rsa.pemRepresentation] {
            let error = #expect(throws: AccessFailure.self) { _ = try verifier(pem: text) }
            #expect(error?.description.contains("--jwt-public-key-file") == true)
        }
    }

    @Test func `a minted token is good, with every length of secret`() throws {
        for count in [32, 63, 64, 65, 200] {
            let secret = Array(String(repeating: "s", count: count).utf8)
            let minter = TokenMinter(secret: secret, issuer: "i", audience: "a")
            let token = minter.mint(
                subject: "x",
                roles: ["admin"],
                bots: [],
                now: Forge.now,
                lifetimeSeconds: 60
            )
            var verifier = TokenVerifier(
                issuer: "i",
                audience: "a",
                keys: try TokenKeys(secret: secret, publicKeyFile: nil, jwksFile: nil)
            )
            #expect(verdict(token, &verifier) == .good)
            // The same signature as anybody else's HMAC gives.
            let parts = token.split(separator: ".")
            let claims = try JSONValue(parsing: try #require(Base64URL.decode(parts[1].utf8)))
            #expect(token == forge.hs256(claims, key: secret))
        }
    }
}
