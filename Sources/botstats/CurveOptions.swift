internal import Access
internal import ArgumentParser
internal import BotstatsClient

/// The options of `serve` that say whether connections are encrypted.
struct CurveServerOptions: ParsableArguments {
    @Option(
        help: """
            The daemon's CURVE key pair, as "botstats keys curve" makes it; encrypts every \
            socket. (default: BOTSTATS_CURVE_SECRET_KEY_FILE, or nothing is encrypted)
            """
    )
    var curveSecretKeyFile: String?

    @Option(
        help: """
            The directory with a .key file for each CURVE key that may connect; followed while \
            the daemon runs. (default: BOTSTATS_CURVE_CLIENTS_DIR)
            """
    )
    var curveClientsDir: String?

    /// Reads all of them.
    func read(with reader: inout SettingReader, into settings: inout CurveSettings) {
        reader.text(curveSecretKeyFile, "curve-secret-key-file", &settings.secretKeyFile)
        reader.text(curveClientsDir, "curve-clients-dir", &settings.clientsDirectory)
    }
}

/// The options of every command that connects to a daemon.
struct CurveClientOptions: ParsableArguments {
    private static let serverVariable = "BOTSTATS_CURVE_SERVER_KEY"
    private static let secretVariable = "BOTSTATS_CURVE_SECRET_KEY_FILE"

    @Option(
        help: """
            The daemon's public CURVE key, or a file with it. (default: \
            BOTSTATS_CURVE_SERVER_KEY, or the connection is not encrypted)
            """
    )
    var curveServerKey: String?

    @Option(
        help: """
            This side's CURVE key pair, as "botstats keys curve" makes it. (default: \
            BOTSTATS_CURVE_SECRET_KEY_FILE)
            """
    )
    var curveSecretKeyFile: String?

    func validate() throws {
        let server = curveServerKey ?? Setting.environment(Self.serverVariable)
        let secret = curveSecretKeyFile ?? Setting.environment(Self.secretVariable)
        if server != nil, secret == nil {
            throw ValidationError(
                "--curve-server-key needs --curve-secret-key-file too, this side's own key pair."
            )
        }
        // The variable alone may be there for a daemon that is started in the same shell.
        if curveSecretKeyFile != nil, server == nil {
            throw ValidationError(
                "--curve-secret-key-file needs --curve-server-key too, the daemon's public key."
            )
        }
    }

    /// The keys; nil where the connection is not encrypted.
    ///
    /// - Throws: An exit with code 2, after a sentence about the file.
    func keys() throws -> CurveClientKeys? {
        guard let server = curveServerKey ?? Setting.environment(Self.serverVariable),
            let secret = curveSecretKeyFile ?? Setting.environment(Self.secretVariable)
        else { return nil }
        do throws(CurveKeyFailure) {
            return try CurveClientKeys(server: server, secretKeyFile: secret)
        } catch {
            throw CommandFailure.exit(error, code: 2)
        }
    }
}
