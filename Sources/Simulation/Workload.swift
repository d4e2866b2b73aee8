/// Random events that seek out the contract's edges.
///
/// Sessions have gaps of exactly the session timeout and one millisecond more, messages at the
/// same instant, several channels and users; session events lie before, in, between and after
/// conversations; times fall on and just before quarter hours, where local days and hours of
/// all zones begin.
public struct Workload: Sendable {
    /// What to make, and how often.
    public struct Parameters: Sendable {
        /// The number of bots.
        public var bots = 3
        /// The number of users, shared by all bots.
        public var users = 20
        /// The number of sessions.
        public var sessions = 60
        /// The channels.
        public var channels = ["web", "whatsapp", "telegram", "sms"]
        /// The most conversations a session is planned to have.
        public var conversationsMaximum = 3
        /// The most messages a conversation is planned to have.
        public var messagesMaximum = 12
        /// The session timeout that gaps are chosen around, in seconds.
        public var sessionTimeoutSeconds = 1_800
        /// The time in which sessions begin, in milliseconds since 1970.
        public var window: Range<Int64>
        /// No event lies after it.
        public var latest: Int64
        /// How many of the sessions begin within the last hour before the window's end.
        public var recentShare = 0.15
        /// How many of the sessions have no messages, only session events.
        public var orphanShare = 0.05
        /// How many of the messages are snapped to a quarter hour or the millisecond before.
        public var snapShare = 0.1
        /// The number of errors.
        public var errors = 30

        /// Makes the usual parameters for a stretch of time.
        ///
        /// - Parameters:
        ///   - window: The time in which sessions begin, in milliseconds since 1970.
        ///   - latest: No event lies after it; by default five minutes after the window, the
        ///     furthest into the future that a daemon accepts when now is the window's end.
        public init(window: Range<Int64>, latest: Int64? = nil) {
            self.window = window
            self.latest = latest ?? window.upperBound + 5 * ModelTime.minute
        }
    }

    /// A zone and an instant near which its clocks change.
    public struct ClockChange: Sendable {
        /// The IANA name.
        public let timezone: String
        /// The first instant of the new offset, in milliseconds since 1970.
        public let instant: Int64
    }

    /// Clock changes of every kind: at midnight, by half an hour, at one minute past midnight,
    /// and none in a zone 45 minutes off.
    public static let clockChanges: [ClockChange] = [
        // Midnight of 4 November 2018 was skipped.
        ClockChange(timezone: "America/Sao_Paulo", instant: 1_541_300_400_000),
        // 16 February 2019 ended with a second 23:00.
        ClockChange(timezone: "America/Sao_Paulo", instant: 1_550_368_800_000),
        // No change; 6 January 2025 begins at 18:15 UTC.
        ClockChange(timezone: "Asia/Kathmandu", instant: 1_736_100_900_000),
        // Midnight of 22 March 2022 was skipped; the offset is three and a half hours.
        ClockChange(timezone: "Asia/Tehran", instant: 1_647_894_600_000),
        // 00:01 became 01:01 on 13 March 2011.
        ClockChange(timezone: "America/St_Johns", instant: 1_299_987_060_000),
        // 00:01 became 23:01 of the day before on 7 November 2010.
        ClockChange(timezone: "America/St_Johns", instant: 1_289_097_060_000),
        // 02:00 became 02:30 on 6 October 2024.
        ClockChange(timezone: "Australia/Lord_Howe", instant: 1_728_142_200_000),
        // 02:00 became 01:30 on 6 April 2025.
        ClockChange(timezone: "Australia/Lord_Howe", instant: 1_743_865_200_000),
    ]

    /// The bots' identities.
    public let bots: [String]
    /// The users' identities.
    public let users: [String]
    /// The parameters the events follow.
    public let parameters: Parameters
    /// The events, session by session; see ``arrivals(lateShare:)`` for other orders.
    public private(set) var events: [ModelEvent] = []
    /// The generator that made the events and goes on with orders and batches.
    var random: SeededGenerator

    private var timeout: Int64 { Int64(parameters.sessionTimeoutSeconds) * ModelTime.second }

    /// Makes a workload.
    ///
    /// - Parameters:
    ///   - parameters: What to make.
    ///   - seed: Equal seeds and parameters give equal events.
    public init(_ parameters: Parameters, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        bots = (0..<parameters.bots).map { _ in random.uuidText() }
        users = (0..<parameters.users).map { _ in random.uuidText() }
        self.parameters = parameters
        self.random = random
        var previous = ""
        for _ in 0..<parameters.sessions {
            // Now and then two bots have a session of the same name.
            let isShared = !previous.isEmpty && self.random.chance(0.05)
            let session = isShared ? previous : self.random.uuidText()
            addSession(session)
            previous = session
        }
        for _ in 0..<parameters.errors { addError(previous) }
        events = events.filter { $0.timestamp <= parameters.latest }
    }
}

extension Workload {
    /// What the messages of a session have in common, unless they deviate.
    private struct Session {
        var id: String
        var bot: String
        var user: String
        var channel: String
    }

    private mutating func addSession(_ id: String) {
        let session = Session(
            id: id,
            bot: random.pick(bots),
            user: pickUser(),
            channel: random.pick(parameters.channels)
        )
        let window = parameters.window
        var time = Int64.random(in: window, using: &random)
        if random.chance(parameters.recentShare) {
            time = max(
                window.lowerBound,
                window.upperBound - Int64.random(in: 0..<ModelTime.hour, using: &random)
            )
        }
        if random.chance(parameters.orphanShare) {
            addSessionEvents(session, start: time, end: time)
            return
        }
        for _ in 0...random.below(parameters.conversationsMaximum) {
            let start = time
            let count = 1 + random.below(parameters.messagesMaximum)
            for index in 0..<count {
                if index > 0 { time += gapInside() }
                if random.chance(parameters.snapShare) {
                    let snapped = ModelTime.ceiling(time, to: ModelTime.quarterHour)
                    time = random.chance(0.5) ? snapped : max(time, snapped - 1)
                }
                addMessage(session, at: time)
            }
            if random.chance(0.7) { addSessionEvents(session, start: start, end: time) }
            time += gapBetween()
        }
    }

    /// A few users are much busier than the others.
    private mutating func pickUser() -> String {
        random.pick(users.count > 4 && random.chance(0.4) ? Array(users.prefix(4)) : users)
    }

    private mutating func gapInside() -> Int64 {
        switch random.below(10) {
        case 0: 0
        case 1: timeout
        case 2: timeout - 1
        case 3: Int64.random(in: 0...timeout, using: &random)
        default: Int64.random(in: 0...min(timeout, 3 * ModelTime.minute), using: &random)
        }
    }

    private mutating func gapBetween() -> Int64 {
        switch random.below(4) {
        case 0: timeout + 1
        case 1: Int64.random(in: timeout...2 * timeout + 2, using: &random)
        case 2: Int64.random(in: 0...2 * ModelTime.day, using: &random)
        // Around the seven days within which a resolved conversation can be reopened.
        default: 7 * ModelTime.day + Int64.random(in: -timeout...timeout, using: &random)
        }
    }

    private mutating func addMessage(_ session: Session, at time: Int64) {
        let role: ModelEvent.Role =
            switch random.below(100) {
            case ..<45: .user
            case ..<82: .assistant
            case ..<90: .agent
            case ..<94: .system
            case ..<97: .tool
            case ..<99: .episodic
            default: .compact
            }
        let answers = role == .assistant || role == .agent
        events.append(
            ModelEvent(
                kind: .message,
                botID: session.bot,
                userID: random.chance(0.06) ? pickUser() : session.user,
                sessionID: session.id,
                timestamp: time,
                channel: random.chance(0.08) ? random.pick(parameters.channels) : session.channel,
                role: role,
                responseMilliseconds: answers && random.chance(0.4)
                    ? Int64(random.below(20_000)) : nil,
                tokens: random.chance(0.3) ? Int64(random.below(3_000)) : nil
            )
        )
        // A twin at the same instant, often of the other direction.
        if random.chance(0.06) { addMessage(session, at: time) }
    }

    private mutating func addSessionEvents(_ session: Session, start: Int64, end: Int64) {
        for _ in 0...random.below(3) {
            let kind = random.pick([
                ModelEvent.Kind.transferred, .resolved, .resolved, .ended, .feedback, .feedback,
                .surveyOffered,
            ])
            let time = timeAround(start, end)
            var event = ModelEvent(
                kind: kind,
                botID: session.bot,
                userID: session.user,
                sessionID: session.id,
                timestamp: time,
                channel: random.chance(0.1) ? random.pick(parameters.channels) : session.channel
            )
            if kind == .resolved { event.confirmed = random.chance(0.4) }
            if kind == .feedback {
                event.rating = randomRating()
                // A second rating at the same instant: the larger one wins.
                if random.chance(0.2) {
                    var twin = event
                    twin.rating = randomRating()
                    events.append(twin)
                }
            }
            events.append(event)
        }
    }

    private mutating func randomRating() -> ModelEvent.Rating {
        switch random.below(7) {
        case 0: .thumbsDown
        case 1: .thumbsUp
        case let number: .stars(number - 1)
        }
    }

    private mutating func timeAround(_ start: Int64, _ end: Int64) -> Int64 {
        switch random.below(9) {
        case 0: start
        case 1: end
        case 2: end - 1
        case 3: end + 1
        case 4: start - timeout
        case 5: start - timeout - 1
        case 6: end + timeout + Int64(random.below(3)) - 1
        default: Int64.random(in: start - timeout...end + 2 * timeout, using: &random)
        }
    }

    private mutating func addError(_ session: String) {
        events.append(
            ModelEvent(
                kind: .error,
                botID: random.pick(bots),
                userID: random.chance(0.5) ? pickUser() : nil,
                sessionID: random.chance(0.5) ? session : nil,
                timestamp: Int64.random(in: parameters.window, using: &random),
                channel: random.pick(parameters.channels)
            )
        )
    }
}
