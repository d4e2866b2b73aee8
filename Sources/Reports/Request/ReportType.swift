internal import Core

/// What a report is about.
public enum ReportType: String, CaseIterable, Sendable {
    /// Conversations, users and messages by time, channel and bot.
    case usage
    /// How many conversations there were, how long they took and how they ended.
    case conversations
    /// How many users came, and who of them came back.
    case engagement
    /// What users thought.
    case satisfaction
    /// All of these.
    case full

    /// What a report of this type is called where nobody gave it a title.
    public var defaultTitle: String {
        switch self {
        case .usage: "Usage report"
        case .conversations: "Conversations report"
        case .engagement: "Engagement report"
        case .satisfaction: "Satisfaction report"
        case .full: "Analytics report"
        }
    }

    /// The methods whose answers make up a report, in the order of its sections.
    ///
    /// - Parameter series: The method of usage by time: by day, or by month for long ranges.
    /// - Returns: The methods.
    func methods(series: QueryMethod) -> [QueryMethod] {
        switch self {
        case .usage: [.usage, series, .conversationsVolume]
        case .conversations:
            [
                .conversations, .conversationsVolume, .conversationsDuration,
                .conversationsResolution,
            ]
        case .engagement: [.engagement, .engagementRetention]
        case .satisfaction: [.engagementSatisfaction]
        case .full:
            [
                .usage, series, .conversations, .conversationsVolume, .conversationsDuration,
                .conversationsResolution, .engagement, .engagementRetention,
                .engagementSatisfaction,
            ]
        }
    }
}

/// What a report's bytes are.
public enum ReportFormat: String, CaseIterable, Sendable {
    /// The figures as the methods answer them.
    case json
    /// Tables as RFC 4180 has them.
    case csv
    /// One file for a browser, with charts.
    case html
    /// Pages for people, with charts.
    case pdf
    /// A workbook with a sheet for each table, and charts.
    case xlsx

    /// The media type of the bytes.
    public var contentType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        case .pdf: "application/pdf"
        case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        }
    }
}
