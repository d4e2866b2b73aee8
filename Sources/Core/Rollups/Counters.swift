/// The additive figures of a slot, a commutative group under addition.
///
/// One fixed-size value without heap storage, so that adding a message is an increment.
public struct Counters: Sendable, BitwiseCopyable {
    /// The figures.
    ///
    /// The order is the order on disk and must not change within a format version. What most
    /// slots have comes first: the mask of a slot is a varint.
    public enum Field: Int, Sendable, CaseIterable {
        /// Messages of end users.
        case incoming
        /// Messages of bots and attendants.
        case outgoing
        /// Conversations started.
        case conversations
        /// Conversations with an incoming message.
        case engaged
        /// Conversations that are closed.
        case closed
        /// Messages of the conversations started.
        case conversationMessages
        /// Outcome: cannot be known.
        case unknown
        /// Engaged conversations with exactly one incoming message.
        case singleMessage
        /// Tokens of counted messages.
        case tokens
        /// Counted messages that carried tokens.
        case tokenMessages
        /// Error events.
        case errors
        /// Outcome: transferred to a human.
        case escalated
        /// Outcome: resolved, confirmed by the user.
        case resolvedConfirmed
        /// Outcome: resolved without confirmation.
        case resolvedAssumed
        /// Outcome: closed without an outcome although the bot sends outcomes.
        case abandoned
        /// Resolved conversations whose session went on within seven days.
        case reopened
        /// Resolved conversations whose seven days are over.
        case matured
        /// Matured conversations that were reopened.
        case maturedReopened
        /// Rated one of five.
        case ratingOne
        /// Rated two of five.
        case ratingTwo
        /// Rated three of five.
        case ratingThree
        /// Rated four of five.
        case ratingFour
        /// Rated five of five.
        case ratingFive
        /// Rated with a thumb up.
        case thumbsUp
        /// Rated with a thumb down.
        case thumbsDown
        /// Conversations with a survey offered.
        case surveys
        /// Conversations with a survey offered that were rated.
        case surveysRated
        /// Session events that attach to no conversation.
        case unattached
    }

    /// The number of fields.
    public static let fieldCount = 28

    @usableFromInline var values: InlineArray<28, Int64>

    /// All figures zero: the identity of addition.
    @inlinable
    public init() { values = InlineArray(repeating: 0) }

    /// One figure.
    ///
    /// - Parameter field: Which.
    @inlinable
    public subscript(field: Field) -> Int64 {
        get { values[field.rawValue] }
        set { values[field.rawValue] = newValue }
    }

    /// One figure by the position of its field.
    ///
    /// - Parameter position: 0 ..< ``fieldCount``.
    @inlinable
    public subscript(position position: Int) -> Int64 {
        get { values[position] }
        set { values[position] = newValue }
    }

    /// Whether every figure is zero.
    @inlinable public var isZero: Bool {
        var bits: Int64 = 0
        for index in values.indices { bits |= values[index] }
        return bits == 0
    }

    /// Adds another value.
    ///
    /// - Parameters:
    ///   - left: The value to change.
    ///   - right: What to add.
    @inlinable
    public static func += (left: inout Counters, right: borrowing Counters) {
        for index in left.values.indices { left.values[index] &+= right.values[index] }
    }

    /// Subtracts another value.
    ///
    /// - Parameters:
    ///   - left: The value to change.
    ///   - right: What to subtract.
    @inlinable
    public static func -= (left: inout Counters, right: borrowing Counters) {
        for index in left.values.indices { left.values[index] &-= right.values[index] }
    }

    /// Counted messages, in both directions.
    @inlinable public var messages: Int64 { self[.incoming] + self[.outgoing] }
    /// Conversations that ended resolved.
    @inlinable public var resolved: Int64 { self[.resolvedConfirmed] + self[.resolvedAssumed] }
    /// Conversations with a known outcome.
    @inlinable public var knownOutcomes: Int64 { resolved + self[.escalated] + self[.abandoned] }
    /// Ratings on the scale of five.
    @inlinable public var scores: Int64 {
        self[.ratingOne] + self[.ratingTwo] + self[.ratingThree] + self[.ratingFour]
            + self[.ratingFive]
    }
    /// All ratings, thumbs included.
    @inlinable public var responses: Int64 { scores + self[.thumbsUp] + self[.thumbsDown] }
}

extension Counters: Equatable {
    /// Whether all figures are equal.
    public static func == (left: Counters, right: Counters) -> Bool {
        for index in left.values.indices where left.values[index] != right.values[index] {
            return false
        }
        return true
    }
}

/// Which of a slot's three distributions of durations.
public enum DurationKind: Int, Sendable, CaseIterable {
    /// End minus start of a closed conversation.
    case conversation
    /// First outgoing after the first incoming message.
    case firstResponse
    /// First message of each run of incoming messages to the next outgoing one.
    case response
}
