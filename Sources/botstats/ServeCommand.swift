internal import ArgumentParser
internal import Core
internal import Daemon
internal import Glibc
internal import LMDB

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

    func run() throws {
        if checkConfig { return try check() }
        let reload = ReloadSignal()
        // Blocked before any thread exists, so that none of them takes the signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)

        let daemon: Daemon
        do throws(DaemonFailure) {
            daemon = try Daemon(try configuration())
        } catch {
            throw CommandFailure.exit(error, code: 1)
        }
        daemon.announce()
        reload.follow { [self, control = daemon.logControl] in readLogLevel(into: control) }
        var number: Int32 = 0
        sigwait(&signals, &number)
        daemon.stop()
    }

    /// Reads the level again: an operator has changed the file.
    private func readLogLevel(into log: LogControl) {
        do throws(DaemonFailure) {
            log.setLevel(try configuration().logLevel, by: "SIGHUP")
        } catch {
            log.error("SIGHUP: \(error)")
        }
    }

    private func configuration() throws(DaemonFailure) -> DaemonConfiguration {
        var reader = SettingReader(file: configurationFile)
        let result = settings(&reader)
        try reader.finish()
        return result
    }

    private var configurationFile: String? { config ?? Setting.environment("BOTSTATS_CONFIG") }

    /// Prints every setting, then says what would keep the daemon from starting.
    private func check() throws {
        var reader = SettingReader(file: configurationFile)
        let configuration = settings(&reader)
        let file = SettingReader.Entry(
            name: "config",
            value: configurationFile ?? "",
            origin: config != nil
                ? .commandLine : configurationFile != nil ? .environment : .byDefault
        )
        print(ConfigurationListing.text([file] + reader.settings, file: configurationFile))
        let problems =
            reader.allProblems.map { "\($0)." } + ConfigurationCheck.problems(of: configuration)
        for problem in problems { StandardError.write("botstats: \(problem)") }
        guard problems.isEmpty else { throw ExitCode(1) }
        print("Nothing is wrong with it.")
    }

    private func settings(_ reader: inout SettingReader) -> DaemonConfiguration {
        var result = DaemonConfiguration()
        reader.text(dataDir, "data-dir", &result.dataDirectory)
        reader.text(eventsEndpoint, "events-endpoint", &result.eventsEndpoint)
        reader.text(ingestEndpoint, "ingest-endpoint", &result.ingestEndpoint)
        reader.text(queryEndpoint, "query-endpoint", &result.queryEndpoint)
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
        reader.choice(
            durability,
            "durability",
            ["power": .power, "process": .process],
            &result.durability
        )
        access.read(with: &reader, into: &result.access)
        log.read(with: &reader, into: &result)
        return result
    }
}
