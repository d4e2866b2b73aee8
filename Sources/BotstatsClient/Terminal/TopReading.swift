public import JSON

/// What `botstats top` knows at a moment.
public struct TopReading: Sendable, Equatable {
    /// The realtime figures of all bots or of one.
    public struct Figures: Sendable, Equatable {
        /// Sessions of the last 30 and of the last 5 minutes.
        public var sessions: Int64
        /// Sessions of the last 5 minutes.
        public var sessions5m: Int64
        /// Users of the last 30 minutes.
        public var users: Int64
        /// Messages of the last minute, of users and of all others.
        public var incoming: Int64
        /// Messages of the last minute that were not users'.
        public var outgoing: Int64
        /// Messages of each of the last minutes, the running one last.
        public var series: [Int64]
        /// How old the newest event is; nil without any.
        public var lagSeconds: Double?
        /// When the figures held.
        public var instant: String

        /// Messages of the last minute.
        public var messages: Int64 { incoming + outgoing }

        /// Reads an answer to `realtime`; nil where it is none.
        ///
        /// - Parameter answer: The answer.
        public init?(_ answer: JSONValue) {
            func count(_ name: String) -> Int64? { answer[name]?.integerValue }
            guard let sessions = count("active_sessions"),
                let sessions5m = count("active_sessions_5m"), let users = count("active_users"),
                let incoming = count("incoming_per_minute"),
                let outgoing = count("outgoing_per_minute"),
                let rows = answer["series"]?.arrayValue
            else { return nil }
            self.sessions = sessions
            self.sessions5m = sessions5m
            self.users = users
            self.incoming = incoming
            self.outgoing = outgoing
            series = rows.map { max(0, $0["messages"]?.integerValue ?? 0) }
            lagSeconds = answer["lag_seconds"]?.doubleValue
            instant = answer["meta"]?["generated_at"]?.stringValue ?? ""
        }
    }

    /// A bot with active sessions.
    public struct Bot: Sendable, Equatable {
        /// Its UUID.
        public var id: String
        /// Its sessions of the last 30 minutes.
        public var sessions: Int64
        /// What the live socket says of it; nil where nothing came.
        public var figures: Figures?
    }

    /// The figures of all bots; nil while realtime is rebuilt.
    public var total: Figures?
    /// The bots, most sessions first.
    public var bots: [Bot]
    /// Events accepted since the store was made.
    public var acceptedCount: Int64
    /// Events accepted a second, lately; nil before the second reading.
    public var eventsPerSecond: Double?
    /// Acknowledged events that the store's rows lack.
    public var unfoldedCount: Int64
    /// Fire-and-forget messages known to be lost.
    public var droppedCount: Int64
    /// Publishers heard of lately.
    public var publisherCount: Int64
    /// Why the daemon is not ready; empty where it is.
    public var notReady: [String]

    /// The questions whose answers make a reading.
    public static let requests = ["system.status", "realtime", "realtime.active"].map {
        QueryClient.Request(method: $0)
    }

    /// Makes a reading of the answers to ``requests``.
    ///
    /// - Parameter answers: The results, in order.
    /// - Throws: ``QueryError`` where the daemon refuses. A window that is still being rebuilt is no
    ///   refusal.
    public init(_ answers: [Result<JSONValue, QueryError>]) throws(QueryError) {
        guard answers.count == Self.requests.count else { throw .badAnswer }
        let status = try answers[0].get()
        guard let accepted = status["events_accepted"]?.integerValue else {
            throw .refused(.noDetails)
        }
        acceptedCount = accepted
        unfoldedCount = status["events_unfolded"]?.integerValue ?? 0
        droppedCount = status["events_dropped"]?.integerValue ?? 0
        publisherCount = status["publishers"]?.integerValue ?? 0
        notReady = (status["not_ready"]?.arrayValue ?? []).compactMap(\.stringValue)
        let realtime = try Self.unlessUnavailable(answers[1])
        let active = try Self.unlessUnavailable(answers[2])
        total = realtime.flatMap(Figures.init)
        bots = (active?["by_bot"]?.arrayValue ?? []).compactMap { row in
            guard let id = row["bot_id"]?.stringValue,
                let sessions = row["active_sessions"]?.integerValue
            else { return nil }
            return Bot(id: id, sessions: sessions)
        }
    }

    private static func unlessUnavailable(
        _ answer: Result<JSONValue, QueryError>
    ) throws(QueryError) -> JSONValue? {
        if case .failure(.refused(let refusal)) = answer, refusal.code == 503 { return nil }
        return try answer.get()
    }
}

extension QueryRefusal {
    /// The daemon shows no details of itself.
    fileprivate static let noDetails = QueryRefusal(
        code: 401,
        message: "the daemon wants a credential that may see figures",
        reason: "missing_token"
    )
}
