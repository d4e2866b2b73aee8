internal import JSON

/// The realtime figures: event time against now; what lies later does not count yet.
struct ModelRealtime {
    private let filter: ModelFilter
    private let windowMinutes: Int
    private let now: Int64
    /// The events that lie before now.
    private let past: [ModelEvent]
    /// The counted messages among them the filter lets through.
    private let messages: [ModelEvent]
    /// The sessions that were ended or resolved at or after their last message on any channel.
    private let ended: Set<ReferenceModel.SessionKey>

    init(
        _ model: ReferenceModel,
        _ texts: [String: String],
        bots: Set<String>?,
        now: Int64
    ) throws(ModelError) {
        for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
            guard ["bot_id", "channel", "window_minutes"].contains(name) else {
                throw ModelError(name, "\(name) is unknown")
            }
            guard !value.isEmpty else { throw ModelError(name, "\(name) must not be empty") }
        }
        guard let minutes = Int(texts["window_minutes"] ?? "30"), (1...60).contains(minutes)
        else { throw ModelError("window_minutes", "window_minutes must be between 1 and 60") }
        let filter = ModelFilter(texts: texts, bots: bots)
        self.filter = filter
        windowMinutes = minutes
        self.now = now
        past = model.events.filter { $0.timestamp < now }
        let counted = past.filter(\.isCountedMessage)
        messages = counted.filter {
            filter.includes(bot: $0.botID, channel: $0.channel, user: $0.userID)
        }
        let lastMessages = Dictionary(grouping: counted, by: ReferenceModel.key)
            .mapValues { $0.map(\.timestamp).max() ?? .min }
        var ended: Set<ReferenceModel.SessionKey> = []
        for event in past where event.kind == .ended || event.kind == .resolved {
            let key = ReferenceModel.key(event)
            if let last = lastMessages[key], event.timestamp >= last { ended.insert(key) }
        }
        self.ended = ended
    }

    func answer(_ method: String) throws(ModelError) -> JSONValue {
        var members = method == "realtime" ? figures() : active()
        // The series is in UTC minutes, so the whole answer is in UTC.
        guard let zone = ModelZone.named("UTC") else {
            throw ModelError("timezone", "the system has no UTC zone")
        }
        let start = now - Int64(windowMinutes) * ModelTime.minute
        var meta = ModelQuery.range(start..<now, zone: zone)
        // A session with messages on two channels counts under both.
        meta.append(
            .init("non_additive", method == "realtime" ? .array([]) : ["active_sessions"])
        )
        members.append(.init("meta", .object(meta)))
        return .object(members)
    }

    /// The filtered messages of the last `milliseconds`.
    private func last(_ milliseconds: Int64) -> [ModelEvent] {
        messages.filter { $0.timestamp >= now - milliseconds }
    }

    private var window: [ModelEvent] { last(Int64(windowMinutes) * ModelTime.minute) }

    /// The sessions of these messages that are not ended.
    private func sessions(_ messages: [ModelEvent]) -> Set<ReferenceModel.SessionKey> {
        Set(messages.map(ReferenceModel.key)).subtracting(ended)
    }

    private func users(_ messages: [ModelEvent]) -> Int {
        Set(messages.filter(\.isIncoming).compactMap(\.userID)).count
    }

    private func figures() -> [JSONValue.Member] {
        let minute = last(ModelTime.minute)
        let fiveMinutes = last(5 * ModelTime.minute)
        let newest = past.filter {
            filter.includes(bot: $0.botID, channel: $0.channel, user: $0.userID)
        }
        .map(\.timestamp).max()
        return [
            .init("active_sessions", ModelNumber.count(sessions(window).count)),
            .init("active_sessions_5m", ModelNumber.count(sessions(fiveMinutes).count)),
            .init("active_users", ModelNumber.count(users(window))),
            .init("active_users_5m", ModelNumber.count(users(fiveMinutes))),
            .init("messages_per_minute", ModelNumber.count(minute.count)),
            .init("incoming_per_minute", ModelNumber.count(minute.count(where: \.isIncoming))),
            .init("outgoing_per_minute", ModelNumber.count(minute.count(where: \.isOutgoing))),
            .init("messages_per_minute_avg_5m", ModelNumber.ratio(fiveMinutes.count, 5)),
            .init("series", .array(series)),
            .init("lag_seconds", ModelNumber.seconds(newest.map { now - $0 })),
            .init("window_minutes", ModelNumber.count(windowMinutes)),
        ]
    }

    /// The running UTC minute and those before it, oldest first.
    private var series: [JSONValue] {
        let running = ModelTime.floor(now - 1, to: ModelTime.minute)
        return (0..<windowMinutes).reversed().map { index in
            let start = running - Int64(index) * ModelTime.minute
            let end = start + ModelTime.minute
            let count = messages.count { $0.timestamp >= start && $0.timestamp < end }
            return [
                "start": .string(ModelTime.rfc3339(start, offset: 0)),
                "messages": ModelNumber.count(count),
                "complete": .bool(end <= now),
            ]
        }
    }

    private func active() -> [JSONValue.Member] {
        [
            .init("active_sessions", ModelNumber.count(sessions(window).count)),
            .init("window_minutes", ModelNumber.count(windowMinutes)),
            .init("by_bot", .array(parts("bot_id", by: \.botID))),
            .init("by_channel", .array(parts("channel", by: \.channel))),
        ]
    }

    /// Active sessions by bot or channel; most first, ties by name.
    private func parts(_ name: String, by key: (ModelEvent) -> String) -> [JSONValue] {
        let counts = Dictionary(grouping: window, by: key).mapValues { sessions($0).count }
        let present = counts.filter { $0.value > 0 }
        let sorted = present.sorted { left, right in
            left.value != right.value ? left.value > right.value : left.key < right.key
        }
        return sorted.map { key, count in
            [(name): .string(key), "active_sessions": ModelNumber.count(count)]
        }
    }
}
