import Foundation
import JSON
import Simulation

/// Random questions over everything a query can be asked.
struct Questions {
    static let zones = [
        "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "America/St_Johns",
        "Australia/Lord_Howe",
    ]
    static let methods = [
        "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
        "conversations.duration", "conversations.resolution", "engagement",
        "engagement.retention", "engagement.satisfaction", "realtime", "realtime.active",
    ]
    private static let grouped: Set<String> = [
        "conversations.volume", "conversations.duration", "conversations.resolution",
        "engagement", "engagement.retention", "engagement.satisfaction",
    ]

    let workload: Workload
    /// The time that ranges are chosen around.
    let window: Range<Int64>

    func parameters(
        for method: String,
        using random: inout SeededGenerator
    ) -> [String: String] {
        var parameters: [String: String] = [:]
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        if chance(0.4) { parameters["bot_id"] = workload.bots.randomElement(using: &random) }
        if chance(0.3) {
            parameters["channel"] = ["web", "sms", "telegram"].randomElement(using: &random)
        }
        if method.hasPrefix("realtime") {
            if chance(0.5) {
                parameters["window_minutes"] = "\(Int.random(in: 1...60, using: &random))"
            }
            return parameters
        }
        if chance(0.25) { parameters["user_id"] = workload.users.randomElement(using: &random) }
        if chance(0.8) { parameters["timezone"] = Self.zones.randomElement(using: &random) }
        if chance(0.3) {
            parameters["week_start"] = ["sunday", "saturday"].randomElement(using: &random)
        }
        setRange(&parameters, using: &random)
        if Self.grouped.contains(method), chance(0.6) {
            let retention = method == "engagement.retention"
            let choices = retention ? ["day", "week", "month"] : ["hour", "day", "week", "month"]
            parameters["group_by"] = choices.randomElement(using: &random)
        }
        if method == "engagement.retention" {
            setRetention(&parameters, using: &random)
        } else if chance(0.3) {
            parameters["compare"] = ["previous_period", "previous_year"].randomElement(
                using: &random
            )
        }
        return parameters
    }

    private func setRetention(
        _ parameters: inout [String: String],
        using random: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: parameters["periods"] = "\(Int.random(in: 1...12, using: &random))"
        case 1: parameters["criteria"] = "on_or_after"
        default:
            parameters["criteria"] = "bracket"
            parameters["brackets"] = "1-2,3,4-7"
        }
    }

    private func setRange(
        _ parameters: inout [String: String],
        using random: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: parameters["days"] = "\(Int.random(in: 1...45, using: &random))"
        case 1:
            parameters["period"] = ["today", "week", "month", "year"].randomElement(using: &random)
        case 2:
            let first = Int64.random(in: window, using: &random)
            let days = Int64.random(in: 0...20, using: &random)
            parameters["start_date"] = Self.text(first, length: 10)
            parameters["end_date"] = Self.text(first + days * 86_400_000, length: 10)
        case 3:
            let first = Int64.random(in: window, using: &random)
            let minutes = Int64.random(in: 1...5_000, using: &random)
            let zone = Bool.random(using: &random) ? "Z" : ""
            parameters["start_date"] = Self.text(first, length: 19) + zone
            parameters["end_date"] = Self.text(first + minutes * 60_000, length: 19) + zone
        default: break
        }
    }

    /// The beginning of an instant's RFC 3339 text in UTC.
    private static func text(_ milliseconds: Int64, length: Int) -> String {
        let instant = Date(timeIntervalSince1970: Double(milliseconds / 1_000))
        return String(instant.formatted(.iso8601).prefix(length))
    }
}
