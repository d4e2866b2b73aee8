import Core
import Foundation
import Testing

@testable import Zones

struct SystemZoneDatabaseTests {
    /// Every file of the system's directory that is one of a zone, by its name.
    private static func names() throws -> [String] {
        let root = URL(filePath: SystemZoneDatabase.standardDirectory)
        let files = try #require(
            FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
        )
        return files.compactMap { $0 as? String }.filter { name in
            guard SystemZoneDatabase.isPlausible(name) else { return false }
            let data = try? Data(contentsOf: root.appending(path: name))
            return data?.starts(with: Data("TZif".utf8)) ?? false
        }
    }

    @Test func `every zone of the system loads`() throws {
        let zones = SystemZoneDatabase()
        let names = try Self.names()
        #expect(names.count > 400)
        for name in names {
            let rules = zones.rules(named: name)
            #expect(rules?.name == name, "\(name)")
        }
    }

    @Test func `every zone agrees with Foundation where figures can lie`() throws {
        let zones = SystemZoneDatabase()
        var disagreeing: [String] = []
        for name in try Self.names() {
            guard let rules = zones.rules(named: name),
                let foundation = TimeZone(identifier: name)
            else { continue }
            let isEqual = stride(from: 946_684_800, to: 2_145_916_800, by: 5 * 86_400 + 1_800)
                .allSatisfy { second in
                    let date = Date(timeIntervalSince1970: Double(second))
                    return Int64(foundation.secondsFromGMT(for: date)) * 1_000
                        == rules.offset(at: Int64(second) * 1_000)
                }
            if !isEqual { disagreeing.append(name) }
        }
        #expect(disagreeing.isEmpty)
    }

    @Test(arguments: [
        "", "..", ".", "../UTC", "America/../UTC", "/UTC", "/usr/share/zoneinfo/UTC", "America/",
        "America", "America//Sao_Paulo", "posix/UTC", "right/UTC", "localtime", "posixrules",
        "zone.tab", "tzdata.zi", "leapseconds", "Mars/Olympus", "UTC\u{0}", "UTC ", "ÜTC",
        String(repeating: "A", count: 65), String(repeating: "A/", count: 5_000),
        "america/sao_paulo\n",
    ])
    func `a name that is no zone's is refused`(name: String) {
        #expect(SystemZoneDatabase().rules(named: name) == nil)
    }

    @Test func `an alias is answered under its own name`() throws {
        let zones = SystemZoneDatabase()
        let old = try #require(zones.rules(named: "Asia/Katmandu"))
        let new = try #require(zones.rules(named: "Asia/Kathmandu"))
        #expect(old.name == "Asia/Katmandu" && new.name == "Asia/Kathmandu")
        #expect(old.offset(at: 0) == new.offset(at: 0))
    }

    @Test func `UTC needs no directory`() throws {
        let zones = SystemZoneDatabase(directory: "/nonexistent")
        let utc = try #require(zones.rules(named: "UTC"))
        #expect(utc.name == "UTC" && utc.offset(at: 4_000_000_000_000) == 0)
        #expect(zones.rules(named: "Europe/Paris") == nil)
    }

    @Test func `the rule at the end of the file holds until 2100`() throws {
        let zones = SystemZoneDatabase()
        let calendar = LocalCalendar(rules: try #require(zones.rules(named: "Europe/Paris")))
        // The last Sundays of March and October 2099, 01:00 UTC.
        let spring: Int64 = 4_078_429_200_000
        let autumn: Int64 = 4_096_573_200_000
        #expect(calendar.text(of: spring - 1_000) == "2099-03-29T01:59:59+01:00")
        #expect(calendar.text(of: spring) == "2099-03-29T03:00:00+02:00")
        #expect(calendar.text(of: autumn - 1_000) == "2099-10-25T02:59:59+02:00")
        #expect(calendar.text(of: autumn) == "2099-10-25T02:00:00+01:00")
    }

    @Test func `a zone once read is kept`() throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "Paris")
        let source = URL(filePath: SystemZoneDatabase.standardDirectory)
        try FileManager.default.copyItem(at: source.appending(path: "Europe/Paris"), to: file)
        let zones = SystemZoneDatabase(directory: directory.path(percentEncoded: false))
        #expect(zones.rules(named: "Paris") != nil)
        try FileManager.default.removeItem(at: file)
        #expect(zones.rules(named: "Paris") != nil)
        // What was not found is looked for again.
        #expect(zones.rules(named: "Rome") == nil)
        try FileManager.default.copyItem(
            at: source.appending(path: "Europe/Rome"),
            to: directory.appending(path: "Rome")
        )
        #expect(zones.rules(named: "Rome") != nil)
    }
}
