/// Why an event is rejected, as an ACK tells it.
public enum RejectionCode: UInt8, Sendable, CaseIterable {
    /// The line is not one JSON object in UTF-8.
    case invalidJSON = 1
    /// A required field is absent or null.
    case missingField = 2
    /// `type` is a string the contract does not know.
    case unknownType = 3
    /// A field's value breaks its rule.
    case invalidField = 4
    /// The time stamp lies too far ahead. Given where time is known, not by the decoder.
    case timestampInFuture = 5
    /// The time stamp can no longer be counted. Given where retention is known.
    case timestampTooOld = 6

    /// The code on the wire.
    public var name: String {
        switch self {
        case .invalidJSON: "invalid_json"
        case .missingField: "missing_field"
        case .unknownType: "unknown_type"
        case .invalidField: "invalid_field"
        case .timestampInFuture: "timestamp_in_future"
        case .timestampTooOld: "timestamp_too_old"
        }
    }
}

/// A field of an event that a rejection can name, in the order in which fields are checked.
public enum EventField: UInt8, Sendable, CaseIterable {
    /// What happened.
    case type = 1
    /// The bot.
    case bot = 2
    /// The end user.
    case user = 3
    /// The session.
    case session = 4
    /// When it happened.
    case timestamp = 5
    /// Where it happened.
    case channel = 6
    /// The publisher's own identifier.
    case id = 7
    /// Who wrote a message.
    case role = 8
    /// How long the bot took.
    case responseMilliseconds = 9
    /// Language-model tokens of a message.
    case tokens = 10
    /// Whether the user confirmed a resolution.
    case confirmed = 11
    /// The rating of a feedback.
    case rating = 12
    /// The short code of an error.
    case code = 13

    /// The field's name on the wire.
    public var name: String {
        switch self {
        case .type: "type"
        case .bot: "bot_id"
        case .user: "user_id"
        case .session: "session_id"
        case .timestamp: "timestamp"
        case .channel: "channel"
        case .id: "id"
        case .role: "role"
        case .responseMilliseconds: "response_ms"
        case .tokens: "tokens"
        case .confirmed: "confirmed"
        case .rating: "rating"
        case .code: "code"
        }
    }

    /// What a valid value of the field is, for a sentence that begins with the field's name.
    var rule: String {
        switch self {
        case .type: "must be a string"
        case .bot, .user, .session, .id:
            "must be a UUID like 6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01"
        case .timestamp:
            "must be an RFC 3339 date-time with an offset, or integer milliseconds since 1970"
        case .channel: "must be 1 to 32 characters of a-z, 0-9, _ and -"
        case .role:
            "must be user, assistant, agent, system or tool, or one of the numbers 1, 2, 3, 4, 9, 10"
        case .responseMilliseconds, .tokens: "must be an integer from 0 to 4294967294"
        case .confirmed: "must be true or false"
        case .rating: "must be an integer from 1 to 5, \"up\" or \"down\""
        case .code: "must be 1 to 64 characters of A-Z, a-z, 0-9, ., _, : and -"
        }
    }
}

/// The rejection of one event.
public struct Rejection: Sendable, Hashable {
    /// Why.
    public var code: RejectionCode
    /// The field that is the reason, where there is one.
    public var field: EventField?

    /// Makes a rejection.
    ///
    /// - Parameters:
    ///   - code: Why.
    ///   - field: The field that is the reason.
    public init(code: RejectionCode, field: EventField?) {
        self.code = code
        self.field = field
    }

    /// One sentence for the publisher's developer, which repeats nothing of the event.
    public var message: String { Self.message(for: code, field: field) }

    /// The sentence that explains a rejection.
    ///
    /// - Parameters:
    ///   - code: Why.
    ///   - field: The field that is the reason.
    /// - Returns: One sentence that names the thing and the remedy.
    public static func message(for code: RejectionCode, field: EventField?) -> String {
        let name = field?.name ?? "a field"
        return switch code {
        case .invalidJSON: "the line must be exactly one JSON object in UTF-8"
        case .missingField: "\(name) is required for this event and must not be null"
        case .unknownType:
            "type must be message, session.transferred, session.resolved, session.ended, "
                + "feedback, survey.offered or error"
        case .invalidField: "\(name) \(field?.rule ?? "must follow the protocol")"
        case .timestampInFuture:
            "timestamp is more than 5 minutes ahead of the daemon; check the publisher's clock"
        case .timestampTooOld:
            "timestamp is before 2000-01-01 or before the time the daemon retains"
        }
    }
}
