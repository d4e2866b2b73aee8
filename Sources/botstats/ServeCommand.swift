internal import Access
internal import ArgumentParser
internal import BotstatsClient
internal import Bridge
internal import Core
internal import Daemon
internal import LMDB
internal import OperatorLog

/// `botstats serve`: the daemon.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the daemon until SIGTERM or SIGINT."
    )

    @Option(help: "A JSON object of settings, each named like its option: {\"timezone\": \"UTC\"}.")
    var config: String?

    @Option(help: Setting.help("Where the store lies.", "BOTSTATS_DATA_DIR", "./botstats-data"))
    var dataDir: String?

    @Option(help: Setting.help("The zone of days, an IANA name.", "BOTSTATS_TIMEZONE", "UTC"))
    var timezone: String?

    @Option(
        help: Setting.help(
            "Seconds of silence after which a conversation ends.",
            "BOTSTATS_SESSION_TIMEOUT",
            "1800"
        )
    )
    var sessionTimeout: String?

    @Option(
        help: Setting.help(
            "The fire-and-forget socket (SUB, bound).",
            "BOTSTATS_EVENTS_ENDPOINT",
            "tcp://127.0.0.1:5561"
        )
    )
    var eventsEndpoint: String?

    @Option(
        help: Setting.help(
            "The acknowledged socket (ROUTER, bound).",
            "BOTSTATS_INGEST_ENDPOINT",
            "tcp://127.0.0.1:5562"
        )
    )
    var ingestEndpoint: String?

    @Option(
        help: Setting.help(
            "The query socket (ROUTER, bound).",
            "BOTSTATS_QUERY_ENDPOINT",
            "tcp://127.0.0.1:5563"
        )
    )
    var queryEndpoint: String?

    @Option(
        help: Setting.help(
            "The live figures' socket (PUB, bound).",
            "BOTSTATS_LIVE_ENDPOINT",
            "tcp://127.0.0.1:5564"
        )
    )
    var liveEndpoint: String?

    @Option(
        help: Setting.help(
            "Milliseconds a commit waits for more events.",
            "BOTSTATS_COMMIT_INTERVAL",
            "0"
        )
    )
    var commitInterval: String?

    @Option(
        help: Setting.help(
            "What an acknowledged event survives: power (loss of power) or process (a crash).",
            "BOTSTATS_DURABILITY",
            "power"
        )
    )
    var durability: String?

    @Option(
        help: Setting.help(
            "The store's map at the start, such as 16G; it grows by itself.",
            "BOTSTATS_MAP_SIZE",
            "16G"
        )
    )
    var mapSize: String?

    @Option(
        help: Setting.help(
            "Less free disk than this refuses events; 0 = until the disk refuses.",
            "BOTSTATS_MIN_FREE",
            "64M"
        )
    )
    var minFree: String?

    @Option(
        help: Setting.help(
            "More memory in use than this closes all connections; 0 = none.",
            "BOTSTATS_MEMORY_LIMIT",
            "half of the memory, at most 4G"
        )
    )
    var memoryLimit: String?

    @OptionGroup(title: "Access")
    var access: AccessOptions

    @OptionGroup(title: "Encryption")
    var curve: CurveServerOptions

    @OptionGroup(title: "Log")
    var log: LogOptions

    @Flag(help: "Print all settings with their origin, check them, and start nothing.")
    var checkConfig = false

    @Flag(help: "Allow endpoints that other machines can reach, although nothing is encrypted.")
    var insecure = false

    @Option(help: "Taken and without effect: nothing finer than a quarter hour is on the disk.")
    var retentionMinuteDays: String?

    @Option(
        help: Setting.help(
            "Days hours are kept; 0 = for ever.",
            "BOTSTATS_RETENTION_HOUR_DAYS",
            "0"
        )
    )
    var retentionHourDays: String?

    @Option(
        help: Setting.help("Days days are kept; 0 = for ever.", "BOTSTATS_RETENTION_DAY_DAYS", "0")
    )
    var retentionDayDays: String?

    @Option(
        help: Setting.help(
            "Days conversations are kept; 0 = for ever.",
            "BOTSTATS_RETENTION_CONVERSATION_DAYS",
            "0"
        )
    )
    var retentionConversationDays: String?

    @Option(
        help: Setting.help(
            "Days reports are kept; 0 = until the budget ends.",
            "BOTSTATS_REPORT_RETENTION_DAYS",
            "90"
        )
    )
    var reportRetentionDays: String?

    @Option(
        help: Setting.help(
            "Bytes that all reports may take, such as 1G; the oldest expire first.",
            "BOTSTATS_REPORT_BUDGET",
            "1G"
        )
    )
    var reportBudget: String?

    @Flag(help: Setting.help("Do not start the HTTP bridge.", "BOTSTATS_NO_HTTP", "false"))
    var noHttp = false

    @OptionGroup(title: "HTTP")
    var http: HTTPOptions

    func run() throws {
        if checkConfig { return try check() }
        let reload = ReloadSignal()
        let stop = StopSignal()
        var bridgeConfiguration: BridgeConfiguration?
        let configuration: DaemonConfiguration
        let daemon: Daemon
        do throws(DaemonFailure) {
            configuration = try self.configuration(&bridgeConfiguration)
            daemon = try Daemon(configuration)
        } catch {
            throw CommandFailure.exit(error, code: 1)
        }
        let bridge = try bridgeConfiguration.map {
            try startBridge($0, on: daemon, keyFile: configuration.curve.secretKeyFile)
        }
        bridge?.announce()
        daemon.announce()
        reload.follow { [self, log = daemon.log] in
            log.readLevel { () throws(DaemonFailure) in
                var bridge: BridgeConfiguration?
                return try self.configuration(&bridge).logLevel
            }
        }
        stop.wait()
        bridge?.stop()
        daemon.stop()
    }

    /// Starts the bridge in this process, a client of the query endpoint like any other.
    ///
    /// With CURVE it has the daemon's own key pair, which may always connect.
    private func startBridge(
        _ configuration: BridgeConfiguration,
        on daemon: Daemon,
        keyFile: String?
    ) throws -> Bridge {
        var configuration = configuration
        configuration.queryEndpoint = daemon.queryEndpoint
        configuration.liveEndpoint = daemon.liveEndpoint
        do throws(CurveKeyFailure) {
            if let keyFile {
                let keys = try CurveClientKeys(server: keyFile, secretKeyFile: keyFile)
                configuration.queryOptions = keys.socketOptions
                configuration.liveOptions = keys.socketOptions
            }
        } catch {
            daemon.stop()
            throw CommandFailure.exit(error, code: 1)
        }
        do throws(BridgeFailure) {
            return try Bridge(configuration, log: daemon.log)
        } catch {
            daemon.stop()
            throw CommandFailure.exit(error, code: 1)
        }
    }

    private func configuration(
        _ bridge: inout BridgeConfiguration?
    ) throws(DaemonFailure) -> DaemonConfiguration {
        var reader = SettingReader(file: configurationFile)
        let result = settings(&reader, &bridge)
        try reader.finish()
        return result
    }

    private var configurationFile: String? { config ?? Setting.environment("BOTSTATS_CONFIG") }

    /// Prints every setting, then says what would keep the daemon from starting.
    private func check() throws {
        var reader = SettingReader(file: configurationFile)
        var bridge: BridgeConfiguration?
        let configuration = settings(&reader, &bridge)
        let file = SettingReader.Entry(
            name: "config",
            value: configurationFile ?? "",
            origin: config != nil
                ? .commandLine : configurationFile != nil ? .environment : .byDefault
        )
        print(ConfigurationListing.text([file] + reader.settings, file: configurationFile))
        let problems =
            reader.allProblems.map { "\($0)." } + ConfigurationCheck.problems(of: configuration)
            + (bridge?.startProblems ?? []).map { "\($0)." }
        for problem in problems { StandardError.write("botstats: \(problem)") }
        guard problems.isEmpty else { throw ExitCode(1) }
        print("Nothing is wrong with it.")
    }

    /// Reads everything; the bridge's part stays nil where it is not started.
    private func settings(
        _ reader: inout SettingReader,
        _ bridge: inout BridgeConfiguration?
    ) -> DaemonConfiguration {
        var result = DaemonConfiguration()
        reader.text(dataDir, "data-dir", &result.dataDirectory)
        reader.text(eventsEndpoint, "events-endpoint", &result.eventsEndpoint)
        reader.text(ingestEndpoint, "ingest-endpoint", &result.ingestEndpoint)
        reader.text(queryEndpoint, "query-endpoint", &result.queryEndpoint)
        reader.text(liveEndpoint, "live-endpoint", &result.liveEndpoint)
        reader.text(timezone, "timezone", &result.timezone)
        reader.number(sessionTimeout, "session-timeout", &result.sessionTimeoutSeconds)
        reader.number(commitInterval, "commit-interval", &result.commitIntervalMilliseconds)
        reader.number(mapSize, "map-size", &result.mapSize)
        reader.number(minFree, "min-free", &result.minimumFreeBytes)
        reader.number(memoryLimit, "memory-limit", &result.memoryLimitBytes)
        reader.flag(insecure, "insecure", &result.isInsecureAllowed)
        var minuteDays = 0
        reader.number(retentionMinuteDays, "retention-minute-days", &minuteDays)
        reader.number(retentionHourDays, "retention-hour-days", &result.retention.hourDays)
        reader.number(retentionDayDays, "retention-day-days", &result.retention.dayDays)
        reader.number(
            retentionConversationDays,
            "retention-conversation-days",
            &result.retention.conversationDays
        )
        reader.number(reportRetentionDays, "report-retention-days", &result.reportRetentionDays)
        reader.number(reportBudget, "report-budget", &result.reportBudgetBytes)
        reader.choice(
            durability,
            "durability",
            ["power": .power, "process": .process],
            &result.durability
        )
        access.read(with: &reader, into: &result.access)
        curve.read(with: &reader, into: &result.curve)
        log.read(with: &reader, format: &result.logFormat, level: &result.logLevel)
        var isWithoutHTTP = false
        reader.flag(noHttp, "no-http", &isWithoutHTTP)
        var served = BridgeConfiguration()
        http.read(&reader, into: &served)
        if !isWithoutHTTP, !result.access.isRequired, !served.isLocal {
            reader.refuse(
                "--auth off makes everybody admin, and --http-host \(served.host) can be reached "
                    + "from other machines; use a loopback address, or --auth required"
            )
        }
        bridge = isWithoutHTTP ? nil : served
        return result
    }
}
