/// A conversation: neighbouring counted messages of one session, none further from the next
/// than the session timeout.
struct ModelConversation: Sendable {
    /// The counted messages in the contract's order; at least one.
    var messages: [ModelEvent]
    /// The first message, which gives the conversation its start, channel and user.
    var first: ModelEvent
    /// The time of the last message.
    var end: Int64
    /// The session events, ratings and surveys attached to it.
    var attached: [ModelEvent] = []

    init(first: ModelEvent) {
        messages = [first]
        self.first = first
        end = first.timestamp
    }

    var start: Int64 { first.timestamp }
    var duration: Int64 { end - start }
    var incomingCount: Int { messages.count { $0.isIncoming } }
    var isEngaged: Bool { incomingCount > 0 }

    /// Closed once now > end + timeout, or once a `session.ended` or `session.resolved` at or
    /// after its end is attached.
    func isClosed(now: Int64, timeout: Int64) -> Bool {
        now > end + timeout
            || attached.contains {
                ($0.kind == .ended || $0.kind == .resolved) && $0.timestamp >= end
            }
    }

    /// First outgoing after the first incoming − that incoming.
    var firstResponse: Int64? {
        guard let asked = messages.firstIndex(where: \.isIncoming) else { return nil }
        let answer = messages[asked...].first { $0.isOutgoing }
        return answer.map { $0.timestamp - messages[asked].timestamp }
    }

    /// Each run of incoming messages: its first message → the next outgoing; where that
    /// outgoing carries `response_ms`, that value instead.
    var responses: [Int64] {
        var responses: [Int64] = []
        var runStart: Int64?
        for message in messages {
            if message.isIncoming {
                runStart = runStart ?? message.timestamp
            } else if let start = runStart {
                responses.append(message.responseMilliseconds ?? message.timestamp - start)
                runStart = nil
            }
        }
        return responses
    }

    /// The latest rating; of several at one time the largest.
    var rating: ModelEvent? {
        attached.filter { $0.rating != nil }.max {
            ($0.timestamp, $0.rating ?? .thumbsDown) < ($1.timestamp, $1.rating ?? .thumbsDown)
        }
    }

    /// When the first survey was offered.
    var firstSurvey: Int64? {
        attached.filter { $0.kind == .surveyOffered }.map(\.timestamp).min()
    }

    /// When the conversation was resolved for the last time.
    var lastResolution: Int64? {
        attached.filter { $0.kind == .resolved }.map(\.timestamp).max()
    }
}

extension ModelConversation {
    /// Whether a message comes before another in the contract's order of messages: timestamp,
    /// incoming before outgoing, channel, `response_ms` with absent first, user.
    static func precedes(_ left: ModelEvent, _ right: ModelEvent) -> Bool {
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        if left.isIncoming != right.isIncoming { return left.isIncoming }
        if left.channel != right.channel { return left.channel < right.channel }
        if left.responseMilliseconds != right.responseMilliseconds {
            guard let first = left.responseMilliseconds else { return true }
            guard let second = right.responseMilliseconds else { return false }
            return first < second
        }
        return (left.userID ?? "") < (right.userID ?? "")
    }

    /// Cuts one session's counted messages into conversations, oldest first.
    static func cut(_ messages: [ModelEvent], timeout: Int64) -> [ModelConversation] {
        var conversations: [ModelConversation] = []
        for message in messages.sorted(by: precedes) {
            if let end = conversations.last?.end, message.timestamp - end <= timeout {
                conversations[conversations.count - 1].messages.append(message)
                conversations[conversations.count - 1].end = message.timestamp
            } else {
                conversations.append(ModelConversation(first: message))
            }
        }
        return conversations
    }

    /// Attaches an event to one session's conversations: to the one with the latest start at or
    /// before it; if none, to the first that starts within the timeout after it; else to none.
    static func attach(
        _ event: ModelEvent,
        to conversations: inout [ModelConversation],
        timeout: Int64
    ) {
        let time = event.timestamp
        if let index = conversations.lastIndex(where: { $0.start <= time }) {
            conversations[index].attached.append(event)
        } else if let first = conversations.first, first.start - time <= timeout {
            conversations[0].attached.append(event)
        }
    }
}
