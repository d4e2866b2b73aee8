import BotstatsClient
import Foundation
import JSON
import Simulation

/// One question, as a caller writes it.
struct Inquiry: CustomStringConvertible {
    let method: String
    let parameters: [String: String]
    /// The bots that the credential is limited to; nil where it is not.
    var bots: Set<String>?

    /// The parameters that are numbers in JSON.
    private static let numbers: Set<String> = ["days", "periods", "window_minutes"]

    var description: String {
        ([method] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
            .joined(separator: " ") + (bots.map { " for \($0.sorted())" } ?? "")
    }

    /// The question as the query socket takes it.
    var request: QueryClient.Request {
        let members = parameters.sorted { $0.key < $1.key }.map { name, text in
            let number = Self.numbers.contains(name) ? Int64(text) : nil
            return JSONValue.Member(name: name, value: number.map { .integer($0) } ?? .string(text))
        }
        return QueryClient.Request(method: method, params: .object(members))
    }
}

/// Random questions about a history, with every parameter a method takes.
struct Inquirer {
    static let methods = [
        "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
        "conversations.duration", "conversations.resolution", "engagement",
        "engagement.retention", "engagement.satisfaction", "realtime", "realtime.active",
    ]
    /// Offsets of half and quarter hours, days of 23, 24½ and 25 hours, skipped midnights, and in
    /// Apia a date that never was.
    static let zones = [
        "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "America/St_Johns",
        "Australia/Lord_Howe", "Pacific/Apia", "Europe/Berlin",
    ]
    private static let grouped: Set<String> = [
        "conversations.volume", "conversations.duration", "conversations.resolution",
        "engagement", "engagement.retention", "engagement.satisfaction",
    ]
    private static let day: Int64 = 86_400_000

    /// The bots, users and channels that filters name.
    let bots: [String]
    let users: [String]
    let channels: [String]
    /// The time that ranges lie around, in milliseconds since 1970.
    let window: Range<Int64>

    /// A question to a method.
    func ask(_ method: String, using random: inout SeededGenerator) -> Inquiry {
        var asked = Draft(random: random)
        asked.maybe(0.35, "bot_id") { Self.identity(bots, using: &$0) }
        asked.maybe(0.3, "channel") { (channels + ["nowhere"]).randomElement(using: &$0) }
        if method.hasPrefix("realtime") {
            asked.maybe(0.6, "window_minutes") { "\(Int.random(in: 1...60, using: &$0))" }
        } else {
            asked.maybe(0.3, "user_id") { Self.identity(users, using: &$0) }
            asked.maybe(0.8, "timezone") { Self.zones.randomElement(using: &$0) }
            asked.maybe(0.4, "week_start") {
                ["monday", "sunday", "saturday"].randomElement(using: &$0)
            }
            setRange(&asked)
            setRows(method, &asked)
        }
        random = asked.random
        let limit = limit(using: &random)
        if let limit, let bot = asked.parameters["bot_id"], !limit.contains(bot.lowercased()) {
            asked.parameters["bot_id"] = nil
        }
        return Inquiry(method: method, parameters: asked.parameters, bots: limit)
    }

    /// The bots of a credential: mostly all, else several, one, none, some that nobody heard of.
    private func limit(using random: inout SeededGenerator) -> Set<String>? {
        guard Int.random(in: 0..<5, using: &random) < 2 else { return nil }
        let count = Int.random(in: 0...min(bots.count, 6), using: &random)
        var limit = Set(bots.shuffled(using: &random).prefix(count))
        if Int.random(in: 0..<5, using: &random) == 0 {
            limit.insert("00000000-0000-4000-8000-00000000000f")
        }
        return limit
    }

    /// Every method about everything, which no filter and no range can hide a difference from;
    /// once more for one who may see only some of the bots.
    var everything: [Inquiry] {
        let start = Self.date(window.lowerBound - 2 * Self.day)
        let limits = [nil, Set(bots.prefix(max(2, bots.count / 2)))]
        return limits.flatMap { limit in
            Self.methods.map { method in
                Inquiry(
                    method: method,
                    parameters: method.hasPrefix("realtime") ? [:] : ["start_date": start],
                    bots: limit
                )
            }
        }
    }

    private func setRows(_ method: String, _ asked: inout Draft) {
        let isRetention = method == "engagement.retention"
        if Self.grouped.contains(method) {
            asked.maybe(0.7, "group_by") {
                ((isRetention ? [] : ["hour"]) + ["day", "week", "month"]).randomElement(using: &$0)
            }
        }
        guard isRetention else {
            asked.maybe(0.35, "compare") {
                ["previous_period", "previous_year"].randomElement(using: &$0)
            }
            return
        }
        asked.maybe(0.5, "periods") { "\(Int.random(in: 1...60, using: &$0))" }
        asked.maybe(0.6, "criteria") {
            ["on", "on_or_after", "bracket", "bracket"].randomElement(using: &$0)
        }
        guard asked.parameters["criteria"] == "bracket" else { return }
        asked.maybe(1, "brackets") { random in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                let first = Int.random(in: 1...20, using: &random)
                let last = first + Int.random(in: 0...10, using: &random)
                return first == last ? "\(first)" : "\(first)-\(last)"
            }
            .joined(separator: ",")
        }
    }

    private func setRange(_ asked: inout Draft) {
        let first = Int64.random(
            in: window.lowerBound - 3 * Self.day..<window.upperBound,
            using: &asked.random
        )
        switch Int.random(in: 0..<8, using: &asked.random) {
        case 0: asked.maybe(1, "days") { "\(Int.random(in: 1...400, using: &$0))" }
        case 1: asked.maybe(1, "days") { "\(Int.random(in: 1...20, using: &$0))" }
        case 2:
            asked.maybe(1, "period") {
                ["today", "week", "month", "year"].randomElement(using: &$0)
            }
        case 3: asked.parameters["start_date"] = Self.date(first)
        case 4, 5:
            let longest: Int64 = Bool.random(using: &asked.random) ? 5 : 120
            let days = Int64.random(in: 0...longest, using: &asked.random)
            asked.parameters["start_date"] = Self.date(first)
            asked.parameters["end_date"] = Self.date(first + days * Self.day)
        case 6:
            let minutes = Int64.random(in: 1...6_000, using: &asked.random)
            asked.parameters["start_date"] = Self.instant(first, &asked.random)
            asked.parameters["end_date"] = Self.instant(first + minutes * 60_000, &asked.random)
        default: break
        }
    }

    /// One of these UUIDs, now and then in capitals, or one that nobody ever heard of.
    private static func identity(
        _ known: [String],
        using random: inout SeededGenerator
    ) -> String? {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: "00000000-0000-4000-8000-00000000000f"
        case 1: known.randomElement(using: &random)?.uppercased()
        default: known.randomElement(using: &random)
        }
    }

    private static func date(_ milliseconds: Int64) -> String {
        String(text(milliseconds, offsetMinutes: 0).prefix(10))
    }

    /// A date-time: local to the asked zone, in UTC, or at an offset of its own.
    private static func instant(_ milliseconds: Int64, _ random: inout SeededGenerator) -> String {
        let offset = [0, 0, -180, 345, 630].randomElement(using: &random) ?? 0
        let local = text(milliseconds, offsetMinutes: offset)
        if Bool.random(using: &random) { return local }
        guard offset != 0 else { return local + "Z" }
        let size = abs(offset)
        let parts = [size / 60, size % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
        return local + (offset < 0 ? "-" : "+") + parts.joined(separator: ":")
    }

    private static func text(_ milliseconds: Int64, offsetMinutes: Int) -> String {
        let seconds = milliseconds / 1_000 + Int64(offsetMinutes) * 60
        let date = Date(timeIntervalSince1970: Double(seconds))
        return String(date.formatted(.iso8601).prefix(19))
    }
}

/// Parameters on their way.
private struct Draft {
    var random: SeededGenerator
    var parameters: [String: String] = [:]

    /// Sets a parameter with some probability.
    mutating func maybe(
        _ share: Double,
        _ name: String,
        _ value: (inout SeededGenerator) -> String?
    ) {
        guard Double.random(in: 0..<1, using: &random) < share else { return }
        parameters[name] = value(&random)
    }
}
