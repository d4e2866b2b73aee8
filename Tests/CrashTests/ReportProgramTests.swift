import BotstatsClient
import Foundation
import JSON
import Testing

/// `botstats report` as it is run, and reports of a daemon that is killed.
@Suite(.serialized)
struct ReportProgramTests {
    private let directory: TemporaryDirectory
    private let daemon: DaemonChild

    init() throws {
        directory = try TemporaryDirectory()
        daemon = try DaemonChild(directory: directory.path, options: ["--min-free", "0"])
        try daemon.startAndWait()
    }

    private struct NotMade: Error {
        let id: String
    }

    private func report(_ arguments: [String]) throws -> (code: Int32, output: String) {
        try Program.run(
            Program.url,
            ["report", "usage", "days=7", "--query-endpoint", daemon.queryEndpoint] + arguments
        )
    }

    @Test(arguments: ["pdf": "%PDF-", "xlsx": "PK", "html": "<!DOCTYPE html>", "json": "{"])
    func `a report is written to the file that was named`(format: String, mark: String) throws {
        let path = directory.path + "/report." + format
        let first = try report(["--format", format, "--output", path])
        #expect(first.code == 0, "\(first.output)")
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.starts(with: mark.utf8))
        #expect(first.output == "\(path): \(bytes.count) bytes\n")

        let second = try report(["--format", format, "--output", path])
        #expect(second.code == 1)
        #expect(second.output.contains("is there already; give --force or another --output"))
        #expect(try report(["--format", format, "--output", path, "--force"]).code == 0)
    }

    @Test func `a table is written to standard output`() throws {
        let result = try report(["--format", "csv", "--table", "channels", "--output", "-"])
        #expect(result.code == 0)
        #expect(result.output == "\u{FEFF}channel,conversations,messages\r\n")
    }

    @Test func `a report that is refused says why`() throws {
        let result = try report(["--format", "docx"])
        #expect(result.code == 1)
        #expect(result.output == "botstats: format must be json, csv, html, pdf or xlsx\n")
    }

    @Test func `a killed daemon makes its reports after the next start`() throws {
        let client = QueryClient(endpoint: daemon.queryEndpoint)
        func create(_ number: Int) throws -> String {
            let report = try client.request(
                "reports.create",
                params: [
                    "type": "full", "days": 90, "format": "pdf", "title": .string("\(number)"),
                ]
            )
            return try #require(report["id"]?.stringValue)
        }
        func wait(for id: String) throws -> JSONValue {
            // Each question waits for its answer, so that the loop needs no pause.
            let end = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < end {
                let report = try QueryClient(endpoint: daemon.queryEndpoint)
                    .request("reports.get", params: ["id": .string(id)])
                #expect(report["status"] != "failed")
                if report["status"] == "completed" { return report }
            }
            throw NotMade(id: id)
        }
        let early = try create(0)
        let hash = try wait(for: early)["sha256"]
        let ids = try (1...30).map(create)
        daemon.kill()
        try daemon.startAndWait()
        for id in ids { _ = try wait(for: id) }
        #expect(try wait(for: early)["sha256"] == hash)
        #expect(daemon.terminate().exitCode == 0)
    }
}
