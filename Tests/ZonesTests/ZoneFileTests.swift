import Core
import Foundation
import Simulation
import Testing

@testable import Zones

struct ZoneFileTests {
    private func file(_ name: String) throws -> [UInt8] {
        let url = URL(filePath: SystemZoneDatabase.standardDirectory).appending(path: name)
        return [UInt8](try Data(contentsOf: url))
    }

    @Test func `a file cut short is refused or still whole`() throws {
        let bytes = try file("America/Sao_Paulo")
        #expect(ZoneFile.rules(named: "x", in: bytes) != nil)
        for count in bytes.indices {
            #expect(ZoneFile.rules(named: "x", in: Array(bytes[..<count])) == nil, "\(count)")
        }
    }

    @Test func `a broken file does not end the program`() throws {
        var random = SeededGenerator.announced("zone files")
        for name in ["America/Sao_Paulo", "Europe/Paris", "Pacific/Apia", "UTC"] {
            let whole = try file(name)
            for _ in 0..<3_000 {
                var bytes = whole
                for _ in 0..<(1 + Int.random(in: 0..<3, using: &random)) {
                    let index = Int.random(in: bytes.indices, using: &random)
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
                guard let rules = ZoneFile.rules(named: "x", in: bytes) else { continue }
                let calendar = LocalCalendar(rules: rules)
                let start = Int64.random(in: 946_684_800_000...2_000_000_000_000, using: &random)
                let range = TimeRange(start: start, end: start + 3 * Milliseconds.day)
                for granularity in Granularity.allCases {
                    let buckets = calendar.buckets(
                        granularity,
                        touching: range,
                        now: .max,
                        limit: 5_000
                    )
                    #expect(buckets?.allSatisfy { $0.from < $0.to } ?? false)
                }
                _ = rules.instant(ofLocal: start)
            }
        }
    }

    @Test func `a file with leap seconds is refused`() throws {
        let right = try file("right/UTC")
        #expect(ZoneFile.rules(named: "UTC", in: right) == nil)
    }
}

struct RecurringRuleTests {
    private func changes(_ text: String, _ year: Int) -> [String]? {
        RecurringRule(text.utf8)?.changes(ofYear: year).map {
            LocalCalendar(rules: .utc).text(of: $0.start) + " \($0.offset / 60_000)"
        }
    }

    @Test(
        arguments: [
            ("EST5", []),
            ("<+0545>-5:45", []),
            (
                "EST5EDT,M3.2.0,M11.1.0",
                ["2025-03-09T07:00:00+00:00 -240", "2025-11-02T06:00:00+00:00 -300"]
            ),
            // Half an hour of summer.
            (
                "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                ["2025-10-04T15:30:00+00:00 660", "2025-04-05T15:00:00+00:00 630"]
            ),
            // A negative time: the day before. The week 5 is the last.
            (
                "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                ["2025-03-30T01:00:00+00:00 -60", "2025-10-26T01:00:00+00:00 -120"]
            ),
            // More than a day.
            (
                "IST-2IDT,M3.4.4/26,M10.5.0",
                ["2025-03-28T00:00:00+00:00 180", "2025-10-25T23:00:00+00:00 120"]
            ),
            // Irish winter time is the exception.
            (
                "IST-1GMT0,M10.5.0,M3.5.0/1",
                ["2025-10-26T01:00:00+00:00 0", "2025-03-30T01:00:00+00:00 60"]
            ),
            ("A-1B,J60,J365/0", nil),
            (
                "AAA0BBB,J60,300/0:30",
                ["2025-03-01T02:00:00+00:00 60", "2025-10-27T23:30:00+00:00 0"]
            ),
        ] as [(String, [String]?)]
    )
    func `a rule names its changes of every year`(text: String, expected: [String]?) {
        #expect(changes(text, 2025) == expected)
    }

    @Test func `a day of the year counts leap days or not`() {
        #expect(changes("AAA0BBB,J60,60", 2024)?.first == "2024-03-01T02:00:00+00:00 60")
        #expect(changes("AAA0BBB,J59,59", 2024)?.last == "2024-02-29T01:00:00+00:00 0")
    }

    @Test(arguments: [
        "", "5", "EST", "EST25", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.1.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "<+03-3",
        "EST5EDT,M3.2.0/168,M11.1.0", "EST5:60", "EST5EDT,J0,J365", "EST5EDT,366,1",
        "EST99999999999999999999",
    ])
    func `what is no rule is refused`(text: String) {
        #expect(RecurringRule(text.utf8) == nil)
    }
}
