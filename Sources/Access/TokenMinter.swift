public import Core
internal import JSON

/// Makes tokens with the shared secret.
public struct TokenMinter: Sendable {
    private let key: VerificationKey
    private let issuer: String
    private let audience: String

    /// Makes a minter.
    ///
    /// - Parameters:
    ///   - secret: The shared secret, as ``SecretFile/read(_:)`` gives it.
    ///   - issuer: The tokens' `iss`.
    ///   - audience: The tokens' `aud`.
    public init(secret: [UInt8], issuer: String, audience: String) {
        guard let key = VerificationKey.shared(secret).first else {
            preconditionFailure("a secret is a key for HS256")
        }
        self.key = key
        self.issuer = issuer
        self.audience = audience
    }

    /// Makes an access token.
    ///
    /// - Parameters:
    ///   - subject: Whom it is for.
    ///   - roles: The roles.
    ///   - bots: The bots it is limited to; nil where it is not.
    ///   - now: Milliseconds since 1970.
    ///   - lifetimeSeconds: How long it is good for.
    /// - Returns: The token, signed by HS256.
    public func mint(
        subject: String,
        roles: [String],
        bots: [UUID128]?,
        now: Int64,
        lifetimeSeconds: Int64
    ) -> String {
        let second = now / 1_000
        var claims: [JSONValue.Member] = [
            JSONValue.Member(name: "sub", value: .string(subject)),
            JSONValue.Member(name: "iss", value: .string(issuer)),
            JSONValue.Member(name: "aud", value: .string(audience)),
            JSONValue.Member(name: "iat", value: .integer(second)),
            JSONValue.Member(name: "nbf", value: .integer(second)),
            JSONValue.Member(name: "exp", value: .integer(second + lifetimeSeconds)),
            JSONValue.Member(name: "type", value: "access"),
            JSONValue.Member(name: "roles", value: .array(roles.map { .string($0) })),
        ]
        if let bots {
            let texts = bots.map { JSONValue.string($0.description) }
            claims.append(JSONValue.Member(name: "bots", value: .array(texts)))
        }
        let header: JSONValue = ["alg": .string(key.algorithm), "typ": "JWT"]
        let parts = [header, .object(claims)].map { Base64URL.encode($0.serializedBytes()) }
        let text = parts.joined(separator: ".")
        guard let signature = key.sign(Array(text.utf8)) else {
            preconditionFailure("a shared secret signs")
        }
        return text + "." + Base64URL.encode(signature)
    }
}
