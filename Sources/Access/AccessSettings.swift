internal import Glibc

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

    /// What is wrong with the files of secrets and keys, a sentence each; nothing is made or
    /// changed.
    ///
    /// - Parameter dataDirectory: The daemon's data directory.
    /// - Returns: Empty where all can be used, or would be made.
    public func fileProblems(in dataDirectory: String) -> [String] {
        var problems: [String] = []
        func verify(_ body: () throws(AccessFailure) -> Void) {
            do throws(AccessFailure) { try body() } catch { problems.append(error.description) }
        }
        verify { () throws(AccessFailure) in
            try APIKeyStore.verifyFormat(dataDirectory: dataDirectory)
        }
        guard isRequired else { return problems }
        let path = secretPath(in: dataDirectory)
        if secretFile != nil || access(path, F_OK) == 0 {
            verify { () throws(AccessFailure) in _ = try SecretFile.read(path) }
        }
        for (publicKeyFile, jwksFile) in [(publicKeyFile, nil), (nil, jwksFile)] {
            verify { () throws(AccessFailure) in
                _ = try TokenKeys(secret: [], publicKeyFile: publicKeyFile, jwksFile: jwksFile)
            }
        }
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
