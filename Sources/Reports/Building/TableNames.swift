internal import Core

/// The names of the tables that each method's answer is shown in.
enum TableNames {
    static let all: [QueryMethod: [String]] = [
        .usage: ["usage"],
        .usageDaily: ["usage_daily"],
        .usageMonthly: ["usage_monthly"],
        .conversations: ["conversations"],
        .conversationsVolume: ["volume", "peak", "channels", "bots"],
        .conversationsDuration: ["duration", "percentiles", "histogram", "duration_series"],
        .conversationsResolution: ["resolution", "outcomes", "resolution_series"],
        .engagement: ["engagement", "engagement_series"],
        .engagementRetention: ["retention_rates", "retention_counts"],
        .engagementSatisfaction: [
            "satisfaction", "ratings", "thumbs", "satisfaction_series",
        ],
    ]
}
