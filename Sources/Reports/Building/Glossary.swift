/// What fields are called and what they mean, in short; `protocol/figures.md` says it in full.
enum Glossary {
    struct Entry {
        var title: String
        var meaning: String?
        /// Whether more of it is good news; nil where it is neither.
        var isMoreBetter: Bool?
    }

    /// The entry of a field; of one it does not know, the name made readable.
    static func entry(_ name: String) -> Entry {
        if let entry = entries[name] { return entry }
        let words = name.replacing("_", with: " ")
        return Entry(title: words.prefix(1).uppercased() + words.dropFirst())
    }

    private static let conversation = """
        Conversations that started in the period: the messages of one session, cut where two of \
        them lie further apart than the session timeout.
        """
    private static let distinct = "Each counts once in every row and once in the whole period."

    private static let entries: [String: Entry] = [
        "total_conversations": Entry(
            title: "Conversations",
            meaning: conversation,
            isMoreBetter: true
        ),
        "conversations": Entry(title: "Conversations", meaning: conversation),
        "engaged_conversations": Entry(
            title: "Engaged conversations",
            meaning: "Conversations with at least one message of the user.",
            isMoreBetter: true
        ),
        "open_conversations": Entry(
            title: "Open conversations",
            meaning: "Conversations that started in the period and had not ended yet."
        ),
        "measured_conversations": Entry(
            title: "Measured conversations",
            meaning:
                "Conversations that started in the period and have ended; durations are theirs."
        ),
        "active_users": Entry(
            title: "Active users",
            meaning: "Distinct users with at least one message. \(distinct)",
            isMoreBetter: true
        ),
        "new_users": Entry(
            title: "New users",
            meaning: "Active users whose first message ever lies in the period.",
            isMoreBetter: true
        ),
        "returning_users": Entry(
            title: "Returning users",
            meaning: "Active users who are not new.",
            isMoreBetter: true
        ),
        "total_messages": Entry(
            title: "Messages",
            meaning: "Messages of users, of the bot and of human attendants."
        ),
        "messages": Entry(
            title: "Messages",
            meaning: "Messages of users, of the bot and of human attendants."
        ),
        "incoming_messages": Entry(title: "Incoming messages", meaning: "Messages of users."),
        "outgoing_messages": Entry(
            title: "Outgoing messages",
            meaning: "Messages of the bot and of human attendants."
        ),
        "messages_per_conversation": Entry(
            title: "Messages per conversation",
            meaning: "Messages of the conversations that started in the period, divided by those."
        ),
        "avg_messages_per_conversation": Entry(
            title: "Messages per conversation",
            meaning: "Messages of the conversations that started in the period, divided by those."
        ),
        "conversations_per_user": Entry(
            title: "Conversations per user",
            meaning: "Conversations divided by active users."
        ),
        "messages_per_user": Entry(
            title: "Messages per user",
            meaning: "Incoming messages divided by active users."
        ),
        "total_tokens": Entry(
            title: "Tokens",
            meaning: "Tokens of the language model, as the messages report them."
        ),
        "errors": Entry(
            title: "Errors",
            meaning: "Errors that the bot reported.",
            isMoreBetter: false
        ),
        "engagement_rate": Entry(
            title: "Engagement rate",
            meaning: "Engaged conversations divided by all.",
            isMoreBetter: true
        ),
        "single_message_rate": Entry(
            title: "Single message rate",
            meaning: "Conversations with exactly one message of the user, divided by engaged ones."
        ),
        "avg_duration_seconds": Entry(
            title: "Average duration",
            meaning: "Mean time from the first to the last message of conversations that ended."
        ),
        "median_duration_seconds": Entry(
            title: "Median duration",
            meaning: "Half of the conversations that ended took no longer."
        ),
        "min_duration_seconds": Entry(title: "Shortest duration"),
        "max_duration_seconds": Entry(title: "Longest duration"),
        "avg_first_response_seconds": Entry(
            title: "Average first response",
            meaning: "Mean time from the user's first message to the first answer.",
            isMoreBetter: false
        ),
        "first_response_seconds": Entry(
            title: "First response",
            meaning: "Time from the user's first message to the first answer after it."
        ),
        "response_seconds": Entry(
            title: "Response",
            meaning: "Time from each message of the user that waits for an answer to that answer."
        ),
        "duration_seconds": Entry(title: "Duration"),
        "relative_error": Entry(
            title: "Relative error",
            meaning: "Percentiles, shortest and longest durations may be off by this fraction."
        ),
        "p50": Entry(
            title: "50th percentile",
            meaning: "Half of the values are no larger; of the 95th percentile 95 in 100 are not."
        ),
        "p95": Entry(title: "95th percentile"),
        "resolved": Entry(
            title: "Resolved",
            meaning: "The session was reported as resolved, and not transferred to a human."
        ),
        "resolved_confirmed": Entry(title: "Resolved, confirmed"),
        "resolved_assumed": Entry(title: "Resolved, assumed"),
        "escalated": Entry(title: "Escalated", meaning: "Transferred to a human."),
        "abandoned": Entry(
            title: "Abandoned",
            meaning: "Ended without being resolved or escalated, by a bot that reports outcomes."
        ),
        "unknown": Entry(
            title: "Unknown",
            meaning: "Ended before the bot reported any outcome: nothing is known of it."
        ),
        "open": Entry(title: "Still open"),
        "resolution_rate": Entry(
            title: "Resolution rate",
            meaning: "Resolved conversations divided by those of known outcome.",
            isMoreBetter: true
        ),
        "confirmed_resolution_rate": Entry(
            title: "Confirmed resolution rate",
            meaning: "Those that the user confirmed, divided by those of known outcome.",
            isMoreBetter: true
        ),
        "escalation_rate": Entry(
            title: "Escalation rate",
            meaning: "Escalated conversations divided by those of known outcome.",
            isMoreBetter: false
        ),
        "abandonment_rate": Entry(
            title: "Abandonment rate",
            meaning: "Abandoned conversations divided by those of known outcome.",
            isMoreBetter: false
        ),
        "containment_rate": Entry(
            title: "Containment rate",
            meaning: "Conversations of known outcome that were not escalated.",
            isMoreBetter: true
        ),
        "outcome_coverage": Entry(
            title: "Outcome coverage",
            meaning: "How much of the conversations has a known outcome, a fraction."
        ),
        "reopen_rate": Entry(
            title: "Reopen rate",
            meaning: "Resolved conversations whose user wrote again within seven days.",
            isMoreBetter: false
        ),
        "durable_resolution_rate": Entry(
            title: "Durable resolution rate",
            meaning: "Resolved conversations that were not reopened, once seven days are over.",
            isMoreBetter: true
        ),
        "dau": Entry(
            title: "Daily active users",
            meaning: "Active users of the last day of the period.",
            isMoreBetter: true
        ),
        "wau": Entry(
            title: "Weekly active users",
            meaning: "Active users of the last 7 days of the period.",
            isMoreBetter: true
        ),
        "mau": Entry(
            title: "Monthly active users",
            meaning: "Active users of the 30 days that end with the period.",
            isMoreBetter: true
        ),
        "stickiness": Entry(
            title: "Stickiness",
            meaning: "Mean daily active users of those 30 days divided by monthly active users.",
            isMoreBetter: true
        ),
        "retention_rate": Entry(
            title: "Retention rate",
            meaning: "New users who were active again in the bucket after their first.",
            isMoreBetter: true
        ),
        "cohort": Entry(
            title: "Cohort",
            meaning: "The users whose first message ever lies in one day, week or month."
        ),
        "csat_score": Entry(
            title: "Satisfaction (CSAT)",
            meaning: "Ratings of 4 and 5 divided by all ratings of 1 to 5.",
            isMoreBetter: true
        ),
        "average_rating": Entry(
            title: "Average rating",
            meaning: "Mean of the ratings of 1 to 5.",
            isMoreBetter: true
        ),
        "responses": Entry(
            title: "Rated conversations",
            meaning: "Conversations with a rating; the latest one of each counts.",
            isMoreBetter: true
        ),
        "surveys_sent": Entry(
            title: "Surveys offered",
            meaning: "Conversations in which a survey was offered."
        ),
        "response_rate": Entry(
            title: "Survey response rate",
            meaning: "Rated conversations divided by those in which a survey was offered.",
            isMoreBetter: true
        ),
        "up": Entry(title: "Thumbs up"),
        "down": Entry(title: "Thumbs down"),
        "score": Entry(title: "Thumbs score", meaning: "Thumbs up divided by all thumbs."),
        "bot_id": Entry(title: "Bot"),
        "peak_start": Entry(
            title: "Busiest hour",
            meaning: "The hour in which most conversations started."
        ),
        "peak_conversations": Entry(title: "Conversations in the busiest hour"),
    ]
}
