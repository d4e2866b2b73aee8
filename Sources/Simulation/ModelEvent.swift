/// An accepted event, as the contract's table of fields describes it.
///
/// The reference model is given these and nothing else: no order of arrival, no batches.
public struct ModelEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, CaseIterable {
        /// Somebody wrote something.
        case message
        /// The session was handed to a human attendant.
        case transferred = "session.transferred"
        /// The session's question was answered.
        case resolved = "session.resolved"
        /// The session was closed.
        case ended = "session.ended"
        /// The user rated the conversation.
        case feedback
        /// The user was asked for a rating.
        case surveyOffered = "survey.offered"
        /// Something failed.
        case error
    }

    /// Who wrote a message.
    public enum Role: String, Sendable, CaseIterable {
        /// The end user: incoming.
        case user
        /// The bot: outgoing.
        case assistant
        /// A human attendant: outgoing.
        case agent
        /// A system prompt: not counted.
        case system
        /// A tool's result: not counted.
        case tool
        /// Botserver's role 9: not counted.
        case episodic
        /// Botserver's role 10: not counted.
        case compact

        /// Botserver's number for the role, where it has one.
        public var number: Int? {
            switch self {
            case .user: 1
            case .assistant: 2
            case .system: 3
            case .tool: 4
            case .episodic: 9
            case .compact: 10
            case .agent: nil
            }
        }
    }

    /// What a user thought.
    public enum Rating: Sendable, Hashable, Comparable {
        /// `"down"`.
        case thumbsDown
        /// `"up"`.
        case thumbsUp
        /// 1…5.
        case stars(Int)
    }

    /// What happened.
    public var kind: Kind
    /// The bot, as lower-case text.
    public var botID: String
    /// The end user, as lower-case text; only an error may lack it.
    public var userID: String?
    /// The session, as lower-case text; only an error may lack it.
    public var sessionID: String?
    /// When, in milliseconds since 1970.
    public var timestamp: Int64
    /// The channel.
    public var channel: String
    /// A message's author.
    public var role: Role?
    /// How long the bot took for a message, in milliseconds.
    public var responseMilliseconds: Int64?
    /// The tokens a message cost.
    public var tokens: Int64?
    /// Whether the user confirmed a resolution.
    public var confirmed: Bool
    /// A feedback's rating.
    public var rating: Rating?

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - botID: The bot, as lower-case text.
    ///   - userID: The end user, as lower-case text.
    ///   - sessionID: The session, as lower-case text.
    ///   - timestamp: When, in milliseconds since 1970.
    ///   - channel: The channel.
    ///   - role: A message's author.
    ///   - responseMilliseconds: How long the bot took for a message.
    ///   - tokens: The tokens a message cost.
    ///   - confirmed: Whether the user confirmed a resolution.
    ///   - rating: A feedback's rating.
    public init(
        kind: Kind,
        botID: String,
        userID: String?,
        sessionID: String?,
        timestamp: Int64,
        channel: String = "web",
        role: Role? = nil,
        responseMilliseconds: Int64? = nil,
        tokens: Int64? = nil,
        confirmed: Bool = false,
        rating: Rating? = nil
    ) {
        self.kind = kind
        self.botID = botID
        self.userID = userID
        self.sessionID = sessionID
        self.timestamp = timestamp
        self.channel = channel
        self.role = role
        self.responseMilliseconds = responseMilliseconds
        self.tokens = tokens
        self.confirmed = confirmed
        self.rating = rating
    }

    /// Whether the event is a counted message: from the user, the bot or an attendant.
    public var isCountedMessage: Bool { isIncoming || isOutgoing }

    /// Whether the event is a message of the user.
    public var isIncoming: Bool { kind == .message && role == .user }

    /// Whether the event is a message of the bot or an attendant.
    public var isOutgoing: Bool { kind == .message && (role == .assistant || role == .agent) }
}
