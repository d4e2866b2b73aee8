internal import ArgumentParser
internal import BotstatsClient
internal import Bridge
internal import Daemon
internal import OperatorLog

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

    @OptionGroup(title: "Encryption of the daemon's endpoints")
    var curve: CurveClientOptions

    @OptionGroup(title: "HTTP")
    var http: HTTPOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    func run() throws {
        let reload = ReloadSignal()
        let stop = StopSignal()
        let keys = try curve.keys()
        let bridge: Bridge
        let log: Log
        do {
            var configuration: BridgeConfiguration
            (configuration, log) = try settings()
            configuration.queryOptions = keys?.socketOptions ?? []
            configuration.liveOptions = configuration.queryOptions
            bridge = try Bridge(configuration, log: log)
        } catch {
            throw CommandFailure.exit(error, code: 1)
        }
        bridge.announce()
        reload.follow { [self] in
            log.readLevel { () throws(DaemonFailure) in try settings().1.level }
        }
        stop.wait()
        bridge.stop()
    }

    private func settings() throws(DaemonFailure) -> (BridgeConfiguration, Log) {
        var result = BridgeConfiguration()
        var (format, level) = (LogFormat.text, LogLevel.notice)
        var reader = SettingReader(file: config ?? Setting.environment("BOTSTATS_CONFIG"))
        reader.text(queryEndpoint, "query-endpoint", &result.queryEndpoint)
        reader.text(liveEndpoint, "live-endpoint", &result.liveEndpoint)
        http.read(&reader, into: &result)
        log.read(with: &reader, format: &format, level: &level)
        try reader.finish()
        return (
            result,
            Log(format: format, level: level) { Setting.now }
        )
    }
}
