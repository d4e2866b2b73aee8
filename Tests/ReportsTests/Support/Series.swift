import JSON

/// What the tables of reports show, said once more and apart from the code that fills them.
enum Series {
    /// Tables of buckets by the method whose `data` they show.
    static let all: KeyValuePairs = [
        "usage_daily": "usage.daily", "volume": "conversations.volume",
        "duration_series": "conversations.duration",
        "resolution_series": "conversations.resolution", "engagement_series": "engagement",
        "satisfaction_series": "engagement.satisfaction",
    ]

    /// Tables of the numbers at the top of an answer.
    static let summaries: KeyValuePairs = [
        "usage": "usage", "conversations": "conversations", "duration": "conversations.duration",
        "resolution": "conversations.resolution", "engagement": "engagement",
        "satisfaction": "engagement.satisfaction",
    ]

    static let fields: [String: [String]] = [
        "usage_daily": [
            "conversations", "active_users", "new_users", "messages", "incoming_messages",
            "outgoing_messages",
        ],
        "volume": [
            "conversations", "engaged_conversations", "messages", "incoming_messages",
            "outgoing_messages",
        ],
        "duration_series": ["conversations", "avg_duration_seconds", "p50", "p95"],
        "resolution_series": [
            "resolved", "escalated", "abandoned", "unknown", "resolution_rate",
        ],
        "engagement_series": ["active_users", "new_users", "returning_users"],
        "satisfaction_series": ["responses", "csat_score", "average_rating"],
    ]

    /// A figure as people read it.
    static func text(_ value: JSONValue?, field: String) -> String {
        guard let value, let number = value.doubleValue else { return "–" }
        let fractions = ["csat_score", "stickiness", "outcome_coverage", "relative_error"]
        if field.hasSuffix("_rate") || fractions.contains(field) {
            return fixed(number * 100, 1) + "%"
        }
        if field.hasSuffix("_seconds") || field.hasPrefix("p") {
            if number < 10 { return fixed(number, 2) + " s" }
            if number < 60 { return fixed(number, 1) + " s" }
            let whole = Int(number.rounded())
            return "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s"
        }
        guard let integer = value.integerValue else { return fixed(number, 2) }
        var text = String(integer)
        for place in stride(from: text.count - 3, to: 0, by: -3) {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
        }
        return text
    }

    private static func fixed(_ number: Double, _ places: Int) -> String {
        let scale = places == 1 ? 10 : 100
        let scaled = Int((number * Double(scale)).rounded())
        let fraction = String(scaled % scale + scale).dropFirst()
        return "\(scaled / scale).\(fraction)"
    }
}
