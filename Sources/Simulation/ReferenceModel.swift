public import JSON

/// The judge of correctness: computes every answer anew from the accepted events.
///
/// It follows the contract's definitions word by word, filters whole lists for every question
/// and shares no code with the daemon. Where the two differ, one of them reads the contract
/// wrongly.
public struct ReferenceModel: Sendable {
    /// One session of one bot.
    struct SessionKey: Hashable {
        var bot: String
        var session: String
    }

    let timeout: Int64
    let defaultTimezone: String
    let events: [ModelEvent]
    /// The counted messages, by time.
    let messages: [ModelEvent]
    let conversations: [ModelConversation]
    /// The times of each session's incoming messages.
    let incomingTimes: [SessionKey: [Int64]]
    /// Each bot's first `session.transferred` or `session.resolved`.
    let firstOutcome: [String: Int64]

    /// Makes a model of a multiset of accepted events.
    ///
    /// - Parameters:
    ///   - events: The accepted events, in any order, resent ones left out.
    ///   - sessionTimeoutSeconds: The daemon's `--session-timeout`.
    ///   - defaultTimezone: The daemon's `--timezone`.
    /// - Complexity: O(n log n) for n events.
    public init(events: [ModelEvent], sessionTimeoutSeconds: Int, defaultTimezone: String) {
        let timeout = Int64(sessionTimeoutSeconds) * ModelTime.second
        self.timeout = timeout
        self.defaultTimezone = defaultTimezone
        self.events = events
        let messages = events.filter(\.isCountedMessage).sorted { $0.timestamp < $1.timestamp }
        self.messages = messages

        var sessions = Dictionary(grouping: messages, by: Self.key)
            .mapValues { ModelConversation.cut($0, timeout: timeout) }
        var firstOutcome: [String: Int64] = [:]
        for event in events {
            if event.kind == .transferred || event.kind == .resolved {
                firstOutcome[event.botID] = min(
                    event.timestamp,
                    firstOutcome[event.botID] ?? event.timestamp
                )
            }
            guard event.kind != .message && event.kind != .error else { continue }
            ModelConversation.attach(
                event,
                to: &sessions[Self.key(event), default: []],
                timeout: timeout
            )
        }
        self.firstOutcome = firstOutcome
        conversations = sessions.values.flatMap(\.self).sorted { $0.start < $1.start }
        incomingTimes = Dictionary(grouping: messages.filter(\.isIncoming), by: Self.key)
            .mapValues { $0.map(\.timestamp) }
    }

    /// The answer to a query.
    ///
    /// It is the method's `result` without what depends on the daemon rather than on events:
    /// `generated_at`, `data_as_of`, `data_version`, `events_dropped` and `publishers`.
    ///
    /// - Parameters:
    ///   - method: The method, such as `usage.daily`.
    ///   - parameters: The parameters as texts, as a URL carries them.
    ///   - now: The end of the running second, in milliseconds since 1970.
    ///   - bots: The bots a credential is limited to; nil where it is not.
    /// - Returns: The `result` object.
    /// - Throws: ``ModelError`` when a parameter is refused or the method is unknown.
    public func answer(
        method: String,
        parameters: [String: String],
        now: Int64,
        bots: Set<String>? = nil
    ) throws(ModelError) -> JSONValue {
        if method == "realtime" || method == "realtime.active" {
            return try ModelRealtime(self, parameters, bots: bots, now: now).answer(method)
        }
        let parameters = try ModelParameters(
            method: method,
            texts: parameters,
            bots: bots,
            defaultTimezone: defaultTimezone,
            now: now
        )
        let query = ModelQuery(model: self, parameters: parameters, now: now)
        var figures = try query.figures(method)
        if let range = parameters.previousRange {
            let earlier = ModelQuery(model: self, parameters: parameters, now: now, range: range)
            figures += Self.comparison(figures, try earlier.figures(method))
        }
        figures.append(.init("meta", query.meta(method)))
        return .object(figures)
    }

    static func key(_ event: ModelEvent) -> SessionKey {
        SessionKey(bot: event.botID, session: event.sessionID ?? "")
    }

    /// `previous` and `change`.
    private static func comparison(
        _ current: [JSONValue.Member],
        _ previous: [JSONValue.Member]
    ) -> [JSONValue.Member] {
        let now = numbers(current)
        let before = numbers(previous)
        let change = zip(now, before).map { now, before in
            guard let new = now.value.doubleValue, let old = before.value.doubleValue, old != 0
            else { return JSONValue.Member(now.name, .null) }
            return JSONValue.Member(now.name, .double((new - old) / old))
        }
        return [.init("previous", .object(before)), .init("change", .object(change))]
    }

    /// The top-level numbers of an answer; an answer that has none but `totals` gives those.
    private static func numbers(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
        if case .object(let totals)? = members.first(where: { $0.name == "totals" })?.value {
            return totals
        }
        return members.filter { member in
            switch member.value {
            // The stated bound of the percentiles is no figure that could change.
            case .integer, .double, .null: member.name != "relative_error"
            default: false
            }
        }
    }
}

extension JSONValue.Member {
    init(_ name: String, _ value: JSONValue) {
        self.init(name: name, value: value)
    }
}
