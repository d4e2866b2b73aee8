/// Receives what a session's conversations contribute to the rollups.
public protocol ContributionSink {
    /// Adds to a counter.
    ///
    /// - Parameters:
    ///   - amount: How many.
    ///   - field: Which counter.
    ///   - instant: The time whose slot it belongs to.
    ///   - channel: The channel it belongs to.
    ///   - user: The user it belongs to.
    mutating func add(
        _ amount: Int64,
        to field: Counters.Field,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    )

    /// Adds one measured duration.
    ///
    /// - Parameters:
    ///   - milliseconds: The duration, 0 or more.
    ///   - kind: Which distribution.
    ///   - instant: The time whose slot it belongs to.
    ///   - channel: The channel it belongs to.
    ///   - user: The user it belongs to.
    mutating func measure(
        _ milliseconds: Int64,
        as kind: DurationKind,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    )
}

/// What a session's contribution depends on besides its events.
public struct EvaluationContext: Sendable {
    /// The session timeout.
    public var timeoutMilliseconds: Int64
    /// Time of the bot's first transfer or resolution; `Int64.max` when it has sent none.
    public var firstOutcome: UnixMilliseconds
    /// The end of the running UTC second.
    public var now: UnixMilliseconds

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - timeoutMilliseconds: The session timeout.
    ///   - firstOutcome: Time of the bot's first transfer or resolution.
    ///   - now: The end of the running UTC second.
    public init(
        timeoutMilliseconds: Int64,
        firstOutcome: UnixMilliseconds,
        now: UnixMilliseconds
    ) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.firstOutcome = firstOutcome
        self.now = now
    }
}

/// What a session's evaluation says about its future.
public struct EvaluationOutcome: Sendable {
    /// The earliest second (since 1970) at which the contribution changes by time alone, or nil.
    public var nextChangeSecond: Int64?
    /// The latest conversation, as an index range of the messages; empty without messages.
    public var latestConversation: Range<Int>
    /// Whether the latest conversation is open.
    public var latestIsOpen: Bool
}

/// Cuts a session into conversations and states everything they contribute.
///
/// The one place where the definitions of conversation, open, outcome, reopening and rating
/// stand. The rollups are the sum of this function over all sessions; a change of a session is
/// the new value minus the old one. It is pure: history and context in, contributions out.
public struct ConversationEvaluation {
    private let history: SessionHistory
    private let context: EvaluationContext
    private var conversations: [Range<Int>] = []
    /// Index of the conversation each event attaches to; -1 where none.
    private var attachment: [Int] = []
    /// The first event not yet handed to a conversation; attachments never decrease.
    private var nextEvent = 0
    private var nextChange: Int64 = .max

    /// Evaluates a session.
    ///
    /// - Parameters:
    ///   - history: The session's events, sorted.
    ///   - context: Timeout, first outcome and now.
    ///   - sink: Receives the contributions.
    /// - Returns: What to expect of the session in the future.
    /// - Complexity: O(messages + events · log conversations).
    @discardableResult
    public static func run(
        _ history: SessionHistory,
        context: EvaluationContext,
        into sink: inout some ContributionSink
    ) -> EvaluationOutcome {
        var evaluation = ConversationEvaluation(history: history, context: context)
        evaluation.cut()
        evaluation.attach(into: &sink)
        var latestIsOpen = false
        for index in evaluation.conversations.indices {
            latestIsOpen = evaluation.contribute(index, into: &sink)
        }
        return EvaluationOutcome(
            nextChangeSecond: evaluation.nextChange == .max ? nil : evaluation.nextChange,
            latestConversation: evaluation.conversations.last ?? 0..<0,
            latestIsOpen: latestIsOpen
        )
    }

    private init(history: SessionHistory, context: EvaluationContext) {
        self.history = history
        self.context = context
    }

    private mutating func cut() {
        let messages = history.messages
        var start = 0
        for index in messages.indices.dropFirst() {
            let gap = messages[index].timestamp - messages[index - 1].timestamp
            if gap > context.timeoutMilliseconds {
                conversations.append(start..<index)
                start = index
            }
        }
        if !messages.isEmpty { conversations.append(start..<messages.count) }
    }

    private mutating func attach(into sink: inout some ContributionSink) {
        attachment.reserveCapacity(history.events.count)
        for event in history.events {
            let index = conversation(for: event.timestamp)
            attachment.append(index ?? -1)
            if index == nil {
                sink.add(
                    1,
                    to: .unattached,
                    at: event.timestamp,
                    channel: event.channel,
                    user: event.user
                )
            }
        }
    }

    /// The conversation with the latest start ≤ t, else the first one starting within the timeout.
    private func conversation(for instant: UnixMilliseconds) -> Int? {
        var low = 0
        var high = conversations.count
        while low < high {
            let middle = (low + high) / 2
            if start(of: middle) <= instant { low = middle + 1 } else { high = middle }
        }
        if low > 0 { return low - 1 }
        guard let first = conversations.indices.first,
            start(of: first) - instant <= context.timeoutMilliseconds
        else { return nil }
        return first
    }

    private func start(of conversation: Int) -> UnixMilliseconds {
        history.messages[conversations[conversation].lowerBound].timestamp
    }

    /// Adds one conversation's contributions; returns whether it is open.
    private mutating func contribute(
        _ index: Int,
        into sink: inout some ContributionSink
    ) -> Bool {
        let range = conversations[index]
        let first = history.messages[range.lowerBound]
        let end = history.messages[range.upperBound - 1].timestamp
        let place = Place(instant: first.timestamp, channel: first.channel, user: first.user)
        let attached = takeEvents(of: index, end: end)
        let incoming = countIncoming(range)

        place.add(1, to: .conversations, &sink)
        place.add(Int64(range.count), to: .conversationMessages, &sink)
        if incoming > 0 { place.add(1, to: .engaged, &sink) }
        if incoming == 1 { place.add(1, to: .singleMessage, &sink) }
        contributeSatisfaction(attached, place, into: &sink)

        let closesAt = end + context.timeoutMilliseconds
        let isClosed = attached.hasClosing || context.now > closesAt
        guard isClosed else {
            noteChange(second: floorDivide(closesAt, by: Milliseconds.second) + 1)
            return true
        }
        place.add(1, to: .closed, &sink)
        place.measure(end - first.timestamp, as: .conversation, &sink)
        contributeResponses(range, place, into: &sink)
        if incoming > 0 { contributeOutcome(attached, place, into: &sink) }
        return false
    }

    private mutating func takeEvents(
        of conversation: Int,
        end: UnixMilliseconds
    ) -> AttachedEvents {
        var attached = AttachedEvents()
        while nextEvent < attachment.count, attachment[nextEvent] <= conversation {
            if attachment[nextEvent] == conversation {
                attached.collect(history.events[nextEvent], end: end)
            }
            nextEvent += 1
        }
        return attached
    }

    private func countIncoming(_ range: Range<Int>) -> Int {
        var count = 0
        for index in range where !history.messages[index].isOutgoing { count += 1 }
        return count
    }

    private func contributeSatisfaction(
        _ attached: AttachedEvents,
        _ place: Place,
        into sink: inout some ContributionSink
    ) {
        if let (instant, rating) = attached.rating {
            var ratingPlace = place
            ratingPlace.instant = instant
            ratingPlace.add(1, to: rating.field, &sink)
        }
        if let instant = attached.firstSurvey {
            var surveyPlace = place
            surveyPlace.instant = instant
            surveyPlace.add(1, to: .surveys, &sink)
            if attached.rating != nil { surveyPlace.add(1, to: .surveysRated, &sink) }
        }
    }

    private func contributeResponses(
        _ range: Range<Int>,
        _ place: Place,
        into sink: inout some ContributionSink
    ) {
        var runStart: UnixMilliseconds?
        var isFirst = true
        for index in range {
            let message = history.messages[index]
            if !message.isOutgoing {
                if runStart == nil { runStart = message.timestamp }
                continue
            }
            guard let start = runStart else { continue }
            runStart = nil
            if isFirst {
                place.measure(message.timestamp - start, as: .firstResponse, &sink)
                isFirst = false
            }
            let isStated = message.responseMilliseconds != EventRecord.absent
            place.measure(
                isStated ? Int64(message.responseMilliseconds) : message.timestamp - start,
                as: .response,
                &sink
            )
        }
    }

    private mutating func contributeOutcome(
        _ attached: AttachedEvents,
        _ place: Place,
        into sink: inout some ContributionSink
    ) {
        if attached.isTransferred {
            place.add(1, to: .escalated, &sink)
            return
        }
        guard let resolvedAt = attached.lastResolved else {
            let isKnown = place.instant >= context.firstOutcome
            place.add(1, to: isKnown ? .abandoned : .unknown, &sink)
            return
        }
        place.add(1, to: attached.isConfirmed ? .resolvedConfirmed : .resolvedAssumed, &sink)
        let watchedUntil = resolvedAt + Limits.reopenMilliseconds
        let isReopened = hasIncoming(after: resolvedAt, through: watchedUntil)
        if isReopened { place.add(1, to: .reopened, &sink) }
        // The running hour is that of the running second, which begins one second before now.
        let runningHour =
            floorDivide(
                context.now - Milliseconds.second,
                by: Milliseconds.hour
            ) * Milliseconds.hour
        guard watchedUntil <= runningHour else {
            let hour = floorDivide(watchedUntil + Milliseconds.hour - 1, by: Milliseconds.hour)
            noteChange(second: hour * 3_600 + 1)
            return
        }
        place.add(1, to: .matured, &sink)
        if isReopened { place.add(1, to: .maturedReopened, &sink) }
    }

    private func hasIncoming(
        after low: UnixMilliseconds,
        through high: UnixMilliseconds
    ) -> Bool {
        let messages = history.messages
        var lower = 0
        var upper = messages.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if messages[middle].timestamp <= low { lower = middle + 1 } else { upper = middle }
        }
        while lower < messages.count, messages[lower].timestamp <= high {
            if !messages[lower].isOutgoing { return true }
            lower += 1
        }
        return false
    }

    private mutating func noteChange(second: Int64) { nextChange = min(nextChange, second) }
}

/// Where a conversation's figures belong.
private struct Place {
    var instant: UnixMilliseconds
    var channel: UInt16
    var user: UInt32

    func add(_ amount: Int64, to field: Counters.Field, _ sink: inout some ContributionSink) {
        sink.add(amount, to: field, at: instant, channel: channel, user: user)
    }

    func measure(_ value: Int64, as kind: DurationKind, _ sink: inout some ContributionSink) {
        sink.measure(value, as: kind, at: instant, channel: channel, user: user)
    }
}

/// What the session events attached to one conversation say about it.
private struct AttachedEvents {
    var hasClosing = false
    var isTransferred = false
    var isConfirmed = false
    var lastResolved: UnixMilliseconds?
    var firstSurvey: UnixMilliseconds?
    var rating: (instant: UnixMilliseconds, value: Rating)?

    mutating func collect(_ event: SessionHistory.Event, end: UnixMilliseconds) {
        switch event.kind {
        case .transferred:
            isTransferred = true
        case .resolved:
            hasClosing = hasClosing || event.timestamp >= end
            isConfirmed = isConfirmed || event.detail == 1
            lastResolved = max(lastResolved ?? .min, event.timestamp)
        case .ended:
            hasClosing = hasClosing || event.timestamp >= end
        case .surveyOffered:
            firstSurvey = min(firstSurvey ?? .max, event.timestamp)
        case .feedback:
            guard let value = Rating(rawValue: event.detail) else { return }
            if let rating, (rating.instant, rating.value) >= (event.timestamp, value) { return }
            rating = (event.timestamp, value)
        case .incoming, .assistant, .agent, .uncounted, .error:
            break
        }
    }
}

extension Rating {
    /// The counter of this rating.
    var field: Counters.Field {
        switch self {
        case .down: .thumbsDown
        case .up: .thumbsUp
        case .one: .ratingOne
        case .two: .ratingTwo
        case .three: .ratingThree
        case .four: .ratingFour
        case .five: .ratingFive
        }
    }
}
