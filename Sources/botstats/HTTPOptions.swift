internal import ArgumentParser
internal import Bridge

/// The options of HTTP, which `serve` and `bridge` share.
struct HTTPOptions: ParsableArguments {
    @Option(
        help: Setting.help("The address HTTP is bound to.", "BOTSTATS_HTTP_HOST", "127.0.0.1")
    )
    var httpHost: String?

    @Option(
        help: Setting.help(
            "The port HTTP is bound to; 0 takes a free one.",
            "BOTSTATS_HTTP_PORT",
            "8080"
        )
    )
    var httpPort: String?

    @Option(help: "The certificate chain, PEM; with --tls-key HTTP is encrypted.")
    var tlsCert: String?

    @Option(help: "The certificate's private key, PEM.")
    var tlsKey: String?

    @Option(
        help:
            "An origin whose pages may read answers, such as https://example.org, or *; repeatable."
    )
    var corsOrigin: [String] = []

    /// Reads the settings.
    ///
    /// - Parameters:
    ///   - reader: Where they come from besides the command line.
    ///   - target: Where they go.
    func read(_ reader: inout SettingReader, into target: inout BridgeConfiguration) {
        reader.text(httpHost, "http-host", &target.host)
        reader.number(httpPort, "http-port", &target.port)
        reader.text(tlsCert, "tls-cert", &target.certificateFile)
        reader.text(tlsKey, "tls-key", &target.keyFile)
        reader.list(corsOrigin, "cors-origin", &target.origins)
    }
}
