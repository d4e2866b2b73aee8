import BotstatsClient
import Foundation
import JSON
import Testing

/// `botstats keys curve`, and the commands that connect to a daemon with CURVE, as they are run.
struct CurveCommandTests {
    private static let event =
        #"{"type":"message","role":"user","bot_id":"6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01","#
        + #""user_id":"11111111-2222-4333-8444-555555555555","#
        + #""session_id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","timestamp":1748779200000}"#

    private let directory: TemporaryDirectory
    private let child: ServeChild
    private let server: String
    private let alice: String
    private let mallory: String

    init() throws {
        directory = try TemporaryDirectory()
        let clients = directory.path + "/clients"
        try FileManager.default.createDirectory(atPath: clients, withIntermediateDirectories: true)
        server = directory.path + "/server"
        alice = clients + "/alice"
        mallory = directory.path + "/mallory"
        for (path, options) in [
            (server, []), (alice, ["--producers", "alice,import-*"]), (mallory, []),
        ] {
            let made = try Program.run(["keys", "curve", "--output", path] + options)
            try #require(made.code == 0, "\(made.errors)")
        }
        let pair = server + ".key_secret"
        child = try ServeChild(
            directory,
            options: [
                "--curve-secret-key-file", pair, "--curve-clients-dir", clients, "--auth", "off",
            ],
            queryOptions: ["--curve-server-key", pair, "--curve-secret-key-file", pair]
        )
    }

    private func keys(_ client: String, server: String? = nil) -> [String] {
        [
            "--curve-server-key", (server ?? self.server) + ".key", "--curve-secret-key-file",
            client + ".key_secret",
        ]
    }

    private func publish(
        _ options: [String]
    ) throws -> (code: Int32, output: String, errors: String) {
        let file = try directory.write(Self.event + "\n", to: "events.ndjson")
        return try Program.run(["publish", file, "--endpoint", child.ingestEndpoint] + options)
    }

    // MARK: - Making keys

    @Test func `a pair is made, shown and never overwritten`() throws {
        let path = directory.path + "/bob"
        let made = try Program.run(["keys", "curve", "--output", path, "--producers", "a,b-*"])
        #expect(made.code == 0)
        #expect(made.output.count == 40)
        let attributes = try FileManager.default.attributesOfItem(atPath: path + ".key_secret")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let text = try String(contentsOfFile: path + ".key", encoding: .utf8)
        #expect(text.contains("public-key = \"\(made.output)\""))
        #expect(text.contains("producers = \"a,b-*\""))
        #expect(!text.contains("secret-key"))

        let again = try Program.run(["keys", "curve", "--output", path])
        #expect(again.code == 2)
        #expect(again.output.isEmpty)
        #expect(again.errors.contains("exists and is not overwritten"))
        #expect(try String(contentsOfFile: path + ".key", encoding: .utf8) == text)
        for arguments in [
            [], ["--output", ""], ["--output", directory.path + "/"],
            ["--output", directory.path + "/none/bob"],
            ["--output", path + "2", "--producers", "\""],
        ] {
            #expect(try Program.run(["keys", "curve"] + arguments).code != 0, "\(arguments)")
        }
    }

    // MARK: - Connecting

    @Test func `every command connects with keys from its options or the environment`() throws {
        try child.start()
        #expect(try publish(keys(alice) + ["--producer", "alice"]).code == 0)
        let lines = try directory.write(Self.event + "\n" + Self.event + "\n", to: "lines")
        let arguments = ["import", lines, "--endpoint", child.ingestEndpoint]
        #expect(try Program.run(arguments + keys(alice)).code == 0)
        let usage = try child.query(["usage", "days=3660"] + keys(alice))
        #expect(try JSONValue(parsing: Data(usage.output.utf8))["total_messages"] == 3)

        let environment = [
            "BOTSTATS_CURVE_SERVER_KEY": server + ".key",
            "BOTSTATS_CURVE_SECRET_KEY_FILE": alice + ".key_secret",
        ]
        #expect(try child.query(["usage"], environment).code == 0)
        let text = try String(contentsOfFile: server + ".key", encoding: .utf8)
        let key = try #require(text.firstMatch(of: /public-key = "(.{40})"/)?.1)
        let written = [
            "--curve-server-key=\(key)", "--curve-secret-key-file", alice + ".key_secret",
        ]
        #expect(try child.query(["usage"] + written).code == 0)
        let list = ["keys", "list", "--query-endpoint", child.queryEndpoint]
        let data = ["--data-dir", child.dataDirectory]
        #expect(try Program.run(list + data + keys(alice)).code == 0)
        #expect(try Program.run(list + data).errors.contains("--curve-server-key"))
        let top = ["top", "--count", "1", "--query-endpoint", child.queryEndpoint]
        #expect(try Program.run(top + keys(alice)).code == 0)
        #expect(try Program.run(top).errors.contains("--curve-server-key"))
        let report = ["report", "usage", "--format", "csv", "--output", "-"]
        let made = try Program.run(
            report + ["--query-endpoint", child.queryEndpoint] + keys(alice)
        )
        #expect(made.code == 0, "\(made.errors)")
        child.stop()
        for file in [server, alice] {
            let text = try String(contentsOfFile: file + ".key_secret", encoding: .utf8)
            let secret = try #require(text.firstMatch(of: /secret-key = "(.{40})"/)?.1)
            #expect(!child.logged.contains(secret))
        }
    }

    @Test func `a key that does not fit ends in a sentence, and soon`() throws {
        try child.start()
        let missing = [
            "--curve-server-key", "/nowhere.key", "--curve-secret-key-file", "/nowhere.key_secret",
        ]
        let rows: [(options: [String], sentence: String)] = [
            // Which side hangs up first decides what is known; the remedy is the same.
            ([], "give --curve-server-key and --curve-secret-key-file"),
            (keys(mallory), "put its public file into the daemon's --curve-clients-dir"),
            (keys(alice, server: mallory), "connections are closed at once; is "),
            (
                missing,
                "the server's key: /nowhere.key is neither a file nor a key of 40 characters"
            ),
            (["--curve-server-key", server + ".key"], "needs --curve-secret-key-file too"),
            (Array(keys(alice).suffix(2)), "needs --curve-server-key too"),
        ]
        for row in rows {
            let asked = try child.query(["usage", "--timeout", "2"] + row.options)
            #expect(asked.code != 0)
            #expect(asked.errors.contains(row.sentence), "\(asked.errors)")
            let published = try publish(["--patience", "2", "--producer", "alice"] + row.options)
            #expect(published.code != 0)
            #expect(published.errors.contains(row.sentence), "\(published.errors)")
        }
        let tied = try publish(keys(alice) + ["--producer", "bob"])
        #expect(tied.code == 2)
        #expect(tied.errors.contains("alice may not publish under this name"), "\(tied.errors)")
        child.stop()
        let refused = child.logged.split(separator: "\n").filter { $0.contains(" audit ") }
        #expect(refused.count == 2, "\(child.logged)")
        #expect(refused.first?.contains(#"from "127.0.0.1" to --query-endpoint"#) == true)
        #expect(refused.last?.contains("to --ingest-endpoint") == true)
    }

    private final class Notices {
        var all: [PublisherNotice] = []
    }

    @Test func `a publisher that never gives up tells of a server key that does not fit`() throws {
        try child.start()
        let publisher = Publisher(
            endpoint: child.ingestEndpoint,
            configuration: PublisherConfiguration(producer: "alice"),
            curve: try CurveClientKeys(
                server: mallory + ".key",
                secretKeyFile: alice + ".key_secret"
            )
        )
        let notices = Notices()
        publisher.onNotice = { notices.all.append($0) }
        publisher.isCancelled = { !notices.all.isEmpty }
        #expect(throws: PublisherError.cancelled) { try publisher.connect() }
        #expect(notices.all.first?.description.contains("its key (--curve-server-key)") == true)
    }

    @Test func `keys against a daemon without CURVE end in a sentence too`() throws {
        let plain = try ServeChild(directory, options: ["--auth", "off"])
        try plain.start()
        let asked = try plain.query(["usage"] + keys(alice))
        #expect(asked.code == 2)
        #expect(asked.errors.contains("--curve-server-key"))
    }

    @Test func `an endpoint that others reach needs keys or consent`() throws {
        let config = try directory.write(#"{"insecure": true}"#, to: "config.json")
        for options in [["--insecure"], ["--config", config]] {
            let open = try ServeChild(
                directory,
                options: ["--events-endpoint", "tcp://0.0.0.0:*"] + options,
                queryOptions: ["--data-dir", "/nowhere"]
            )
            try open.start()
            open.stop()
        }
    }

    @Test(.enabled(if: Python.hasZeroMQ, "a Python with the module zmq"))
    func `PyZMQ publishes with these files`() throws {
        try child.start()
        let answer = try Python.run(
            """
            import sys, zmq, zmq.auth
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.linger, socket.rcvtimeo = 0, 30_000
            socket.curve_serverkey, _ = zmq.auth.load_certificate(sys.argv[2])
            socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(sys.argv[3])
            socket.connect(sys.argv[1])
            socket.send_multipart([b"HELLO", b'{"protocol":1,"producer":"alice"}'])
            print(socket.recv_multipart()[0].decode())
            """,
            [child.ingestEndpoint, server + ".key", alice + ".key_secret"]
        )
        #expect(answer == "WELCOME")
    }
}
