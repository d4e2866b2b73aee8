internal import Access
internal import ArgumentParser
internal import Core
internal import Glibc

/// Where an operator's command finds the secret it makes tokens with.
struct SecretOptions: ParsableArguments {
    @Option(
        help: Setting.help("The daemon's data directory.", "BOTSTATS_DATA_DIR", "./botstats-data")
    )
    var dataDir: String?

    @Option(
        help: Setting.help(
            "The file of the daemon's secret.",
            "BOTSTATS_JWT_SECRET_FILE",
            "jwt-secret in the data directory"
        )
    )
    var jwtSecretFile: String?

    @Option(
        help: Setting.help("The iss of tokens.", "BOTSTATS_JWT_ISSUER", AccessSettings().issuer)
    )
    var jwtIssuer: String?

    @Option(
        help: Setting.help(
            "The aud of tokens.",
            "BOTSTATS_JWT_AUDIENCE",
            AccessSettings().audience
        )
    )
    var jwtAudience: String?

    /// The daemon's data directory.
    var dataDirectory: String {
        dataDir ?? Setting.environment("BOTSTATS_DATA_DIR") ?? "./botstats-data"
    }

    /// What makes tokens with the secret.
    func minter() throws(AccessFailure) -> TokenMinter {
        var settings = AccessSettings()
        settings.secretFile = jwtSecretFile ?? Setting.environment("BOTSTATS_JWT_SECRET_FILE")
        return TokenMinter(
            secret: try SecretFile.read(settings.secretPath(in: dataDirectory)),
            issuer: jwtIssuer ?? Setting.environment("BOTSTATS_JWT_ISSUER") ?? settings.issuer,
            audience: jwtAudience ?? Setting.environment("BOTSTATS_JWT_AUDIENCE")
                ?? settings.audience
        )
    }

    /// An admin's credential for the next minutes; nil where the secret cannot be read, as where
    /// the daemon asks for none.
    var operatorCredential: String? {
        guard let minter = try? minter() else { return nil }
        let token = minter.mint(
            subject: "operator",
            roles: ["admin"],
            bots: nil,
            now: Setting.now,
            lifetimeSeconds: 300
        )
        return "Bearer " + token
    }
}

/// The roles, bots and lifetime of a token or key.
struct GrantOptions: ParsableArguments {
    @Option(help: "A role, such as analytics_viewer; may be repeated.")
    var role: [String]

    @Option(help: "The UUID of a bot it is limited to; may be repeated. (default: all bots)")
    var bot: [String] = []

    func validate() throws {
        guard !role.isEmpty else { throw ValidationError("--role is missing.") }
        if let name = role.first(where: { !RoleMapping.isName($0) }) {
            throw ValidationError("--role \(name) must be of letters, digits and _ - . :")
        }
        if let text = bot.first(where: { UUID128($0) == nil }) {
            throw ValidationError("--bot \(text) must be a UUID.")
        }
    }

    /// The bots; nil for all.
    var bots: [UUID128]? { bot.isEmpty ? nil : bot.compactMap { UUID128($0) } }

    /// Reads a duration: a number and s, m, h, d or w.
    ///
    /// - Throws: A `ValidationError` that names the option.
    static func seconds(_ text: String, option: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        let maximum = APIKeyRequest.lifetimeSecondsMaximum
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (1...maximum / unit).contains(number)
        else {
            throw ValidationError(
                "\(option) \(text) must be a number and s, m, h, d or w, at most ten years."
            )
        }
        return number * unit
    }
}
