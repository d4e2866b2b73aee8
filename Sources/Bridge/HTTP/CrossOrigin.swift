internal import HTTPTypes

/// Which pages of other origins may read answers (CORS).
struct CrossOrigin: Sendable {
    private let origins: Set<String>

    init(_ origins: [String]) { self.origins = Set(origins) }

    /// Whether pages of any other origin may read anything.
    var isOn: Bool { !origins.isEmpty }

    /// The fields that let a page read an answer.
    ///
    /// - Parameter origin: The request's `Origin`.
    /// - Returns: Fields to add; none where the origin is not allowed.
    func fields(for origin: String?) -> HTTPFields {
        guard let origin, let allowed = allowed(origin) else { return [:] }
        var fields: HTTPFields = [
            .accessControlAllowOrigin: allowed,
            .accessControlExposeHeaders: "ETag, Location, Retry-After, X-RateLimit-Limit, "
                + "X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID, Accept-Ranges, "
                + "Content-Range, Content-Disposition",
        ]
        // A browser takes cookies along only for an origin that is named.
        if allowed != "*" { fields[.accessControlAllowCredentials] = "true" }
        return fields
    }

    /// The fields that answer a browser's question before the request itself.
    ///
    /// - Parameter allow: The methods the path takes.
    /// - Returns: Fields to add.
    func preflightFields(allow: String) -> HTTPFields {
        [
            .accessControlAllowMethods: allow,
            .accessControlAllowHeaders:
                "Authorization, X-API-Key, X-Request-ID, If-None-Match, Content-Type, "
                + "Last-Event-ID, Idempotency-Key, Range, If-Range",
            .accessControlMaxAge: "600",
        ]
    }

    private func allowed(_ origin: String) -> String? {
        if origins.contains(origin) { return origin }
        return origins.contains("*") ? "*" : nil
    }
}
