import BotstatsClient
import Core
import Crypto
import Daemon
import Foundation
import JSON
import Testing

/// Reports through a real daemon: asked for, made beside ingest and queries, kept, expired.
@Suite(.serialized)
struct ReportTests {
    private static let types = ["usage", "conversations", "engagement", "satisfaction", "full"]
    private static let formats = ["json", "csv", "html", "pdf", "xlsx"]
    /// 1 June 2019, after everything in the chat log.
    private static let now: Int64 = 1_559_347_200_000
    private static let day: Int64 = 86_400_000

    // MARK: - Made from the real chat log

    @Test func `each format of each type is made of the endpoints' own answers`() throws {
        let fixture = try DaemonFixture(now: Self.now, timezone: "Europe/Berlin")
        try Self.importLog(into: fixture)
        let client = try ReportClient(fixture)
        let range = ["start_date": "2010-01-01", "end_date": "2014-12-31"]
        for type in Self.types {
            for format in Self.formats {
                let report = try client.make(["type": type, "format": format] + range)
                let bytes = try client.download(report)
                #expect(Self.hasMark(of: format, bytes), "\(type).\(format)")
                guard format == "pdf" else { continue }
                for member in try #require(report["data"]?.objectValue) {
                    let answer = try fixture.query(member.name, Self.range(range, member.name))
                    for figure in try #require(answer.objectValue) where figure.name != "meta" {
                        #expect(member.value[figure.name] == figure.value, "\(member.name)")
                    }
                }
            }
        }
        // Nobody else was waited for, and nothing was changed.
        try fixture.check()
    }

    /// What a method of the report is asked: the report's defaults are said.
    private static func range(_ range: [String: String], _ method: String) -> [String: String] {
        guard method == "engagement.retention" else {
            return range + ["compare": "previous_period"]
        }
        return range + ["group_by": "month"]
    }

    private static func hasMark(of format: String, _ bytes: [UInt8]) -> Bool {
        let marks = [
            "json": "{\"title\":", "csv": "\u{FEFF}report,", "html": "<!DOCTYPE html>",
            "pdf": "%PDF-1.", "xlsx": "PK",
        ]
        return bytes.starts(with: Array((marks[format] ?? "none").utf8))
    }

    private static func importLog(into fixture: DaemonFixture) throws {
        let endpoint = try #require(fixture.daemon).ingestEndpoint
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/ubuntu-irc.ndjson.gz").path(percentEncoded: false)
        let summary = try FileImport(options: FileImport.Options(endpoint: endpoint))
            .run(path: path)
        #expect(summary.isComplete)
    }

    // MARK: - The same for ever

    @Test func `the call of the contract gives an id, and the report its bytes`() throws {
        let fixture = try Self.january()
        let client = try ReportClient(fixture)
        let asked = try client.request(
            "reports.create",
            [
                "type": "engagement", "start_date": "2025-01-01", "end_date": "2025-01-31",
                "format": "pdf",
            ]
        )
        #expect(["pending", "running", "completed"].contains(asked["status"]?.stringValue))
        #expect(asked["params"]?["start"] == "2025-01-01T00:00:00+00:00")
        let report = try client.wait(for: try #require(asked["id"]?.stringValue))
        #expect(report["progress"] == 100)
        #expect(report["content_type"] == "application/pdf")
        #expect(report["file_name"] == "engagement-2025-01-01_2025-01-31.pdf")
        #expect(report["data"]?["engagement"]?["active_users"] == 2)
        let bytes = try client.download(report)
        #expect(report["size_bytes"] == .integer(Int64(bytes.count)))
        #expect(report["sha256"]?.stringValue == ReportClient.digest(bytes))
    }

    @Test(arguments: formats)
    func `the same figures give the same bytes, and keep them over a restart`(
        format: String
    ) throws {
        let fixture = try Self.january()
        var client = try ReportClient(fixture)
        let asked = ["type": "full", "period": "year", "format": format]
        let first = try client.make(asked)
        let second = try client.make(asked)
        #expect(first["id"] != second["id"])
        #expect(first["data"]?.serialized() == second["data"]?.serialized())
        #expect(first["data_version"] == second["data_version"])
        #expect(first["sha256"] == second["sha256"])
        let bytes = try client.download(first)
        #expect(try client.download(first) == bytes)
        // Newer data makes another report, and leaves this one as it is.
        try fixture.wire?.publish(
            "later",
            epoch: try #require(fixture.wire).hello("later").epoch,
            first: 1,
            [Self.message("2025-01-20T10:00:00Z", user: 3)]
        )
        try fixture.restart()
        client = try ReportClient(fixture)
        #expect(try client.download(first) == bytes)
        let third = try client.make(asked)
        #expect(third["sha256"] != first["sha256"])
        #expect(third["data"]?["usage"]?["active_users"] == 3)
    }

    @Test func `parts of the bytes make up the whole`() throws {
        let fixture = try Self.january()
        let client = try ReportClient(fixture)
        let report = try client.make(["type": "usage", "format": "csv"])
        let whole = try client.download(report)
        let id = try #require(report["id"]?.stringValue)
        var parts: [UInt8] = []
        while parts.count < whole.count {
            let piece = try client.request(
                "reports.get",
                ["id": id, "download": "1", "offset": "\(parts.count)", "length": "1000"]
            )
            parts += try #require(Data(base64Encoded: piece["content"]?.stringValue ?? ""))
        }
        #expect(parts == whole)
        let after = try client.request(
            "reports.get",
            ["id": id, "download": "1", "offset": "\(whole.count)"]
        )
        #expect(after["content"] == "")
    }

    @Test func `reports that a stop leaves behind are made after the start`() throws {
        let fixture = try Self.january()
        let ids = try (0..<20).map { number in
            let client = try ReportClient(fixture)
            let report = try client.request(
                "reports.create",
                ["type": "full", "days": "90", "format": "pdf", "title": "Number \(number)"]
            )
            return try #require(report["id"]?.stringValue)
        }
        fixture.stop()
        // A stop makes no report any more, so that some are left.
        try fixture.start()
        let client = try ReportClient(fixture)
        for id in ids {
            #expect(try client.wait(for: id)["status"] == "completed")
        }
    }

    // MARK: - Who and how often

    @Test func `one key gives one report`() throws {
        let fixture = try Self.january()
        let client = try ReportClient(fixture)
        let asked = ["type": "usage", "days": "30", "idempotency_key": "monday"]
        let first = try client.make(asked)
        #expect(try client.make(asked)["id"] == first["id"])
        try fixture.restart()
        let later = try ReportClient(fixture)
        #expect(try later.make(asked)["id"] == first["id"])
        let refusal = try later.refusal("reports.create", asked + ["days": "7"])
        #expect(refusal.parameter == "idempotency_key")
        #expect(try later.make(asked + ["idempotency_key": "tuesday"])["id"] != first["id"])
    }

    @Test func `a credential limited to bots sees the reports about those alone`() throws {
        let fixture = try Self.january()
        let everybody = try ReportClient(fixture)
        let limited = try ReportClient(fixture, bots: [Self.bot])
        let all = try everybody.make(["type": "usage"])
        let otherBot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0aff"
        let other = try everybody.make(["type": "usage", "bot_id": otherBot])
        let own = try everybody.make(["type": "usage", "bot_id": Self.bot])
        let made = try limited.make(["type": "usage"])
        #expect(made["params"]?["bots"] == [.string(Self.bot)])
        let listed = try limited.request("reports.list")["reports"]?.arrayValue ?? []
        #expect(Set(listed.compactMap { $0["id"]?.stringValue }) == [Self.id(own), Self.id(made)])
        for method in ["reports.get", "reports.delete"] {
            for report in [all, other] {
                let refusal = try limited.refusal(method, ["id": Self.id(report)])
                #expect(refusal.code == 404 && refusal.reason == "not_found")
            }
        }
        let refusal = try limited.refusal(
            "reports.create",
            ["type": "usage", "bot_id": otherBot]
        )
        #expect(refusal.code == 403 && refusal.reason == "bot_access_denied")
        #expect(try everybody.request("reports.list")["total"] == 4)
    }

    @Test func `a list is filtered, sorted and paged`() throws {
        let fixture = try Self.january()
        let client = try ReportClient(fixture)
        for (number, type) in ["usage", "full", "usage"].enumerated() {
            _ = try client.make(["type": type, "title": "\(number)"])
            fixture.clock.now += 1_000
        }
        func titles(_ parameters: [String: String]) throws -> [String] {
            try client.request("reports.list", parameters)["reports"]?.arrayValue?
                .compactMap { $0["title"]?.stringValue } ?? []
        }
        #expect(try titles([:]) == ["2", "1", "0"])
        #expect(try titles(["order": "asc"]) == ["0", "1", "2"])
        #expect(try titles(["type": "usage"]) == ["2", "0"])
        #expect(try titles(["status": "failed"]) == [])
        #expect(try titles(["sort": "type", "order": "asc"]) == ["1", "0", "2"])
        #expect(try titles(["limit": "1", "offset": "1"]) == ["1"])
        for (name, value) in [
            ("limit", "101"), ("offset", "-1"), ("sort", "age"), ("order", "up"),
            ("status", "expired"), ("page", "2"),
        ] {
            #expect(try client.refusal("reports.list", [name: value]).parameter == name)
        }
    }

    // MARK: - Gone

    @Test func `a deleted report is not found`() throws {
        let fixture = try Self.january()
        let client = try ReportClient(fixture)
        let id = Self.id(try client.make(["type": "usage"]))
        #expect(try client.request("reports.delete", ["id": id])["deleted"] == true)
        for method in ["reports.get", "reports.delete"] {
            #expect(try client.refusal(method, ["id": id]).reason == "not_found")
        }
        #expect(try client.request("reports.list")["total"] == 0)
        try fixture.restart()
        #expect(try ReportClient(fixture).refusal("reports.get", ["id": id]).reason == "not_found")
    }

    @Test func `a report expires with its days`() throws {
        let fixture = try Self.january()
        fixture.configuration.reportRetentionDays = 10
        try fixture.restart()
        let client = try ReportClient(fixture)
        let id = Self.id(try client.make(["type": "usage"]))
        fixture.clock.now += 10 * Self.day
        #expect(try client.request("reports.get", ["id": id])["status"] == "completed")
        fixture.clock.now += 1
        for _ in 0..<2 {
            let refusal = try ReportClient(fixture).refusal("reports.get", ["id": id])
            #expect(refusal.code == 404 && refusal.reason == "report_expired")
            #expect(try ReportClient(fixture).request("reports.list")["total"] == 0)
            try fixture.restart()
        }
    }

    @Test func `the oldest reports make room for new ones`() throws {
        let fixture = try Self.january()
        fixture.configuration.reportBudgetBytes = 1 << 20
        try fixture.restart()
        let client = try ReportClient(fixture)
        var ids: [String] = []
        var bytes = 0
        while bytes < 3 << 20 {
            let report = try client.make(
                ["type": "full", "format": "html", "days": "300", "group_by": "day"]
            )
            ids.append(Self.id(report))
            bytes += Int(try #require(report["size_bytes"]?.integerValue))
            fixture.clock.now += 1_000
        }
        let listed = try client.request("reports.list", ["order": "asc"])["reports"]?.arrayValue
        let kept = try #require(listed).map(Self.id)
        #expect(!kept.isEmpty && kept.count < ids.count)
        #expect(kept == ids.suffix(kept.count))
        #expect(try client.refusal("reports.get", ["id": ids[0]]).reason == "report_expired")
    }

    @Test func `a report that no room can be made for fails and says why`() throws {
        let fixture = try Self.january()
        fixture.configuration.reportBudgetBytes = 1 << 20
        try fixture.restart()
        let client = try ReportClient(fixture)
        let small = Self.id(try client.make(["type": "usage"]))
        let asked = try client.request(
            "reports.create",
            [
                "type": "full", "start_date": "2016-01-01", "end_date": "2025-01-31",
                "group_by": "day",
            ]
        )
        let large = Self.id(asked)
        for _ in 0..<2 {
            let client = try ReportClient(fixture)
            let report = try client.end(of: large)
            #expect(report["status"] == "failed")
            let failure = try #require(report["failure"]?.stringValue)
            #expect(failure.contains("more than the 1048576 that all reports may take"))
            #expect(report["size_bytes"] == .null && report["download_url"] == .null)
            #expect(report["completed_at"] != .null)
            let refusal = try client.refusal("reports.get", ["id": large, "download": "true"])
            #expect(refusal.reason == "report_not_ready")
            #expect(refusal.message.contains(failure))
            #expect(try client.request("reports.get", ["id": small])["status"] == "completed")
            #expect(try client.request("reports.list", ["status": "failed"])["total"] == 1)
            // And stays so.
            try fixture.restart()
        }
    }

    @Test func `what is wrong with a question is named`() throws {
        let client = try ReportClient(try Self.january())
        for (method, parameters, name) in [
            ("reports.create", ["format": "pdf"], "type"),
            ("reports.create", ["type": "usage", "days": "0"], "days"),
            ("reports.create", ["type": "usage", "idempotency_key": "a b"], "idempotency_key"),
            ("reports.create", ["type": "usage", "colour": "red"], "colour"),
            ("reports.get", [:], "id"), ("reports.get", ["id": "4c1f"], "id"),
            ("reports.get", ["id": Self.bot, "offset": "0"], "offset"),
            ("reports.delete", ["id": Self.bot, "all": "1"], "all"),
        ] {
            #expect(try client.refusal(method, parameters).parameter == name)
        }
    }

    // MARK: - A small January

    private static let bot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"

    private static func id(_ report: JSONValue) -> String { report["id"]?.stringValue ?? "" }

    private static func message(_ time: String, user: Int) -> String {
        #"{"type":"message","bot_id":"\#(bot)","user_id":"6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f1a0\#(user)","#
            + #""session_id":"6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f2a0\#(user)","role":"user","#
            + #""timestamp":"\#(time)"}"#
    }

    /// A daemon on 10 February 2025 that has heard two users in January.
    private static func january() throws -> DaemonFixture {
        let fixture = try DaemonFixture(now: 1_739_145_600_000)
        let wire = try #require(fixture.wire)
        let epoch = try wire.hello("january").epoch
        try wire.publish(
            "january",
            epoch: epoch,
            first: 1,
            [
                message("2025-01-06T10:00:00Z", user: 1),
                message("2025-01-07T11:00:00Z", user: 2),
            ]
        )
        return fixture
    }
}

/// Asks for reports and waits for them.
struct ReportClient {
    private let client: QueryClient
    /// Kept, so that the daemon is there as long as somebody may ask it.
    private let fixture: DaemonFixture

    init(_ fixture: DaemonFixture, bots: Set<String>? = nil) throws {
        self.fixture = fixture
        client = try fixture.client(bots: bots)
    }

    func request(_ method: String, _ parameters: [String: String] = [:]) throws -> JSONValue {
        let members = parameters.map { JSONValue.Member(name: $0.key, value: .string($0.value)) }
        // `days` is a number everywhere.
        let typed = members.map { member in
            member.name == "days"
                ? JSONValue.Member(
                    name: "days",
                    value: .integer(Int64(member.value.stringValue ?? "") ?? 0)
                )
                : member
        }
        return try client.request(method, params: .object(typed), timeout: .seconds(60))
    }

    func refusal(_ method: String, _ parameters: [String: String]) throws -> QueryRefusal {
        let error = try #require(throws: QueryError.self) { try request(method, parameters) }
        guard case .refused(let refusal) = error else { throw error }
        return refusal
    }

    /// A report that is made.
    func make(_ parameters: [String: String]) throws -> JSONValue {
        let report = try request("reports.create", parameters)
        return try wait(for: try #require(report["id"]?.stringValue))
    }

    /// A report that is made.
    func wait(for id: String) throws -> JSONValue {
        let report = try end(of: id)
        if report["status"] == "failed" { Issue.record("\(report["failure"]?.stringValue ?? "")") }
        return report
    }

    /// A report as it is in the end, made or not.
    func end(of id: String) throws -> JSONValue {
        // Each question waits for its answer, so that the loop needs no pause.
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            let report = try request("reports.get", ["id": id])
            if report["status"] == "completed" || report["status"] == "failed" { return report }
        }
        throw NotMade(id: id)
    }

    private struct NotMade: Error {
        let id: String
    }

    func download(_ report: JSONValue) throws -> [UInt8] {
        let piece = try request(
            "reports.get",
            ["id": report["id"]?.stringValue ?? "", "download": "true"]
        )
        let bytes = [UInt8](
            try #require(Data(base64Encoded: piece["content"]?.stringValue ?? ""))
        )
        #expect(Self.digest(bytes) == report["sha256"]?.stringValue)
        return bytes
    }

    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }
}

private func + (left: [String: String], right: [String: String]) -> [String: String] {
    left.merging(right) { $1 }
}
