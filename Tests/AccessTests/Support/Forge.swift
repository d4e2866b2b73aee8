import Core
import Crypto
import CryptoExtras
import Foundation
import JSON

@testable import Access

/// Makes tokens, good and bad ones, without the code under test.
struct Forge {
    /// 2025-06-01T12:00:00Z, the now of these tests, in milliseconds and seconds since 1970.
    static let now: Int64 = 1_748_779_200_000
    static let second = now / 1_000

    let secret = "0123456789abcdef0123456789abcdef"
    let rsa: _RSA.Signing.PrivateKey
    let otherRSA: _RSA.Signing.PrivateKey
    let curve = P256.Signing.PrivateKey()

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        otherRSA = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// The claims of a good token, some of them replaced; null leaves one out.
    static func claims(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var claims: [String: JSONValue] = [
            "sub": "someone", "iss": "general-bots", "aud": "general-bots-api",
            "iat": .integer(second - 10), "nbf": .integer(second - 10),
            "exp": .integer(second + 3_600), "type": "access", "roles": ["analytics_viewer"],
        ]
        for (name, value) in changes { claims[name] = value }
        let kept = claims.filter { $0.value != .null }.sorted { $0.key < $1.key }
        return .object(kept.map { JSONValue.Member(name: $0.key, value: $0.value) })
    }

    /// A token with a signature that the closure makes of header and claims.
    static func token(
        _ header: JSONValue,
        _ claims: JSONValue,
        signature: ([UInt8]) throws -> [UInt8]
    ) rethrows -> String {
        let text = [header, claims].map { base64($0.serializedBytes()) }.joined(separator: ".")
        return try text + "." + base64(signature(Array(text.utf8)))
    }

    static func base64(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    func hs256(
        _ claims: JSONValue = Forge.claims(),
        key: [UInt8]? = nil,
        header: JSONValue = ["alg": "HS256", "typ": "JWT"]
    ) -> String {
        let key = SymmetricKey(data: key ?? Array(secret.utf8))
        return Self.token(header, claims) { text in
            Array(HMAC<SHA256>.authenticationCode(for: text, using: key))
        }
    }

    func hs384(_ claims: JSONValue = Forge.claims()) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return Self.token(["alg": "HS384"], claims) { text in
            Array(HMAC<SHA384>.authenticationCode(for: text, using: key))
        }
    }

    func hs512(_ claims: JSONValue = Forge.claims()) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        return Self.token(["alg": "HS512"], claims) { text in
            Array(HMAC<SHA512>.authenticationCode(for: text, using: key))
        }
    }

    func rs256(
        _ claims: JSONValue = Forge.claims(),
        header: JSONValue = ["alg": "RS256"],
        key: _RSA.Signing.PrivateKey? = nil
    ) throws -> String {
        try Self.token(header, claims) { text in
            let signature = try (key ?? rsa).signature(
                for: SHA256.hash(data: text),
                padding: .insecurePKCS1v1_5
            )
            return Array(signature.rawRepresentation)
        }
    }

    /// A signature of RSA over another hash, as RS512 would have it.
    func rs512() throws -> String {
        try Self.token(["alg": "RS512"], Self.claims()) { text in
            let signature = try rsa.signature(
                for: SHA512.hash(data: text),
                padding: .insecurePKCS1v1_5
            )
            return Array(signature.rawRepresentation)
        }
    }

    func es256(
        _ claims: JSONValue = Forge.claims(),
        header: JSONValue = ["alg": "ES256"]
    ) throws -> String {
        try Self.token(header, claims) { text in
            Array(try curve.signature(for: SHA256.hash(data: text)).rawRepresentation)
        }
    }

    /// The public keys as a JWKS, with more keys that cannot serve here.
    func jwks(rsaAlgorithm: String = "RS256", use: String = "sig") throws -> String {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        let point = Array(curve.publicKey.rawRepresentation)
        let keys: JSONValue = [
            "keys": [
                [
                    "kty": "RSA", "kid": "r", "alg": .string(rsaAlgorithm),
                    "use": .string(use),
                    "n": .string(Self.base64(numbers.modulus)),
                    "e": .string(Self.base64(numbers.publicExponent)),
                ],
                [
                    "kty": "EC", "kid": "e", "crv": "P-256",
                    "x": .string(Self.base64(point.prefix(32))),
                    "y": .string(Self.base64(point.suffix(32))),
                ],
                // A shared secret in a public document is nobody's key.
                ["kty": "oct", "kid": "o", "alg": "HS256", "k": .string(Self.base64([1, 2, 3]))],
                ["kty": "OKP", "kid": "d", "crv": "Ed25519", "x": "AA"],
            ]
        ]
        return keys.serialized()
    }
}

/// A directory that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appendingPathComponent("botstats-access-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file; returns its path.
    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}

extension _RSA.Signing.PrivateKey {
    /// The public key as PEM.
    var publicKeyText: String { publicKey.pemRepresentation }
}
