public import ZeroMQ

/// Everything the bridge can be told.
public struct BridgeConfiguration: Sendable {
    /// The daemon's query endpoint, connected to.
    public var queryEndpoint = "tcp://127.0.0.1:5563"
    /// What the socket to the daemon needs beyond its defaults, such as CURVE keys.
    public var queryOptions: [SocketOption] = []
    /// The daemon's live endpoint, connected to.
    public var liveEndpoint = "tcp://127.0.0.1:5564"
    /// What the socket of live figures needs beyond its defaults, such as CURVE keys.
    public var liveOptions: [SocketOption] = []
    /// The address that HTTP is bound to, a name or a number.
    public var host = "127.0.0.1"
    /// The port that HTTP is bound to; 0 takes one that is free.
    public var port = 8080
    /// The certificate chain, PEM; TLS is on where this and the key are given.
    public var certificateFile: String?
    /// The certificate's private key, PEM.
    public var keyFile: String?
    /// Whose pages may read answers: origins such as `https://example.org`, or `*` for everybody.
    public var origins: [String] = []
    /// How long a request waits for the daemon.
    public var requestTimeout = Duration.seconds(5)
    /// How long `/health` and `/ready` wait for it.
    public var probeTimeout = Duration.seconds(1)
    /// How many requests may wait for the daemon; more are refused.
    public var pendingRequestMaximum = 1_024
    /// How many connections may be open; more wait in the system's queue.
    public var connectionMaximum = 4_096
    /// How long a connection may be silent, or take to send a request's header.
    public var idleTimeout = Duration.seconds(30)
    /// How large a request's body may be, in bytes; with the query it must fit a request frame.
    public var bodyByteCountMaximum = 48 << 10
    /// How long a request's path and query may be, in bytes.
    public var targetByteCountMaximum = 8 << 10
    /// How large all header fields of a request may be, in bytes.
    public var headerByteCountMaximum = 32 << 10
    /// Sizes and times of streams.
    public var streams = StreamLimits()
    /// How long a stop waits for requests under way.
    public var stopTimeout = Duration.seconds(3)

    /// Makes the default configuration.
    public init() {}

    /// What is wrong with it, all at once; empty when nothing is.
    public var problems: [String] {
        var problems: [String] = []
        if !(0...65_535).contains(port) {
            problems.append("--http-port must be between 0 and 65535")
        }
        if host.isEmpty { problems.append("--http-host must name an address") }
        for (option, endpoint) in [
            ("--query-endpoint", queryEndpoint), ("--live-endpoint", liveEndpoint),
        ] {
            if endpoint.isEmpty { problems.append("\(option) must name an endpoint") }
            if endpoint.hasPrefix("inproc:") {
                problems.append("\(option) \(endpoint) cannot be reached by the bridge")
            }
        }
        if (certificateFile == nil) != (keyFile == nil) {
            problems.append("--tls-cert and --tls-key must be given together")
        }
        for origin in origins where origin != "*" && !Self.isOrigin(origin) {
            problems.append(
                "--cors-origin \(origin) must be * or an origin such as https://example.org"
            )
        }
        return problems
    }

    /// What would keep a bridge from starting, found without starting one: ``problems``, and the
    /// certificate and its key, which are read.
    public var startProblems: [String] {
        guard problems.isEmpty else { return problems }
        do throws(BridgeFailure) {
            _ = try ServerSettings.server(self)
            return []
        } catch {
            return [String(error.description.dropLast())]
        }
    }

    /// Whether requests are encrypted.
    public var isEncrypted: Bool { certificateFile != nil && keyFile != nil }

    /// Whether only this machine can reach the bridge.
    public var isLocal: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && !host.hasSuffix("."))
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && !rest.contains { $0 == "/" || $0.isWhitespace }
    }
}
