public import Access
public import Core
public import LMDB
public import OperatorLog

/// Everything `serve` can be told.
public struct DaemonConfiguration: Sendable {
    /// Where the store lies.
    public var dataDirectory = "./botstats-data"
    /// The SUB socket's endpoint, bound.
    public var eventsEndpoint = "tcp://127.0.0.1:5561"
    /// The ingest ROUTER socket's endpoint, bound.
    public var ingestEndpoint = "tcp://127.0.0.1:5562"
    /// The query ROUTER socket's endpoint, bound.
    public var queryEndpoint = "tcp://127.0.0.1:5563"
    /// The live PUB socket's endpoint, bound.
    public var liveEndpoint = "tcp://127.0.0.1:5564"
    /// The zone of queries that name none, and of the day tier; an IANA name.
    public var timezone = "UTC"
    /// The session timeout in seconds, 1 to 604,800.
    public var sessionTimeoutSeconds = 1_800
    /// How long a commit may wait for more events; 0 commits whatever has arrived at once.
    public var commitIntervalMilliseconds = 0
    /// What an acknowledged event survives.
    public var durability = EnvironmentOptions.Durability.power
    /// The size of the store's map at the start, in bytes; it doubles by itself.
    public var mapSize = 16 << 30
    /// Less free disk than this is `storage_full`; 0 = until the disk refuses.
    public var minimumFreeBytes = 64 << 20
    /// With more memory in use than this, all connections are closed, in bytes; 0 = whatever is used.
    public var memoryLimitBytes = min(4 << 30, ProcessMemory.availableBytes / 2)
    /// Whether and with which keys connections are encrypted.
    public var curve = CurveSettings()
    /// Whether endpoints that others can reach are allowed although nothing is encrypted.
    public var isInsecureAllowed = false
    /// Who may ask.
    public var access = AccessSettings()
    /// How long rows and conversations are kept.
    public var retention = Retention()
    /// Days reports are kept; 0 = until there is no room for them.
    public var reportRetentionDays = 90
    /// What the bytes of all reports may take; the oldest expire first.
    public var reportBudgetBytes = 1 << 30
    /// How lines of the log are written.
    public var logFormat = LogFormat.text
    /// What is logged from the start on.
    public var logLevel = LogLevel.notice

    /// Makes the default configuration.
    public init() {}

    /// What is wrong with it, all at once; empty when nothing is.
    public var problems: [String] {
        var problems: [String] = []
        if !(1...604_800).contains(sessionTimeoutSeconds) {
            problems.append("--session-timeout must be between 1 and 604800 seconds")
        }
        if !(0...10_000).contains(commitIntervalMilliseconds) {
            problems.append("--commit-interval must be between 0 and 10000 milliseconds")
        }
        let kept = retention.conversationDays
        for (name, days) in [
            ("hour", retention.hourDays), ("day", retention.dayDays), ("conversation", kept),
        ] where !(0...36_500).contains(days) {
            problems.append("--retention-\(name)-days must be between 0 and 36500")
        }
        if kept > 0,
            retention.hourDays == 0 || retention.dayDays == 0
                || kept < max(retention.hourDays, retention.dayDays)
        {
            problems.append(
                "--retention-conversation-days must not be shorter than --retention-hour-days and "
                    + "--retention-day-days, whose ground the conversations are"
            )
        }
        if !(0...36_500).contains(reportRetentionDays) {
            problems.append("--report-retention-days must be between 0 and 36500")
        }
        if !(1 << 20...1 << 40).contains(reportBudgetBytes) {
            problems.append("--report-budget must be between 1M and 1T")
        }
        if mapSize < 16 << 20 { problems.append("--map-size must be at least 16M") }
        if minimumFreeBytes < 0 { problems.append("--min-free must not be negative") }
        if memoryLimitBytes != 0, memoryLimitBytes < 64 << 20 {
            problems.append("--memory-limit must be 0 or at least 64M")
        }
        problems += access.problems + curve.problems
        for (name, endpoint) in endpoints {
            if let fault = Endpoint.fault(in: endpoint) {
                problems.append("\(name) \(endpoint) \(fault)")
            }
        }
        // The system chooses a port of its own for each of these.
        let chosen = [":0", ":*"]
        for (index, (name, endpoint)) in endpoints.enumerated()
        where !chosen.contains(where: endpoint.hasSuffix) {
            if let other = endpoints.prefix(index).first(where: { $0.value == endpoint }) {
                problems.append("\(name) \(endpoint) is \(other.key), too; give each its own")
            }
        }
        for (name, endpoint) in endpoints
        where Endpoint.fault(in: endpoint) == nil && !Self.isLocal(endpoint) {
            if !access.isRequired {
                problems.append(
                    "--auth off makes everybody admin, and \(name) \(endpoint) can be reached from "
                        + "other machines; use a loopback or ipc endpoint, or --auth required"
                )
            }
            guard !isInsecureAllowed, !curve.isOn else { continue }
            problems.append(
                "\(name) \(endpoint) can be reached from other machines and nothing is encrypted; "
                    + "give --curve-secret-key-file and --curve-clients-dir, use a loopback or ipc "
                    + "endpoint, or --insecure on a network you trust"
            )
        }
        return problems
    }

    /// The endpoints that are bound, with their options.
    var endpoints: KeyValuePairs<String, String> {
        [
            "--events-endpoint": eventsEndpoint, "--ingest-endpoint": ingestEndpoint,
            "--query-endpoint": queryEndpoint, "--live-endpoint": liveEndpoint,
        ]
    }

    /// Whether only this machine reaches an endpoint.
    private static func isLocal(_ endpoint: String) -> Bool {
        let prefixes = ["tcp://localhost:", "tcp://[::1]:", "ipc://", "inproc://"]
        if prefixes.contains(where: endpoint.hasPrefix) { return true }
        return endpoint.prefixMatch(of: /tcp:\/\/127(\.[0-9]{1,3}){3}:/) != nil
    }
}
