/// Why a request is refused by the door, in botserver's words.
public enum AccessRefusal: Error, Sendable, Equatable {
    /// 401: there is no credential.
    case missingToken
    /// 401: the token is not good, for this reason.
    case invalidToken(String)
    /// 401: the token is good and too old.
    case expiredToken(Principal.Origin)
    /// 401: there is no such API key, or it is no longer good; then its origin is known.
    case invalidAPIKey(String, Principal.Origin? = nil)
    /// 429: there were too many requests.
    case rateLimited(RateStatus)
    /// 403: no role allows it.
    case insufficientPermissions(String)
    /// 403: the credential is limited to other bots.
    case botAccessDenied

    /// Whose credential it was, where it once was good.
    public var origin: Principal.Origin? {
        switch self {
        case .expiredToken(let origin): origin
        case .invalidAPIKey(_, let origin): origin
        default: nil
        }
    }

    /// The status of HTTP.
    public var status: Int64 {
        switch self {
        case .missingToken, .invalidToken, .expiredToken, .invalidAPIKey: 401
        case .rateLimited: 429
        case .insufficientPermissions, .botAccessDenied: 403
        }
    }

    /// The reason as a token.
    public var token: String {
        switch self {
        case .missingToken: "missing_token"
        case .invalidToken: "invalid_token"
        case .expiredToken: "expired_token"
        case .invalidAPIKey: "invalid_api_key"
        case .rateLimited: "rate_limited"
        case .insufficientPermissions: "insufficient_permissions"
        case .botAccessDenied: "bot_access_denied"
        }
    }

    /// The reason as a sentence; it never holds the credential.
    public var message: String {
        switch self {
        case .missingToken: "a credential is needed: a Bearer token or an API key"
        case .invalidToken(let reason), .invalidAPIKey(let reason, _): reason
        case .expiredToken: "the token has expired"
        case .rateLimited(let rate):
            "more than \(rate.limit) requests a minute; ask again in "
                + "\(rate.retryAfterSeconds) s"
        case .insufficientPermissions(let reason): reason
        case .botAccessDenied: "the credential is limited to other bots"
        }
    }
}

/// How much of a credential's rate is left.
public struct RateStatus: Sendable, Equatable {
    /// Requests a minute.
    public var limit: Int
    /// Requests that would be answered now.
    public var remaining: Int
    /// Seconds until all of them are there again, rounded up.
    public var resetSeconds: Int
    /// Seconds until the next request would be answered, rounded up; at least 1.
    public var retryAfterSeconds: Int
}
