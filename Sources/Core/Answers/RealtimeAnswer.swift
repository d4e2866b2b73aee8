public import JSON

/// Answers `realtime` and `realtime.active` from the sliding window.
public enum RealtimeAnswer {
    /// `realtime`, without `meta`.
    ///
    /// - Parameters:
    ///   - snapshot: The window's figures.
    ///   - eventsDropped: Fire-and-forget messages known to be lost.
    ///   - publishers: Publishers heard of lately.
    ///   - calendar: UTC.
    /// - Returns: The members of the answer.
    public static func figures(
        _ snapshot: RealtimeSnapshot,
        eventsDropped: UInt64,
        publishers: Int,
        calendar: LocalCalendar
    ) -> JSONValue {
        var answer = AnswerObject()
        answer.set("active_sessions", Figures.count(snapshot.activeSessions))
        answer.set("active_sessions_5m", Figures.count(snapshot.activeSessions5m))
        answer.set("active_users", Figures.count(snapshot.activeUsers))
        answer.set("active_users_5m", Figures.count(snapshot.activeUsers5m))
        answer.set("messages_per_minute", Figures.count(snapshot.messagesPerMinute))
        answer.set("incoming_per_minute", Figures.count(snapshot.incomingPerMinute))
        answer.set("outgoing_per_minute", Figures.count(snapshot.outgoingPerMinute))
        answer.set(
            "messages_per_minute_avg_5m",
            .double(Double(snapshot.messagesLastFiveMinutes) / 5)
        )
        let series = snapshot.series.map { minute -> JSONValue in
            [
                "start": .string(calendar.text(of: minute.start)),
                "messages": Figures.count(minute.messages),
                "complete": .bool(minute.isComplete),
            ]
        }
        answer.set("series", .array(series))
        answer.set("lag_seconds", Figures.seconds(snapshot.lagMilliseconds.map(Double.init)))
        answer.set("events_dropped", .integer(Int64(clamping: eventsDropped)))
        answer.set("publishers", Figures.count(publishers))
        answer.set("window_minutes", Figures.count(snapshot.windowMinutes))
        return answer.value
    }

    /// `realtime.active`, without `meta`.
    ///
    /// - Parameters:
    ///   - active: The window's sessions.
    ///   - windowMinutes: The window.
    ///   - names: Bots and channels by ordinal.
    /// - Returns: The members of the answer.
    public static func active(
        _ active: RealtimeActive,
        windowMinutes: Int,
        names: AnswerNames
    ) -> JSONValue {
        var answer = AnswerObject()
        answer.set("active_sessions", Figures.count(active.activeSessions))
        answer.set("window_minutes", Figures.count(windowMinutes))
        let bots = active.bots.map {
            (names.bots[Int($0.ordinal)].identity.description, $0.activeSessions)
        }
        let channels = active.channels.map { (names.channels[Int($0.ordinal)], $0.activeSessions) }
        answer.set("by_bot", ranking(bots, label: "bot_id"))
        answer.set("by_channel", ranking(channels, label: "channel"))
        return answer.value
    }

    /// Most sessions first, ties by name.
    private static func ranking(_ rows: [(name: String, count: Int)], label: String) -> JSONValue {
        let sorted = rows.sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }
        return .array(
            sorted.map {
                .object([
                    JSONValue.Member(name: label, value: .string($0.name)),
                    JSONValue.Member(name: "active_sessions", value: Figures.count($0.count)),
                ])
            }
        )
    }
}
