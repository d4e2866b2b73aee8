internal import ArgumentParser
internal import Bridge
internal import Daemon

/// `botstats bridge`: HTTP alone, in front of a daemon elsewhere.
struct BridgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "Run the HTTP bridge alone until SIGTERM or SIGINT.",
        discussion: """
            It asks a daemon through its query endpoint and never opens the store. While the \
            daemon is away it answers 503, and goes on by itself when the daemon is back.
            """
    )

    @Option(help: "A JSON object of settings, each named like its option: {\"http-port\": 8081}.")
    var config: String?

    @Option(
        help: Setting.help(
            "The daemon's query endpoint.",
            "BOTSTATS_QUERY_ENDPOINT",
            "tcp://127.0.0.1:5563"
        )
    )
    var queryEndpoint: String?

    @Option(
        help: Setting.help(
            "The daemon's live endpoint.",
            "BOTSTATS_LIVE_ENDPOINT",
            "tcp://127.0.0.1:5564"
        )
    )
    var liveEndpoint: String?

    @OptionGroup var http: HTTPOptions

    func run() throws {
        let stop = StopSignal()
        let bridge: Bridge
        do {
            bridge = try Bridge(try configuration())
        } catch {
            throw CommandFailure.exit(error, code: 1)
        }
        bridge.announce()
        stop.wait()
        bridge.stop()
    }

    private func configuration() throws(DaemonFailure) -> BridgeConfiguration {
        var result = BridgeConfiguration()
        var reader = SettingReader(file: config ?? Setting.environment("BOTSTATS_CONFIG"))
        reader.text(queryEndpoint, "query-endpoint", &result.queryEndpoint)
        reader.text(liveEndpoint, "live-endpoint", &result.liveEndpoint)
        http.read(&reader, into: &result)
        try reader.finish()
        return result
    }
}
