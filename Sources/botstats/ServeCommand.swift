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
        var number: Int32 = 0
        sigwait(&signals, &number)
        daemon.stop()
    }

    private func configuration() throws(DaemonFailure) -> DaemonConfiguration {
        var result = DaemonConfiguration()
        var reader = SettingReader(file: config ?? Setting.environment("BOTSTATS_CONFIG"))
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
        result.isInsecureAllowed = insecure
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
        try reader.finish()
        return result
    }
}
