/// Everything the door can be told.
public struct AccessSettings: Sendable {
    /// Whether a credential is asked for; else everybody is admin.
    public var isRequired = true
    /// The file of the shared secret; nil for `jwt-secret` in the data directory, which is made
    /// where it is missing.
    public var secretFile: String?
    /// A PEM file with the public key of an identity provider.
    public var publicKeyFile: String?
    /// A JWKS file with its public keys.
    public var jwksFile: String?
    /// The `iss` that tokens must have.
    public var issuer = "general-bots"
    /// The `aud` that tokens must have among theirs.
    public var audience = "general-bots-api"
    /// Which roles mean what.
    public var roles = RoleMapping()
    /// Requests a minute for each credential; 0 = any number.
    public var rateLimit = 1_200

    /// Makes the default settings.
    public init() {}

    /// What is wrong with them, all at once.
    public var problems: [String] {
        var problems: [String] = []
        if !(0...1_000_000).contains(rateLimit) {
            problems.append("--rate-limit must be between 0 and 1000000 requests a minute")
        }
        if issuer.isEmpty { problems.append("--jwt-issuer must not be empty") }
        if audience.isEmpty { problems.append("--jwt-audience must not be empty") }
        return problems
    }

    /// Where the shared secret lies.
    ///
    /// - Parameter dataDirectory: The daemon's data directory.
    /// - Returns: The path.
    public func secretPath(in dataDirectory: String) -> String {
        secretFile ?? dataDirectory + "/jwt-secret"
    }
}
