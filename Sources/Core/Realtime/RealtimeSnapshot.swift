/// The figures of `realtime` for one scope, as of the window's now.
public struct RealtimeSnapshot: Sendable, Equatable {
    /// The end of the running second the figures refer to.
    public var now: UnixMilliseconds
    /// The window's length, 1…60.
    public var windowMinutes: Int
    /// Sessions with a counted message in the window that were not ended at or after their last.
    public var activeSessions: Int
    /// The same in the last five minutes, whatever the window.
    public var activeSessions5m: Int
    /// Users with an incoming message in the window.
    public var activeUsers: Int
    /// The same in the last five minutes, whatever the window.
    public var activeUsers5m: Int
    /// Incoming messages of the last 60 seconds.
    public var incomingPerMinute: Int
    /// Outgoing messages of the last 60 seconds.
    public var outgoingPerMinute: Int
    /// Counted messages of the last five minutes; `messages_per_minute_avg_5m` is a fifth of it.
    public var messagesLastFiveMinutes: Int
    /// The UTC minutes of the window, oldest first, the running one last.
    public var series: [RealtimeMinute]
    /// The newest event before now, of any type and any age; nil without one.
    public var newest: UnixMilliseconds?

    /// Counted messages of the last 60 seconds.
    public var messagesPerMinute: Int { incomingPerMinute + outgoingPerMinute }

    /// Whether nobody was active and nothing was said in the window, nor in the last five minutes.
    public var isIdle: Bool {
        activeSessions == 0 && activeSessions5m == 0 && activeUsers == 0 && activeUsers5m == 0
            && messagesLastFiveMinutes == 0 && series.allSatisfy { $0.messages == 0 }
    }

    /// How long before now the newest event lies, in milliseconds; nil without one.
    public var lagMilliseconds: Int64? { newest.map { now - $0 } }
}

/// The counted messages of one UTC minute.
public struct RealtimeMinute: Sendable, Equatable {
    /// The minute's first instant.
    public var start: UnixMilliseconds
    /// Counted messages in it that lie before now.
    public var messages: Int
    /// Whether the minute is over.
    public var isComplete: Bool
}

/// The figures of `realtime.active` for one scope.
public struct RealtimeActive: Sendable, Equatable {
    /// Active sessions of the whole scope, each counted once.
    public var activeSessions: Int
    /// Those of each bot that has any, by ordinal.
    public var bots: [Bot]
    /// Those of each channel that has any, by ordinal.
    ///
    /// A session with messages on two channels
    /// is in both.
    public var channels: [Channel]

    /// The active sessions of one bot.
    public struct Bot: Sendable, Equatable {
        /// Ordinal of the bot.
        public var ordinal: UInt32
        /// Its active sessions, at least 1.
        public var activeSessions: Int
    }

    /// The active sessions of one channel.
    public struct Channel: Sendable, Equatable {
        /// Ordinal of the channel.
        public var ordinal: UInt16
        /// Its active sessions, at least 1.
        public var activeSessions: Int
    }
}
