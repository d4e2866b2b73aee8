internal import JSON

extension ModelQuery {
    func engagement() -> [JSONValue.Member] {
        let active = activeUsers(messages)
        let new = newUsers(active, in: range)
        let monthly = users(ofLastDays: 30).count
        let daily = (0..<30).map { users(ofLastDays: 1, earlier: $0).count }.reduce(0, +)
        let incoming = messages.count(where: \.isIncoming)
        let durations = conversations.filter(isClosed).map(\.duration)
        return [
            .init("active_users", ModelNumber.count(active.count)),
            .init("new_users", ModelNumber.count(new.count)),
            .init("returning_users", ModelNumber.count(active.count - new.count)),
            .init("dau", ModelNumber.count(users(ofLastDays: 1).count)),
            .init("wau", ModelNumber.count(users(ofLastDays: 7).count)),
            .init("mau", ModelNumber.count(monthly)),
            .init("stickiness", ModelNumber.ratio(daily, 30 * monthly)),
            .init("engagement_rate", engagementRate),
            .init("single_message_rate", singleMessageRate),
            .init(
                "conversations_per_user",
                ModelNumber.ratio(conversations.count, active.count)
            ),
            .init("messages_per_user", ModelNumber.ratio(incoming, active.count)),
            .init("messages_per_conversation", messagesPerConversation),
            .init("avg_duration_seconds", ModelNumber.averageSeconds(durations)),
            .init(
                "data",
                data(messages, by: \.timestamp) { row, part in
                    let active = activeUsers(part)
                    let new = newUsers(active, in: row.range)
                    return [
                        .init("active_users", ModelNumber.count(active.count)),
                        .init("new_users", ModelNumber.count(new.count)),
                        .init("returning_users", ModelNumber.count(active.count - new.count)),
                    ]
                }
            ),
        ]
    }

    /// The active users of `days` local days, of which the last is the range's last local day,
    /// today at the latest, or `earlier` days before it.
    private func users(ofLastDays days: Int, earlier: Int = 0) -> Set<String> {
        let zone = calendar.zone
        let today = zone.date(now - 1)
        let lastInstant = range.upperBound - 1
        // The day that holds the last instant, by its bucket: see `buckets(_:touching:)`.
        let bucket = calendar.buckets(.day, touching: lastInstant..<lastInstant + 1).last
        let ending = bucket.map { zone.date($0.start) } ?? today
        let last = min(ending, today).adding(days: -earlier)
        let start = zone.firstInstant(of: last.adding(days: 1 - days))
        let end = zone.firstInstant(of: last.adding(days: 1))
        return activeUsers(allMessages.filter { $0.timestamp >= start && $0.timestamp < end })
    }
}
