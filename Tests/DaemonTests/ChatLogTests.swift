import BotstatsClient
import Daemon
import Foundation
import JSON
import Simulation
import Testing

/// People's real conversations give the model's answers too.
///
/// The environment variable `BOTSTATS_CHAT_LOG` names the full log; without it the part of it
/// beside the tests is used.
@Suite(.serialized)
struct ChatLogTests {
    private static let path =
        ProcessInfo.processInfo.environment["BOTSTATS_CHAT_LOG"]
        ?? URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/ubuntu-irc.ndjson.gz").path(percentEncoded: false)
    private static let zones = ["UTC", "America/St_Johns", "Asia/Kathmandu"]
    /// 1 June 2019, after everything in the log.
    private static let now: Int64 = 1_559_347_200_000

    @Test func `the chat log counts once and gives the model's answers in three zones`() throws {
        let events = try Self.events()
        let history = try History(
            fixture: DaemonFixture(now: Self.now, timezone: "Europe/Berlin"),
            producers: []
        )
        history.accept(events)

        let first = try Self.importLog(into: history.fixture)
        #expect(first.accepted == events.count)
        #expect(first.duplicate == 0)
        #expect(first.rejected == 0)
        let inquiries = try Self.inquiries(about: events)
        try history.compare(inquiries)

        let second = try Self.importLog(into: history.fixture)
        #expect(second.accepted == 0)
        #expect(second.duplicate == events.count)
        try history.fixture.waitForFold()
        try history.compare(inquiries)

        try history.restart()
        try history.compare(inquiries)
        try history.fixture.check()
    }

    private static func importLog(into fixture: DaemonFixture) throws -> PublisherTotals {
        let endpoint = try #require(fixture.daemon).ingestEndpoint
        let summary = try FileImport(options: FileImport.Options(endpoint: endpoint))
            .run(path: path)
        #expect(summary.isComplete)
        return summary.totals
    }

    private static func events() throws -> [ModelEvent] {
        let source = try LineSource(path: path)
        var events: [ModelEvent] = []
        var line: [UInt8] = []
        while try source.next(into: &line) != nil {
            events.append(try ModelEvent(parsing: String(decoding: line, as: UTF8.self)))
        }
        return events
    }

    /// Every method over all years by month, over a year and over some days, in every zone.
    private static func inquiries(about events: [ModelEvent]) throws -> [Inquiry] {
        let first = try #require(events.map(\.timestamp).min())
        let ranges = [
            ["start_date": "2004-01-01", "end_date": "2019-05-31"],
            ["start_date": date(first), "end_date": date(first + 365 * 86_400_000)],
            ["start_date": date(first), "end_date": date(first + 2 * 86_400_000)],
        ]
        let user = try #require(events.last?.userID)
        var inquiries: [Inquiry] = []
        for zone in zones {
            for method in Inquirer.methods where !method.hasPrefix("realtime") {
                for (index, range) in ranges.enumerated() {
                    var parameters = range
                    parameters["timezone"] = zone
                    if index == 1 { parameters["bot_id"] = events.last?.botID }
                    if index == 2, zone == "UTC" { parameters["user_id"] = user }
                    if method == "engagement.retention", index == 0 {
                        parameters["group_by"] = "month"
                        parameters["periods"] = "60"
                    }
                    inquiries.append(Inquiry(method: method, parameters: parameters))
                }
            }
        }
        inquiries.append(Inquiry(method: "realtime", parameters: [:]))
        inquiries.append(Inquiry(method: "realtime.active", parameters: [:]))
        return inquiries
    }

    private static func date(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds / 1_000))
        return String(date.formatted(.iso8601).prefix(10))
    }
}
