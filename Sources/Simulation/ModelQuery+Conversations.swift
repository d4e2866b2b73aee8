internal import JSON

extension ModelQuery {
    func conversationFigures() -> [JSONValue.Member] {
        let closed = conversations.filter(isClosed)
        let outcomes = ModelOutcomes(conversations, query: self)
        let durations = closed.map(\.duration)
        return [
            .init("total_conversations", ModelNumber.count(conversations.count)),
            .init(
                "engaged_conversations",
                ModelNumber.count(conversations.count(where: \.isEngaged))
            ),
            .init("open_conversations", ModelNumber.count(conversations.count - closed.count)),
            .init("engagement_rate", engagementRate),
            .init("single_message_rate", singleMessageRate),
            .init("avg_messages_per_conversation", messagesPerConversation),
            .init("avg_duration_seconds", ModelNumber.averageSeconds(durations)),
            .init("median_duration_seconds", ModelNumber.percentile(50, durations)),
            .init(
                "avg_first_response_seconds",
                ModelNumber.averageSeconds(closed.compactMap(\.firstResponse))
            ),
            .init("resolution_rate", outcomes.resolutionRate),
            .init("escalation_rate", outcomes.escalationRate),
            .init("csat_score", ModelRatings(ratingsInRange).csatScore),
        ]
    }

    var engagementRate: JSONValue {
        ModelNumber.ratio(conversations.count(where: \.isEngaged), conversations.count)
    }

    /// Exactly one incoming message, among engaged.
    var singleMessageRate: JSONValue {
        let engaged = conversations.filter(\.isEngaged)
        return ModelNumber.ratio(engaged.count { $0.incomingCount == 1 }, engaged.count)
    }

    func volume() -> [JSONValue.Member] {
        let items = conversations.map(Item.conversation) + messages.map(Item.message)
        return [
            .init("data", data(items, by: \.time) { .init(volumeRow($1)) }),
            .init("totals", .object(volumeRow(items))),
            .init("peak", peak),
            .init(
                "by_channel",
                .array(parts("channel", conversation: \.first.channel, message: \.channel))
            ),
            .init(
                "by_bot",
                .array(
                    Array(
                        parts("bot_id", conversation: \.first.botID, message: \.botID).prefix(100)
                    )
                )
            ),
        ]
    }

    private func volumeRow(_ items: [Item]) -> [JSONValue.Member] {
        let conversations = items.compactMap(\.conversation)
        let messages = items.compactMap(\.message)
        return [
            .init("conversations", ModelNumber.count(conversations.count)),
            .init(
                "engaged_conversations",
                ModelNumber.count(conversations.count(where: \.isEngaged))
            ),
            .init("messages", ModelNumber.count(messages.count)),
            .init("incoming_messages", ModelNumber.count(messages.count(where: \.isIncoming))),
            .init("outgoing_messages", ModelNumber.count(messages.count(where: \.isOutgoing))),
        ]
    }

    /// The busiest local hour of the range; a tie goes to the earliest.
    private var peak: JSONValue {
        let hours = Dictionary(grouping: conversations) { calendar.zone.hourStart($0.start) }
            .mapValues(\.count)
        guard let most = hours.values.max(),
            let start = hours.filter({ $0.value == most }).keys.min()
        else { return .null }
        return [
            "start": .string(calendar.zone.text(start)), "conversations": ModelNumber.count(most),
        ]
    }

    /// Conversations and messages by channel or by bot; most conversations first, ties by name.
    private func parts(
        _ name: String,
        conversation: (ModelConversation) -> String,
        message: (ModelEvent) -> String
    ) -> [JSONValue] {
        let conversations = Dictionary(grouping: conversations, by: conversation)
            .mapValues(\.count)
        let messages = Dictionary(grouping: messages, by: message).mapValues(\.count)
        return Set(conversations.keys).union(messages.keys)
            .sorted { left, right in
                let (first, second) = (conversations[left] ?? 0, conversations[right] ?? 0)
                return first != second ? first > second : left < right
            }
            .map { key in
                [
                    (name): .string(key),
                    "conversations": ModelNumber.count(conversations[key] ?? 0),
                    "messages": ModelNumber.count(messages[key] ?? 0),
                ]
            }
    }

    func duration() -> [JSONValue.Member] {
        let closed = conversations.filter(isClosed)
        let durations = closed.map(\.duration)
        let percentiles = [50, 75, 90, 95, 99].map {
            JSONValue.Member("p\($0)", ModelNumber.percentile($0, durations))
        }
        return [
            .init("avg_duration_seconds", ModelNumber.averageSeconds(durations)),
            .init("median_duration_seconds", ModelNumber.percentile(50, durations)),
            .init("min_duration_seconds", ModelNumber.seconds(durations.min())),
            .init("max_duration_seconds", ModelNumber.seconds(durations.max())),
            .init("percentiles", .object(percentiles)),
            .init("relative_error", .double(0.01)),
            .init("measured_conversations", ModelNumber.count(closed.count)),
            .init("open_conversations", ModelNumber.count(conversations.count - closed.count)),
            .init("first_response_seconds", summary(closed.compactMap(\.firstResponse))),
            .init("response_seconds", summary(closed.flatMap(\.responses))),
            .init("histogram", histogram(durations)),
            .init(
                "data",
                data(closed, by: \.start) { _, part in
                    let durations = part.map(\.duration)
                    return [
                        .init("conversations", ModelNumber.count(durations.count)),
                        .init("avg_duration_seconds", ModelNumber.averageSeconds(durations)),
                        .init("p50", ModelNumber.percentile(50, durations)),
                        .init("p95", ModelNumber.percentile(95, durations)),
                    ]
                }
            ),
        ]
    }

    private func summary(_ durations: [Int64]) -> JSONValue {
        [
            "avg": ModelNumber.averageSeconds(durations),
            "p50": ModelNumber.percentile(50, durations),
            "p90": ModelNumber.percentile(90, durations),
            "p95": ModelNumber.percentile(95, durations),
            "count": ModelNumber.count(durations.count),
        ]
    }

    /// Conversations by duration: each edge belongs to the bin that begins with it.
    private func histogram(_ durations: [Int64]) -> JSONValue {
        let edges: [Int64] = [0, 10, 30, 60, 300, 900, 1_800, 3_600]
        return .array(
            edges.indices.map { index in
                let from = edges[index]
                let to = index + 1 < edges.count ? edges[index + 1] : nil
                let count = durations.count {
                    $0 >= from * 1_000 && $0 < (to.map { $0 * 1_000 } ?? .max)
                }
                return [
                    "from_seconds": .integer(from),
                    "to_seconds": to.map { .integer($0) } ?? .null,
                    "conversations": ModelNumber.count(count),
                ]
            }
        )
    }
}
