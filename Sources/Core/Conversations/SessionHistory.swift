/// Names behind the ordinals that the order of messages depends on.
public protocol Directory {
    /// The text of a channel.
    ///
    /// - Parameter ordinal: A known channel.
    /// - Returns: Its token.
    func channelName(_ ordinal: UInt16) -> String

    /// The identity of a user.
    ///
    /// - Parameter ordinal: A known user.
    /// - Returns: Their UUID.
    func userIdentity(_ ordinal: UInt32) -> UUID128
}

/// Everything one (bot, session) ever sent: its counted messages in order and its session events.
public struct SessionHistory: Sendable {
    /// A counted message.
    public struct Message: Sendable, BitwiseCopyable {
        /// The message's own time.
        public var timestamp: UnixMilliseconds
        /// Ordinal of the end user.
        public var user: UInt32
        /// `response_ms`, or ``EventRecord/absent``.
        public var responseMilliseconds: UInt32
        /// Ordinal of the channel.
        public var channel: UInt16
        /// Whether the bot or an attendant wrote it.
        public var isOutgoing: Bool
    }

    /// A transfer, resolution, end, rating or survey.
    public struct Event: Sendable, BitwiseCopyable {
        /// The event's own time.
        public var timestamp: UnixMilliseconds
        /// What it is; never a message.
        public var kind: EventKind
        /// Rating or confirmation, as ``EventRecord/detail``.
        public var detail: UInt8
        /// Ordinal of the channel.
        public var channel: UInt16
        /// Ordinal of the end user.
        public var user: UInt32
    }

    /// The counted messages, in order once ``sort(with:)`` has run.
    public private(set) var messages: [Message] = []
    /// The session events, in the order of their time once ``sort(with:)`` has run.
    public private(set) var events: [Event] = []
    /// Time of the latest message or session event.
    public private(set) var latestTimestamp: UnixMilliseconds = .min

    /// Makes an empty history.
    public init() {}

    /// Removes everything, keeping the memory.
    public mutating func removeAll() {
        messages.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        latestTimestamp = .min
    }

    /// Adds an event of the session, in any order.
    ///
    /// Errors and uncounted messages leave no trace.
    ///
    /// - Parameter record: The event.
    public mutating func append(_ record: EventRecord) {
        let kind = record.kind
        guard kind.isMessage || kind.isSessionEvent else { return }
        latestTimestamp = max(latestTimestamp, record.timestamp)
        if kind.isMessage {
            messages.append(
                Message(
                    timestamp: record.timestamp,
                    user: record.user,
                    responseMilliseconds: record.responseMilliseconds,
                    channel: record.channel,
                    isOutgoing: kind != .incoming
                )
            )
        } else {
            events.append(
                Event(
                    timestamp: record.timestamp,
                    kind: kind,
                    detail: record.detail,
                    channel: record.channel,
                    user: record.user
                )
            )
        }
    }

    /// Puts messages and events in the order of the contract: timestamp, incoming before
    /// outgoing, channel, response time with absent first, user.
    ///
    /// Channels and users compare by name, not by ordinal, because ordinals depend on the order
    /// of arrival and answers may not.
    ///
    /// - Parameter directory: The names, asked for only in ties.
    /// - Complexity: O(n) when already in order, else O(n log n).
    public mutating func sort(with directory: some Directory) {
        if !isInOrder {
            messages.sort { Self.precedes($0, $1, directory) }
        }
        events.sort { $0.timestamp < $1.timestamp }
    }

    private var isInOrder: Bool {
        for index in messages.indices.dropFirst()
        where messages[index - 1].timestamp >= messages[index].timestamp {
            return false
        }
        return true
    }

    private static func precedes(
        _ left: Message,
        _ right: Message,
        _ directory: some Directory
    ) -> Bool {
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        if left.isOutgoing != right.isOutgoing { return right.isOutgoing }
        if left.channel != right.channel {
            return directory.channelName(left.channel) < directory.channelName(right.channel)
        }
        if left.responseMilliseconds != right.responseMilliseconds {
            if left.responseMilliseconds == EventRecord.absent { return true }
            if right.responseMilliseconds == EventRecord.absent { return false }
            return left.responseMilliseconds < right.responseMilliseconds
        }
        if left.user == right.user { return false }
        return directory.userIdentity(left.user) < directory.userIdentity(right.user)
    }
}
