public import JSON

/// The door: says who asks, whether they may, and how often.
///
/// The one place that knows roles, keys, secrets and limits, used by the thread that answers
/// queries. It holds no analytics and no sockets.
public struct AccessControl: Sendable {
    /// Who asks, and what their credential is remembered by.
    public struct Caller: Sendable {
        /// Who asks.
        public let principal: Principal
        /// The credential's hash; nil where none is asked for.
        let digest: CredentialDigest?
    }

    /// How often files of keys are looked at.
    private static let fileIntervalMilliseconds: Int64 = 1_000

    private let roles: RoleMapping
    private var keys: APIKeys
    /// nil where no credential is asked for.
    private var tokens: TokenVerifier?
    /// nil where no number is too large, or no credential is asked for.
    private var limiter: RateLimiter?
    private var filesLookedAt: Int64 = 0

    /// Sets the door up.
    ///
    /// Where credentials are asked for and no file of the secret is named, the secret is made.
    ///
    /// - Parameters:
    ///   - settings: Everything it can be told.
    ///   - dataDirectory: The daemon's data directory, locked by the caller.
    /// - Throws: ``AccessFailure`` where the secret, a file of keys or the store of API keys
    ///   cannot be used.
    public init(_ settings: AccessSettings, dataDirectory: String) throws(AccessFailure) {
        roles = settings.roles
        keys = try APIKeys(dataDirectory: dataDirectory)
        guard settings.isRequired else { return }
        let path = settings.secretPath(in: dataDirectory)
        if settings.secretFile == nil { try SecretFile.makeIfMissing(path) }
        tokens = TokenVerifier(
            issuer: settings.issuer,
            audience: settings.audience,
            keys: try TokenKeys(
                secret: try SecretFile.read(path),
                publicKeyFile: settings.publicKeyFile,
                jwksFile: settings.jwksFile
            )
        )
        if settings.rateLimit > 0 { limiter = RateLimiter(limit: settings.rateLimit) }
    }

    /// Says who asks.
    ///
    /// - Parameters:
    ///   - credential: The value of an `Authorization` header; empty or nil means none.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The caller.
    /// - Throws: ``AccessRefusal`` of status 401.
    /// - Complexity: A good token costs a hash of its bytes when it comes again.
    public mutating func identify(
        _ credential: [UInt8]?,
        now: Int64
    ) throws(AccessRefusal) -> Caller {
        guard tokens != nil else { return Caller(principal: .anybody, digest: nil) }
        guard let shown = try Credential.parse(credential ?? []) else { throw .missingToken }
        let digest = shown.digest
        let principal: Principal?
        switch shown {
        case .token(let bytes): principal = try tokens?.verify(bytes, digest, now: now)
        case .apiKey(let bytes): principal = try keys.verify(bytes, digest, now: now)
        }
        guard let principal else { throw .missingToken }
        return Caller(principal: principal, digest: digest)
    }

    /// Counts a request of a caller.
    ///
    /// - Parameters:
    ///   - caller: Who asks.
    ///   - now: Milliseconds since 1970.
    /// - Returns: What is left of the caller's rate; nil where there is no limit.
    /// - Throws: ``AccessRefusal/rateLimited(_:)``.
    @discardableResult
    public mutating func count(
        _ caller: Caller,
        now: Int64
    ) throws(AccessRefusal) -> RateStatus? {
        guard let digest = caller.digest, let taken = limiter?.take(digest, now: now) else {
            return nil
        }
        guard taken.isAllowed else { throw .rateLimited(taken.1) }
        return taken.1
    }

    /// Whether a caller's roles allow something.
    ///
    /// - Parameters:
    ///   - caller: Who asks.
    ///   - permission: What for.
    /// - Returns: True where they do.
    public func allows(_ caller: Caller, _ permission: Permission) -> Bool {
        roles.allows(caller.principal.roles, permission)
    }

    /// Refuses a caller whose roles do not allow something.
    ///
    /// - Parameters:
    ///   - caller: Who asks.
    ///   - permission: What for.
    /// - Throws: ``AccessRefusal/insufficientPermissions(_:)``.
    public func check(_ caller: Caller, _ permission: Permission) throws(AccessRefusal) {
        guard allows(caller, permission) else {
            throw .insufficientPermissions(permission.remedy)
        }
        // Else it could make itself a key for all bots.
        guard permission != .administration || caller.principal.bots == nil else {
            throw .insufficientPermissions("a credential limited to bots administers nothing")
        }
    }

    /// Does what a request about API keys asks for; ``check(_:_:)`` comes before.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The result object.
    /// - Throws: ``APIKeyFault``.
    public mutating func perform(
        _ request: APIKeyRequest,
        now: Int64
    ) throws(APIKeyFault) -> JSONValue {
        try keys.perform(request, now: now)
    }

    /// Looks after files and times of last use, while nobody asks; costs nothing most times.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: What is to be logged.
    public mutating func maintain(now: Int64) -> [AccessFailure] {
        var failures: [AccessFailure] = []
        do throws(AccessFailure) { try keys.writeUses(now: now) } catch { failures.append(error) }
        if abs(now - filesLookedAt) >= Self.fileIntervalMilliseconds {
            filesLookedAt = now
            do throws(AccessFailure) {
                try tokens?.followFiles()
            } catch {
                failures.append(error)
            }
        }
        return failures
    }

    /// Writes the times of last use before the end.
    ///
    /// - Throws: ``AccessFailure`` where they cannot be written.
    public mutating func finish() throws(AccessFailure) {
        try keys.writeUses(now: 0, atOnce: true)
    }
}

/// API keys in the data directory of a daemon that does not run.
public struct StoppedKeys {
    private var keys: APIKeys

    /// Opens the keys.
    ///
    /// - Parameter dataDirectory: The data directory, locked by the caller.
    /// - Throws: ``AccessFailure``.
    public init(dataDirectory: String) throws(AccessFailure) {
        keys = try APIKeys(dataDirectory: dataDirectory)
    }

    /// Does what a request asks for.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The result object.
    /// - Throws: ``APIKeyFault``.
    public mutating func perform(
        _ request: APIKeyRequest,
        now: Int64
    ) throws(APIKeyFault) -> JSONValue {
        try keys.perform(request, now: now)
    }
}
