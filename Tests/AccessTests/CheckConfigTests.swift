import Foundation
import JSON
import LMDB
import Testing

/// `botstats serve --check-config`, as it is run.
struct CheckConfigTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func check(
        _ options: [String],
        _ environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String, errors: String) {
        try Program.run(["serve", "--check-config"] + options, environment)
    }

    /// Value and origin of a setting in what was printed.
    private func setting(_ name: String, in output: String) -> [String]? {
        let line = output.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.map { $0.dropFirst(name.count).split(separator: "  ").map(trimmed) }
    }

    private func trimmed(_ text: some StringProtocol) -> String {
        text.trimmingCharacters(in: .whitespaces)
    }

    @Test func `every setting is printed with where it is from`() throws {
        let data = directory.path + "/data"
        let file = try directory.write(
            #"{"timezone": "Asia/Kathmandu", "min-free": "1G", "session-timeout": 60}"#,
            to: "config.json"
        )
        let result = try check(
            ["--data-dir", data, "--timezone", "America/Sao_Paulo", "--log-format", "json"],
            [
                "BOTSTATS_CONFIG": file, "BOTSTATS_SESSION_TIMEOUT": "900",
                "BOTSTATS_TIMEZONE": "Europe/Berlin", "BOTSTATS_INSECURE": "true",
            ]
        )
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.isEmpty)
        let rows: [(name: String, value: String, origin: String)] = [
            ("config", file, "environment"), ("data-dir", data, "command line"),
            ("timezone", "America/Sao_Paulo", "command line"),
            ("session-timeout", "900", "environment"), ("min-free", "1G", "file \(file)"),
            ("insecure", "true", "environment"), ("map-size", "16G", "default"),
            ("durability", "power", "default"), ("auth", "required", "default"),
            ("jwks-file", "-", "default"), ("viewer-roles", "analytics_viewer", "default"),
            ("log-format", "json", "command line"), ("log-level", "notice", "default"),
        ]
        for row in rows {
            #expect(setting(row.name, in: result.output) == [row.value, row.origin], "\(row.name)")
        }
        #expect(!FileManager.default.fileExists(atPath: data), "nothing was made")
    }

    @Test func `every option of serve that has a value is among them`() throws {
        let help = try Program.run(["serve", "--help"]).output
        let options = help.matches(of: /--([a-z-]+) </).map { String($0.1) }
        let output = try check(["--data-dir", directory.path + "/data"]).output
        let printed = output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
        #expect(options.count > 20)
        #expect(Set(options).subtracting(printed.map(String.init)).isEmpty)
    }

    @Test func `every problem is one sentence, and all are told at once`() throws {
        let file = try directory.write(#"{"nothing": 1, "map-size": []}"#, to: "config.json")
        let secret = try directory.write("short", to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
        let jwks = try directory.write("{}", to: "jwks")
        let plain = try directory.write("", to: "plain")
        let rows: [(options: [String], word: String)] = [
            (["--config", file], "nothing in \(file) is no setting"),
            (["--config", file], "map-size in \(file) must be"),
            (["--timezone", "Mars/Olympus"], "--timezone Mars/Olympus"),
            (["--events-endpoint", "tcp://127.0.0.1"], "--events-endpoint tcp://127.0.0.1 needs"),
            (["--ingest-endpoint", "udp://x:1"], "must begin with tcp://"),
            (["--query-endpoint", "ipc:///nowhere/at/all"], "/nowhere/at"),
            (
                ["--query-endpoint", "tcp://127.0.0.1:5562"],
                "--query-endpoint tcp://127.0.0.1:5562 is --ingest-endpoint, too"
            ),
            (["--live-endpoint", "tcp://0.0.0.0:1"], "--live-endpoint tcp://0.0.0.0:1 can be"),
            (["--data-dir", "/nowhere/x"], "/nowhere/x"),
            (["--data-dir", plain], "it is no directory"),
            (["--jwt-secret-file", secret], "has fewer than 32 characters"),
            (["--jwt-public-key-file", "/nowhere"], "--jwt-public-key-file /nowhere"),
            (["--jwks-file", jwks], "must be a JSON Web Key Set"),
            (["--session-timeout", "0"], "--session-timeout must be between"),
            (["--commit-interval", "soon"], "--commit-interval soon is not a number"),
            (["--auth", "off", "--query-endpoint", "tcp://0.0.0.0:1"], "--auth off makes"),
            (["--query-endpoint", "tcp://0.0.0.0:1"], "nothing is encrypted"),
            (["--log-level", "loud"], "--log-level loud must be"),
            (["--config", "/nowhere"], "--config /nowhere cannot be read"),
        ]
        for row in rows {
            var options = row.options
            if !options.contains("--data-dir") { options += ["--data-dir", directory.path + "/d"] }
            let result = try check(options)
            #expect(result.code == 1, "\(row.options)")
            let lines = result.errors.split(separator: "\n")
            #expect(lines.contains { $0.contains(row.word) }, "\(row.options): \(result.errors)")
            // One cause is told once.
            if !row.options.contains("--auth") { #expect(lines.count <= 2, "\(result.errors)") }
            #expect(lines.allSatisfy { $0.hasPrefix("botstats: ") && $0.hasSuffix(".") })
            #expect(!result.output.isEmpty)
        }
        let all = try check([
            "--timezone", "Mars/Olympus", "--session-timeout", "0", "--data-dir", "/nowhere/x",
            "--jwt-secret-file", secret,
        ])
        #expect(all.errors.split(separator: "\n").count == 4, "\(all.errors)")
        #expect(!(all.output + all.errors).contains("short"), "a secret is never printed")
    }

    @Test func `a running daemon does not notice`() throws {
        let child = try ServeChild(directory)
        try child.start()
        let data = ["--data-dir", child.dataDirectory]
        let endpoint = ["--query-endpoint", child.queryEndpoint]
        let path = child.dataDirectory + "/jwt-secret"
        let before = try contents(child.dataDirectory)
        for _ in 0..<10 {
            let result = try check(data + endpoint)
            #expect(result.code == 0, "\(result.errors)")
            let secret = try String(contentsOfFile: path, encoding: .utf8).prefix(64)
            #expect(!result.output.contains(secret))
        }
        #expect(try child.query(["usage"] + data).code == 0)
        #expect(try contents(child.dataDirectory) == before)
        child.stop()
        #expect(child.logged.split(separator: "\n").count == 5, "\(child.logged)")
        // One that starts after it finds everything as it was.
        #expect(try check(data).code == 0)
        try child.start()
        child.stop()
    }

    private func contents(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }

    @Test(arguments: ["store", "journal", "access"])
    func `a store of a newer format is told`(part: String) throws {
        let child = try ServeChild(directory)
        try child.start()
        child.stop()
        let environment = try Environment(
            path: child.dataDirectory + "/" + part,
            options: EnvironmentOptions(mapSize: 64 << 20)
        )
        let table = try environment.table(named: "meta", create: false)
        try environment.withWrite { transaction throws(LMDBError) in
            let bytes: [UInt8] = [0, 0, 0, 9]
            try transaction.put(bytes.span.bytes, for: Key("format"), in: table)
        }
        let result = try check(["--data-dir", child.dataDirectory])
        #expect(result.code == 1)
        #expect(result.errors.contains("format 9"))
    }
}
