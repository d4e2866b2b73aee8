import Foundation
import JSON
import Testing

/// `botstats token`, `botstats keys` and the credential of `botstats query`, as they are run.
struct CommandTests {
    private let directory: TemporaryDirectory
    private let child: ServeChild

    init() throws {
        directory = try TemporaryDirectory()
        child = try ServeChild(directory)
    }

    private var data: [String] { ["--data-dir", child.dataDirectory] }

    private func token(_ arguments: [String]) throws -> String {
        let result = try Program.run(["token"] + arguments + data)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.isEmpty)
        return result.output
    }

    private func keys(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let endpoint = ["--query-endpoint", child.queryEndpoint]
        let result = try Program.run(["keys"] + arguments + data + endpoint)
        return (result.code, result.output)
    }

    private func ids() throws -> [String] {
        let list = try JSONValue(parsing: try keys(["list"]).output.utf8)
        return list["keys"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
    }

    @Test func `the first start makes a secret that tokens are made with`() throws {
        try child.start()
        let path = child.dataDirectory + "/jwt-secret"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let viewer = try token(["--role", "analytics_viewer"])
        let usage = ["usage", "--data-dir", "/nowhere"]
        #expect(try child.query(usage + ["--token", viewer]).code == 0)
        #expect(try child.query(usage, ["BOTSTATS_TOKEN": viewer]).code == 0)
        #expect(try child.query(["usage"] + data).code == 0, "made from the secret")
        #expect(try child.query(["keys.list"] + data).code == 0, "an admin's")
        let none = try child.query(usage)
        #expect(none.code == 1)
        #expect(none.errors.contains("--token"))
        #expect(try child.query(["keys.list", "--token", viewer]).code == 1)
        let user = try token(["--role", "user", "--subject", "eve\nadmin"])
        #expect(try child.query(usage + ["--token", user]).code == 1)
        child.stop()
        let secret = try String(contentsOfFile: path, encoding: .utf8).prefix(64)
        let log = child.logged
        let refusals = log.split(separator: "\n").filter { $0.contains(" audit ") }
        #expect(refusals.count == 3)
        #expect(refusals.last?.contains(#""eve\nadmin""#) == true, "no line of its own")
        #expect(refusals.last?.contains("403 insufficient_permissions") == true)
        for credential in [viewer, user, String(secret)] { #expect(!log.contains(credential)) }
    }

    @Test func `a token is limited to bots and ends`() throws {
        let (bot, other) = (
            "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01", "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"
        )
        try child.start()
        let limited = try token(["--role", "admin", "--bot", bot, "--expires", "15m"])
        #expect(try child.query(["usage", "bot_id=\(bot)", "--token", limited]).code == 0)
        #expect(try child.query(["usage", "bot_id=\(other)", "--token", limited]).code == 1)
        let parts = limited.split(separator: ".")
        var claims = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        claims += String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let read = try JSONValue(parsing: try #require(Data(base64Encoded: claims)))
        let end = try #require(read["exp"]?.integerValue)
        #expect(end - (try #require(read["iat"]?.integerValue)) == 900)
        for arguments in [
            ["token"] + data, ["token", "--role", "a b"] + data,
            ["token", "--role", "a", "--bot", "x"] + data,
            ["token", "--role", "a", "--expires", "1"] + data,
            ["token", "--role", "a", "--expires", "0s"] + data,
            ["token", "--role", "a", "--expires", "99999999d"] + data,
            ["token", "--role", "a", "--data-dir", "/nowhere"],
        ] {
            let result = try Program.run(arguments)
            #expect(result.code != 0, "\(arguments)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func `keys are made, listed and revoked while the daemon runs and while it does not`()
        throws
    {
        #expect(try keys(["list"]).code == 2, "there is no store yet")
        try child.start()
        let first = try keys(["create", "--role", "analytics_viewer", "--name", "one"]).output
        #expect(try child.query(["usage", "--api-key", first]).code == 0)
        #expect(try child.query(["usage"], ["BOTSTATS_API_KEY": first]).code == 0)
        #expect(try ids().count == 1)
        child.stop()

        let second = try keys(["create", "--role", "analytics_viewer"]).output
        #expect(second.wholeMatch(of: /gb_[A-Za-z0-9]{32}/) != nil)
        let stored = try ids()
        #expect(stored.count == 2)
        #expect(try keys(["revoke", stored[0]]).code == 0)
        #expect(try keys(["revoke", "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"]).code == 2)
        #expect(try keys(["revoke", "x"]).code == 2)

        try child.start()
        #expect(try child.query(["usage", "--api-key", first]).code == 1, "revoked meanwhile")
        #expect(try child.query(["usage", "--api-key", second]).code == 0, "made meanwhile")
        #expect(try keys(["revoke", stored[1]]).code == 0)
        #expect(try child.query(["usage", "--api-key", second]).code == 1)
        #expect(try keys(["revoke", "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"]).code == 1)
        child.stop()
        for key in [first, second] { #expect(!child.logged.contains(key)) }
    }

    @Test func `a daemon that cannot keep its door does not start`() throws {
        let short = try directory.write("too short", to: "short")
        let open = try directory.write(
            "0123456789abcdef0123456789abcdef",
            to: "open",
            mode: 0o644
        )
        let rows: [(options: [String], sentence: String)] = [
            (["--jwt-secret-file", short], "fewer than 32 characters"),
            (["--jwt-secret-file", open], "chmod 600"),
            (["--jwt-secret-file", directory.path + "/none"], "cannot be read"),
            (["--jwks-file", short], "--jwks-file \(short)"),
            (["--jwt-public-key-file", short], "--jwt-public-key-file \(short)"),
            (["--rate-limit=-1"], "--rate-limit must be"),
            (["--viewer-roles", ","], "--viewer-roles"),
            (
                ["--curve-clients-dir", directory.path],
                "--curve-clients-dir needs --curve-secret-key-file"
            ),
            (
                ["--curve-secret-key-file", short],
                "--curve-secret-key-file needs --curve-clients-dir"
            ),
            (
                ["--curve-clients-dir", directory.path, "--curve-secret-key-file", short],
                "--curve-secret-key-file \(short) has no public-key"
            ),
            (
                ["--query-endpoint", "tcp://*:*"],
                "can be reached from other machines and nothing is encrypted"
            ),
            (["--auth", "maybe"], "--auth maybe must be required or off"),
            (
                ["--auth", "off", "--insecure", "--query-endpoint", "tcp://0.0.0.0:*"],
                "--auth off makes everybody admin"
            ),
        ]
        for row in rows {
            let other = try ServeChild(directory, options: row.options)
            let failure = #expect(throws: ServeChild.StartFailure.self) { try other.start() }
            #expect(failure?.log.contains(row.sentence) == true, "\(failure?.log ?? "")")
            #expect(failure?.log.split(separator: "\n").count == 1)
        }
    }
}
