import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// The bridge as an operator starts it: where it listens, what it logs.
@Suite struct BridgeProgramTests {
    private static let nobody = "ipc:///tmp/botstats-nobody-is-here"
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The arguments of a daemon on free ports.
    private var serve: [String] {
        ["serve", "--data-dir", directory.path + "/data", "--http-port", "0"]
            + ["events", "ingest", "query", "live"].flatMap {
                ["--\($0)-endpoint", "tcp://127.0.0.1:*"]
            }
    }

    @Test func `a setting in any place keeps HTTP off`() throws {
        let file = directory.path + "/config.json"
        try Data(#"{"no-http": true}"#.utf8).write(to: URL(filePath: file))
        let rows: [(options: [String], environment: [String: String], isServed: Bool)] = [
            ([], [:], true),
            (["--no-http"], [:], false),
            ([], ["BOTSTATS_NO_HTTP": "true"], false),
            (["--config", file], [:], false),
            (["--config", file], ["BOTSTATS_NO_HTTP": "false"], true),
        ]
        for row in rows {
            let child = try ProgramChild(serve + row.options, row.environment)
            let log = try #require(child.read(until: " Ready, "))
            #expect(log.contains(" HTTP on http://127.0.0.1:") == row.isServed, "\(log)")
            #expect(child.terminate() == 0)
        }
        let result = try ProgramChild(serve, ["BOTSTATS_NO_HTTP": "perhaps"]).readToEnd()
        #expect(result.code == 1)
        #expect(result.log.contains("--no-http perhaps must be true or false"), "\(result.log)")
    }

    @Test func `a bridge reaches an encrypted daemon with a key that may connect`() async throws {
        let clients = directory.path + "/clients"
        try FileManager.default.createDirectory(atPath: clients, withIntermediateDirectories: true)
        let (server, client) = (directory.path + "/server", clients + "/bridge")
        for path in [server, client] {
            let made = try Program.run(try Program.url, ["keys", "curve", "--output", path])
            try #require(made.code == 0, "\(made.output)")
        }
        let endpoint = "ipc://\(directory.path)/queries"
        let daemon = try ProgramChild(
            serve + [
                "--query-endpoint", endpoint, "--curve-secret-key-file", server + ".key_secret",
                "--curve-clients-dir", clients,
            ]
        )
        let within = try Self.port(of: daemon)
        _ = try #require(daemon.read(until: " Ready, "))
        let apart = ["bridge", "--query-endpoint", endpoint, "--http-port", "0"]
        let encrypted = try ProgramChild(
            apart + [
                "--curve-server-key", server + ".key", "--curve-secret-key-file",
                client + ".key_secret",
            ]
        )
        let plain = try ProgramChild(apart)
        for (port, status) in [
            (within, 200), (try Self.port(of: encrypted), 200), (try Self.port(of: plain), 503),
        ] {
            var answered: UInt = 0
            // A bridge connects by itself, a little after it listens.
            for _ in 0..<600 where answered != status {
                let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/ready")
                let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
                answered = answer.status.code
            }
            #expect(answered == status)
        }
        for child in [plain, encrypted, daemon] { #expect(child.terminate() == 0) }
    }

    @Test func `an address that others reach is warned of where nothing is encrypted`() throws {
        let bridge = ["bridge", "--query-endpoint", Self.nobody, "--http-port", "0"]
        let open = try ProgramChild(bridge + ["--http-host", "0.0.0.0"])
        let warning = try #require(open.read(until: " warning "))
        #expect(warning.contains("HTTP on 0.0.0.0 is not encrypted"))
        #expect(open.terminate() == 0)
        let result = try ProgramChild(serve + ["--auth", "off", "--http-host", "0.0.0.0"])
            .readToEnd()
        #expect(result.code == 1)
        #expect(result.log.contains("--auth off makes everybody admin"), "\(result.log)")
    }

    @Test func `SIGHUP reads the log's level again`() throws {
        let file = directory.path + "/bridge.json"
        try Data(#"{"log-level": "info"}"#.utf8).write(to: URL(filePath: file))
        let child = try ProgramChild(
            ["bridge", "--config", file, "--query-endpoint", Self.nobody, "--http-port", "0"]
        )
        _ = try Self.port(of: child)
        try Data(#"{"log-level": "error"}"#.utf8).write(to: URL(filePath: file))
        child.signal(SIGHUP)
        let told = "The log level is error, by SIGHUP; it was info."
        #expect(child.read(until: told) != nil)
        #expect(child.terminate() == 0)
    }

    @Test func `a port that is taken is said in one sentence`() throws {
        let bridge = ["bridge", "--query-endpoint", Self.nobody, "--http-port"]
        let first = try ProgramChild(bridge + ["0"])
        let port = try Self.port(of: first)
        let second = try ProgramChild(bridge + [port]).readToEnd()
        #expect(second.code == 1)
        #expect(second.log.contains("HTTP cannot be bound to 127.0.0.1, port \(port): "))
        #expect(first.terminate() == 0)
    }

    @Test func `each request is one line of the log, without its credential`() async throws {
        let child = try ProgramChild(
            ["bridge", "--query-endpoint", Self.nobody, "--http-port", "0"]
        )
        let base = "http://127.0.0.1:" + (try Self.port(of: child))
        let secret = "gb_S3cret"
        let paths = [
            "/api/v1/analytics/usage?days=7&channel=web",
            "/api/v1/analytics/usage?access_token=\(secret)&days=7",
            "/api/v1/analytics/usage?\(secret)",
            "/api/v1/analytics/usage?api_key=x&user_id=\(secret)",
            "/nowhere?token=\(secret)",
            "/health?authorization=Bearer%20\(secret)",
        ]
        for (number, path) in paths.enumerated() {
            var request = HTTPClientRequest(url: base + path)
            request.headers = [
                "Authorization": "Bearer \(secret)", "X-API-Key": secret,
                "Cookie": "session_id=\(secret)", "X-Request-ID": "request-\(number)",
                "User-Agent": secret, "Referer": secret,
            ]
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            #expect(answer.headers.first(name: "X-Request-ID") == "request-\(number)")
        }
        var request = HTTPClientRequest(url: base + "/api/v1/analytics/reports")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: #"{"title":"\#(secret)"}"#))
        request.headers = ["X-Request-ID": "last-request"]
        _ = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let log = try #require(child.read(until: "last-request\n"))
        #expect(child.terminate() == 0)

        #expect(!log.contains(secret), "\(log)")
        let lines = log.split(separator: "\n").filter { $0.contains(" access ") }
        #expect(lines.count == paths.count + 1)
        let pattern = #/[-0-9T:.]+\+00:00 access [A-Z]+ /\S* \d{3} \d+ B \d+\.\d ms \S+/#
        for line in lines { #expect(line.wholeMatch(of: pattern) != nil, "\(line)") }
        #expect(
            lines.first?.contains("GET /api/v1/analytics/usage?days=7&channel=web 503 ") == true
        )
        #expect(
            lines.dropFirst().first?.contains("/usage?-&days=7 ") == true,
            "\(lines)"
        )
    }

    /// Where a bridge listens.
    private static func port(of child: ProgramChild) throws -> String {
        let log = try #require(child.read(until: "/docs\n"))
        let match = try #require(log.firstMatch(of: #/http://127\.0\.0\.1:(\d+)//#))
        return String(match.1)
    }
}
