internal import Core
internal import JSON

/// The claims of a token whose signature is good, checked one after the other.
struct TokenClaims {
    /// How far the clocks of those who make tokens may be off, as botserver allows.
    static let leewayMilliseconds: Int64 = 60_000

    let principal: Principal
    /// When the token is no longer accepted, leeway included, in milliseconds since 1970.
    let end: Int64

    init(
        _ claims: JSONValue,
        issuer: String,
        audience: String,
        now: Int64
    ) throws(AccessRefusal) {
        guard claims["iss"] == .string(issuer) else {
            throw .invalidToken("the token is of another issuer")
        }
        guard Self.names(claims["aud"], audience) else {
            throw .invalidToken("the token is for another audience")
        }
        if let type = claims["type"], type != "access" {
            throw .invalidToken("the token is no access token")
        }
        guard let expiry = Self.milliseconds(claims["exp"]) else {
            throw .invalidToken("the token has no exp")
        }
        let origin = Principal.Origin.token(subject: try Self.subject(claims["sub"]))
        end = expiry + Self.leewayMilliseconds
        guard now < end else { throw .expiredToken(origin) }
        if let begin = claims["nbf"] {
            guard let begin = Self.milliseconds(begin) else {
                throw .invalidToken("the token's nbf is no number")
            }
            guard now >= begin - Self.leewayMilliseconds else {
                throw .invalidToken("the token is not valid yet")
            }
        }
        principal = Principal(
            origin: origin,
            roles: try Self.roles(claims["roles"]),
            bots: try Self.bots(claims["bots"])
        )
    }

    /// `aud` is a text or an array of texts (RFC 7519, 4.1.3).
    private static func names(_ claim: JSONValue?, _ audience: String) -> Bool {
        claim == .string(audience) || claim?.arrayValue?.contains(.string(audience)) ?? false
    }

    /// A NumericDate; one of another millennium is as good as the end of the calendar.
    private static func milliseconds(_ claim: JSONValue?) -> Int64? {
        guard let seconds = claim?.doubleValue else { return nil }
        return Int64(min(max(seconds, 0), 1e12) * 1_000)
    }

    private static func subject(_ claim: JSONValue?) throws(AccessRefusal) -> String {
        switch claim {
        case nil, .null: return ""
        case .string(let text): return text
        default: throw .invalidToken("the token's sub is no text")
        }
    }

    private static func roles(_ claim: JSONValue?) throws(AccessRefusal) -> Set<String> {
        // botserver writes null where somebody has no roles.
        guard let claim, claim != .null else { return [] }
        guard let texts = claim.arrayValue?.compactMap(\.stringValue),
            texts.count == claim.arrayValue?.count
        else { throw .invalidToken("the token's roles are no array of texts") }
        return Set(texts)
    }

    /// Absent means all bots; anything but an array of UUIDs is refused rather than guessed at.
    private static func bots(_ claim: JSONValue?) throws(AccessRefusal) -> Set<UUID128>? {
        guard let claim else { return nil }
        guard let entries = claim.arrayValue else {
            throw .invalidToken("the token's bots are no array of UUIDs")
        }
        var bots: Set<UUID128> = []
        for entry in entries {
            guard let bot = entry.stringValue.flatMap({ UUID128($0) }) else {
                throw .invalidToken("the token's bots are no array of UUIDs")
            }
            bots.insert(bot)
        }
        return bots
    }
}
