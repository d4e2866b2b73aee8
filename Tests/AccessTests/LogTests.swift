import Foundation
import JSON
import Testing
import ZeroMQ

@testable import OperatorLog

/// Lines of the log, in both formats, and its level while a daemon runs.
struct LogTests {
    private static let hostile = [
        "a\nb", "a\r\nb", "a\u{0}b", "\u{1b}[2J", "\u{7f}", "\u{85}x", "\u{9b}31m", "x\u{2028}y",
        "x\u{2029}y", "\u{202e}evil", "\u{2066}x\u{2069}", "\u{b}\u{c}",
        "2026-01-01T00:00:00.000+00:00 notice forged", "\"}\n{\"level\":\"error\"}",
    ]

    /// What may not stand in a line, whoever reads it.
    private func isHarmless(_ line: String) -> Bool {
        let harmful = CharacterSet.controlCharacters.union(.newlines)
            .union(CharacterSet(charactersIn: "\u{202e}\u{2066}\u{2069}"))
        return line.unicodeScalars.dropLast().allSatisfy { !harmful.contains($0) }
            && line.hasSuffix("\n")
    }

    @Test(arguments: hostile)
    func `no text of somebody else's begins another line`(text: String) throws {
        let sentence = "Refused usage to subject \(LogText.quoted(text)): \(text)."
        let plain = LogText.line("time", "audit", sentence)
        #expect(isHarmless(plain), "\(plain.debugDescription)")
        #expect(plain.hasPrefix("time audit Refused"))
        let object = LogText.object("time", "audit", sentence, ["subject": .string(text)])
        #expect(isHarmless(object), "\(object.debugDescription)")
        let read = try JSONValue(parsing: Data(object.utf8.dropLast()))
        #expect(read["message"]?.stringValue == sentence)
        #expect(read["subject"]?.stringValue == text)
        #expect(read.objectValue?.map(\.name) == ["time", "level", "message", "subject"])
    }

    @Test func `what a text of somebody else's may be long is bounded`() {
        let long = String(repeating: "é", count: 5_000)
        #expect(LogText.quoted(long).count == 102)
        // One character, as people count them.
        let tall = "e" + String(repeating: "\u{301}", count: 5_000)
        #expect(LogText.quoted(tall).unicodeScalars.count == 102)
        #expect(LogText.harmless("grüße, 東京 🤖") == "grüße, 東京 🤖")
    }

    @Test func `levels let through what stands at or after them`() {
        #expect(LogLevel.allCases == LogLevel.allCases.sorted())
        #expect(
            LogLevel.allCases.map(\.rawValue) == ["debug", "info", "notice", "warning", "error"]
        )
        #expect(LogLevel.names == "debug, info, notice, warning or error")
    }

    private func lines(_ child: ServeChild) throws -> [JSONValue] {
        try child.logged.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    @Test func `JSON lines carry what a sentence is about`() throws {
        let directory = try TemporaryDirectory()
        let child = try ServeChild(directory, options: ["--log-format", "json"])
        try child.start()
        #expect(try child.query(["usage", "--data-dir", "/nowhere"]).code == 1)
        let token = try Program.run([
            "token", "--role", "user", "--subject", "eve\nadmin", "--data-dir", child.dataDirectory,
        ])
        #expect(try child.query(["usage", "--token", token.output]).code == 1)
        child.stop()
        let found = try lines(child)
        for line in found {
            #expect(
                line.objectValue?.prefix(3).map(\.name) == ["time", "level", "message"]
            )
            let time = try #require(line["time"]?.stringValue)
            #expect(time.hasSuffix("+00:00"))
        }
        let sockets = found.compactMap { $0["socket"]?.stringValue }
        #expect(sockets == ["events", "ingest", "queries", "live"])
        #expect(found.contains { $0["endpoint"]?.stringValue == child.queryEndpoint })
        let audit = found.filter { $0["level"] == "audit" }
        try #require(audit.count == 2)
        #expect(audit[0]["error"] == "missing_token")
        #expect(audit[0]["subject"] == .null)
        #expect(audit[1]["method"] == "usage")
        #expect(audit[1]["status"] == 403)
        #expect(audit[1]["subject"] == "eve\nadmin")
        #expect(audit[1]["request_id"]?.integerValue != nil)
        #expect(!child.logged.contains(token.output))
    }

    @Test func `publishers are logged at info, what they are refused at debug`() throws {
        let directory = try TemporaryDirectory()
        let options = ["--log-format", "json", "--log-level", "debug"]
        let child = try ServeChild(directory, options: options)
        try child.start()
        let producer = "evil\n2026-01-01T00:00:00.000+00:00 notice \u{1b}[31m"
        let publish = ["publish", "--endpoint", child.ingestEndpoint, "--producer", producer]
        _ = try Program.run(publish + [try directory.write("{}\n", to: "events")])
        let socket = try Socket(context: try Context(), type: .dealer, options: [.linger(.zero)])
        try socket.connect(child.ingestEndpoint)
        let header = #"{"producer":"stranger","epoch":1,"first_seq":1,"count":1}"#
        _ = try socket.sendMultipart(["EVENTS", header, "{}"].map { Array($0.utf8) })
        #expect(child.awaitLog("hello_required"))
        child.stop()
        let found = try lines(child)
        let welcome = found.filter { $0["level"] == "info" }
        #expect(welcome.map { $0["producer"] } == [.string(producer)])
        #expect(welcome.first?["epoch"] == 1)
        let refused = try #require(found.first { $0["code"] == "hello_required" })
        #expect(refused["level"] == "debug")
        #expect(refused["producer"] == "stranger")
    }

    @Test func `the level is changed by an admin and by SIGHUP, and audit lines stay`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(#"{"log-level": "error"}"#, to: "config.json")
        let child = try ServeChild(directory, options: ["--config", file])
        try child.start()
        let secret = ["--data-dir", child.dataDirectory]
        #expect(child.logged.isEmpty, "notices are left out: \(child.logged)")
        #expect(try child.query(["usage", "--data-dir", "/nowhere"]).code == 1)
        #expect(child.logged.contains(" audit Refused usage to nobody known: 401"))

        let set = ["system.set_log_level", "level=debug"] + secret
        let changed = try child.query(set)
        #expect(changed.code == 0, "\(changed.errors)")
        let result = try JSONValue(parsing: changed.output.utf8)
        #expect(result == ["level": "debug", "previous": "error"])
        #expect(child.logged.contains("notice The log level is debug, by subject \"operator\""))
        #expect(try child.query(["usage"] + secret).code == 0)
        #expect(child.awaitLog(" debug Answered usage: ok."))
        let status = try JSONValue(parsing: try child.query(["system.status"] + secret).output.utf8)
        #expect(status["log_level"] == "debug")

        child.signal(SIGHUP)
        #expect(child.awaitLog("The log level is error, by SIGHUP; it was debug."))
        try directory.write(#"{"log-level": "info"}"#, to: "config.json")
        child.signal(SIGHUP)
        #expect(child.awaitLog("The log level is info, by SIGHUP; it was error."))
        try directory.write(#"{"log-level": "loud"}"#, to: "config.json")
        child.signal(SIGHUP)
        #expect(child.awaitLog(" error SIGHUP: --log-level loud must be"))
        let bad = try child.query(["system.set_log_level", "level=loud"] + secret)
        #expect(bad.code == 1)
        #expect(bad.errors.contains("level must be debug, info, notice, warning or error"))
        #expect(try child.query(["system.set_log_level"] + secret).code == 1)
        #expect(try child.query(set + ["x=1"]).code == 1, "an unknown parameter")
        #expect(try child.query(["usage"] + secret).code == 0, "it goes on")
        child.stop()
    }
}
