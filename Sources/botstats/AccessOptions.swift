internal import Access
internal import ArgumentParser

/// The options of `serve` that say who may ask.
struct AccessOptions: ParsableArguments {
    @Option(
        help: Setting.help(
            "Whether a credential is asked for: required or off (everybody is admin).",
            "BOTSTATS_AUTH",
            "required"
        )
    )
    var auth: String?

    @Option(
        help: Setting.help(
            "The file of the secret that tokens are signed with; its text without the final newline.",
            "BOTSTATS_JWT_SECRET_FILE",
            "jwt-secret in the data directory, made at the first start"
        )
    )
    var jwtSecretFile: String?

    @Option(help: "An identity provider's public key, for RS256 or ES256 (PEM).")
    var jwtPublicKeyFile: String?

    @Option(help: "An identity provider's public keys (JWKS); read again when the file changes.")
    var jwksFile: String?

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

    @Option(
        help: Setting.help(
            "The roles that may read figures, with commas between them; admin always may.",
            "BOTSTATS_VIEWER_ROLES",
            "analytics_viewer"
        )
    )
    var viewerRoles: String?

    @Option(
        help: Setting.help(
            "The roles that may make reports, with commas between them; admin always may.",
            "BOTSTATS_ADMIN_ROLES",
            "analytics_admin"
        )
    )
    var adminRoles: String?

    @Option(
        help: Setting.help(
            "Requests a minute for each credential; 0 = any number.",
            "BOTSTATS_RATE_LIMIT",
            "1200"
        )
    )
    var rateLimit: String?

    /// Reads all of them.
    func read(with reader: inout SettingReader, into settings: inout AccessSettings) {
        reader.choice(auth, "auth", ["required": true, "off": false], &settings.isRequired)
        reader.text(
            jwtSecretFile,
            "jwt-secret-file",
            &settings.secretFile,
            default: "jwt-secret in the data directory"
        )
        reader.text(jwtPublicKeyFile, "jwt-public-key-file", &settings.publicKeyFile)
        reader.text(jwksFile, "jwks-file", &settings.jwksFile)
        reader.text(jwtIssuer, "jwt-issuer", &settings.issuer)
        reader.text(jwtAudience, "jwt-audience", &settings.audience)
        reader.roles(viewerRoles, "viewer-roles", &settings.roles.viewers)
        reader.roles(adminRoles, "admin-roles", &settings.roles.reporters)
        reader.number(rateLimit, "rate-limit", &settings.rateLimit)
    }
}
