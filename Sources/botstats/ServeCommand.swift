internal import ArgumentParser
internal import Daemon
internal import Glibc
internal import LMDB

/// `botstats serve`: the daemon.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the daemon until SIGTERM or SIGINT."
    )

    @OptionGroup var store: StoreOptions

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

    /// Command line over environment over default.
    private func configuration() throws(DaemonFailure) -> DaemonConfiguration {
        var configuration = DaemonConfiguration()
        try store.apply(to: &configuration)
        var reader = SettingReader()
        reader.text(eventsEndpoint, "BOTSTATS_EVENTS_ENDPOINT", &configuration.eventsEndpoint)
        reader.text(ingestEndpoint, "BOTSTATS_INGEST_ENDPOINT", &configuration.ingestEndpoint)
        reader.text(queryEndpoint, "BOTSTATS_QUERY_ENDPOINT", &configuration.queryEndpoint)
        reader.number(
            commitInterval,
            "BOTSTATS_COMMIT_INTERVAL",
            "--commit-interval",
            &configuration.commitIntervalMilliseconds
        )
        reader.number(mapSize, "BOTSTATS_MAP_SIZE", "--map-size", &configuration.mapSize)
        reader.number(minFree, "BOTSTATS_MIN_FREE", "--min-free", &configuration.minimumFreeBytes)
        switch durability ?? Setting.environment("BOTSTATS_DURABILITY") {
        case nil, "power": configuration.durability = .power
        case "process": configuration.durability = .process
        case let other?: reader.problems.append("--durability \(other) must be power or process")
        }
        guard reader.problems.isEmpty else { throw .configuration(reader.problems) }
        return configuration
    }
}
