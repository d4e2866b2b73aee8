/// The methods of the query socket.
public enum QueryMethod: String, CaseIterable, Sendable {
    /// Totals of conversations, users and messages.
    case usage
    /// The same by day.
    case usageDaily = "usage.daily"
    /// The same by month.
    case usageMonthly = "usage.monthly"
    /// Rates and averages of conversations.
    case conversations
    /// Conversations and messages by time, channel and bot.
    case conversationsVolume = "conversations.volume"
    /// How long conversations lasted and how fast the bot was.
    case conversationsDuration = "conversations.duration"
    /// How conversations ended.
    case conversationsResolution = "conversations.resolution"
    /// How often users come.
    case engagement
    /// Which of them come back.
    case engagementRetention = "engagement.retention"
    /// What they thought.
    case engagementSatisfaction = "engagement.satisfaction"
    /// The last minutes.
    case realtime
    /// The active sessions of the last minutes.
    case realtimeActive = "realtime.active"
    /// The daemon itself.
    case systemStatus = "system.status"

    /// Whether the method is about a range of time, in a zone.
    var takesRange: Bool {
        switch self {
        case .realtime, .realtimeActive, .systemStatus: false
        default: true
        }
    }
}
