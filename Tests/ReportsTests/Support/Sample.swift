import Core
import Foundation
import JSON
import Testing
import Zones

@testable import Reports

/// A report of January 2025, made of answers that a daemon gave about a simulated bot.
enum Sample {
    static let parameters: [JSONValue.Member] = [
        JSONValue.Member(name: "start_date", value: "2025-01-01"),
        JSONValue.Member(name: "end_date", value: "2025-01-31"),
        JSONValue.Member(name: "timezone", value: "America/Sao_Paulo"),
    ]

    /// Every answer by method, as the daemon gave it.
    static func answers() throws -> JSONValue {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/january.json")
        return try JSONValue(parsing: Data(contentsOf: url))
    }

    /// A request about January; `more` replaces what it has of the same name.
    static func request(
        _ type: ReportType,
        _ format: ReportFormat,
        _ more: [String: JSONValue] = [:]
    ) throws(ParameterError) -> ReportRequest {
        var members = parameters.filter { more[$0.name] == nil }
        for (name, value) in more { members.append(JSONValue.Member(name: name, value: value)) }
        for (name, value) in [("type", type.rawValue), ("format", format.rawValue)]
        where more[name] == nil {
            members.append(JSONValue.Member(name: name, value: .string(value)))
        }
        return try ReportRequest(
            .object(members),
            // 2025-03-01T00:00:00Z
            now: 1_740_787_200_000,
            defaultZone: "UTC",
            zones: SystemZoneDatabase()
        )
    }

    static func figures(_ request: ReportRequest) throws -> ReportFigures {
        let answers = try answers()
        return ReportFigures(
            try request.plans.map { plan in
                let method = plan.method.rawValue
                return (method, try #require(answers[method]))
            }
        )
    }

    /// The bytes of a report; kept for looking at in the directory `BOTSTATS_KEEP_REPORTS`.
    static func bytes(
        _ type: ReportType,
        _ format: ReportFormat,
        _ more: [String: JSONValue] = [:]
    ) throws -> [UInt8] {
        let request = try request(type, format, more)
        let bytes = try ReportRenderer(request, try figures(request)).render()
        if let directory = ProcessInfo.processInfo.environment["BOTSTATS_KEEP_REPORTS"] {
            let path = "\(directory)/\(type.rawValue).\(format.rawValue)"
            try Data(bytes).write(to: URL(filePath: path))
        }
        return bytes
    }

    static func text(
        _ type: ReportType,
        _ format: ReportFormat,
        _ more: [String: JSONValue] = [:]
    ) throws -> String {
        try #require(String(validating: bytes(type, format, more), as: UTF8.self))
    }
}

/// A test's own reader of RFC 4180.
struct CSVFile {
    var records: [[String]] = []

    init(_ text: String) {
        var field = ""
        var record: [String] = []
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        while let scalar = scalars.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true):
                if scalars.first == "\"" {
                    scalars.removeFirst()
                    field.append("\"")
                } else {
                    isQuoted = false
                }
            case ("\"", false): isQuoted = true
            case (",", false):
                record.append(field)
                field = ""
            case ("\r", false) where scalars.first == "\n":
                scalars.removeFirst()
                records.append(record + [field])
                record = []
                field = ""
            default: field.unicodeScalars.append(scalar)
            }
        }
    }

    /// The records of a section, its heading first.
    func table(_ name: String) -> [[String]] {
        guard let start = records.firstIndex(where: { $0.first == "table" && $0[1] == name })
        else { return [] }
        return Array(records[(start + 1)...].prefix { $0 != [""] })
    }
}
