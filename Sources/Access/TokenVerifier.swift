internal import JSON

/// Verifies tokens, and remembers those that were good.
struct TokenVerifier: Sendable {
    private struct Verified: Sendable {
        var principal: Principal
        var end: Int64
    }

    /// Good tokens that are remembered; each takes about 300 bytes and 40 for each of its bots.
    ///
    /// Bad ones are not, so that no flood of them drives a good one out.
    private static let tokensMaximum = 4_096

    private let issuer: String
    private let audience: String
    private var keys: TokenKeys
    private var verified = RecentTable<CredentialDigest, Verified>(capacity: tokensMaximum)

    init(issuer: String, audience: String, keys: TokenKeys) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
    }

    /// Takes other keys over where their files have changed; what was verified with the former
    /// ones is verified again.
    mutating func followFiles() throws(AccessFailure) {
        if try keys.followFiles() { verified.removeAll() }
    }

    /// Who a token says its bearer is.
    ///
    /// - Parameters:
    ///   - token: The token.
    ///   - digest: Its hash.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The bearer.
    /// - Throws: ``AccessRefusal/invalidToken(_:)`` or ``AccessRefusal/expiredToken(_:)``.
    mutating func verify(
        _ token: [UInt8],
        _ digest: CredentialDigest,
        now: Int64
    ) throws(AccessRefusal) -> Principal {
        if let known = verified[digest] {
            guard now < known.end else {
                verified[digest] = nil
                throw .expiredToken(known.principal.origin)
            }
            return known.principal
        }
        let claims = try TokenClaims(
            try payload(of: token),
            issuer: issuer,
            audience: audience,
            now: now
        )
        verified[digest] = Verified(principal: claims.principal, end: claims.end)
        return claims.principal
    }

    /// The claims, once the signature has been found good.
    private func payload(of token: [UInt8]) throws(AccessRefusal) -> JSONValue {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]),
            let algorithm = header["alg"]?.stringValue,
            let signature = Base64URL.decode(parts[2])
        else { throw .invalidToken("the token is no signed JSON Web Token") }
        // What a token says is critical has to be understood (RFC 7515, 4.1.11); nothing is here.
        guard header["crit"] == nil else {
            throw .invalidToken("the token's header has extensions that are not known")
        }
        let text = token[..<(token.count - parts[2].count - 1)]
        let candidates = keys.candidates(algorithm: algorithm, id: header["kid"]?.stringValue)
        guard candidates.contains(where: { $0.verifies(signature, over: text) }) else {
            throw .invalidToken("the token's signature is not of a key that is accepted")
        }
        guard let payload = Self.object(parts[1]) else {
            throw .invalidToken("the token's claims are no JSON object")
        }
        return payload
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONValue? {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue(parsing: bytes),
            case .object = value
        else { return nil }
        return value
    }
}
