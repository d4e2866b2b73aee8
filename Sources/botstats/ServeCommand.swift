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

    @Option(help: Setting.help("Where the store lies.", "BOTSTATS_DATA_DIR", "./botstats-data"))
    var dataDir: String?

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
        var problems: [String] = []
        func text(_ given: String?, _ variable: String, _ set: (String) -> Void) {
            if let value = given ?? Setting.environment(variable) { set(value) }
        }
        func number(_ given: String?, _ variable: String, _ option: String, _ set: (Int) -> Void) {
            text(given, variable) { value in
                if let number = ByteCount.parse(value) {
                    set(number)
                } else {
                    problems.append("\(option) \(value) is not a number")
                }
            }
        }
        text(dataDir, "BOTSTATS_DATA_DIR") { configuration.dataDirectory = $0 }
        text(eventsEndpoint, "BOTSTATS_EVENTS_ENDPOINT") { configuration.eventsEndpoint = $0 }
        text(ingestEndpoint, "BOTSTATS_INGEST_ENDPOINT") { configuration.ingestEndpoint = $0 }
        text(queryEndpoint, "BOTSTATS_QUERY_ENDPOINT") { configuration.queryEndpoint = $0 }
        text(timezone, "BOTSTATS_TIMEZONE") { configuration.timezone = $0 }
        number(sessionTimeout, "BOTSTATS_SESSION_TIMEOUT", "--session-timeout") {
            configuration.sessionTimeoutSeconds = $0
        }
        number(commitInterval, "BOTSTATS_COMMIT_INTERVAL", "--commit-interval") {
            configuration.commitIntervalMilliseconds = $0
        }
        number(mapSize, "BOTSTATS_MAP_SIZE", "--map-size") { configuration.mapSize = $0 }
        number(minFree, "BOTSTATS_MIN_FREE", "--min-free") { configuration.minimumFreeBytes = $0 }
        text(durability, "BOTSTATS_DURABILITY") { value in
            switch value {
            case "power": configuration.durability = .power
            case "process": configuration.durability = .process
            default: problems.append("--durability \(value) must be power or process")
            }
        }
        guard problems.isEmpty else { throw .configuration(problems) }
        return configuration
    }
}

/// Numbers of bytes as people write them: 64M, 16G.
enum ByteCount {
    /// Parses a number with an optional K, M, G or T (powers of 1,024).
    ///
    /// - Parameter text: Digits, then at most one letter in either case.
    /// - Returns: nil when the text is something else or does not fit.
    static func parse(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        guard let last = text.uppercased().last else { return nil }
        guard let unit = units[last] else { return Int(text) }
        guard let number = Int(text.dropLast()) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }
}
