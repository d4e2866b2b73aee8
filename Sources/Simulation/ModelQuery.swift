internal import JSON

/// One question: a filter, a range and a calendar over the model's events.
struct ModelQuery {
    /// A row's bucket and the part of it that lies in the range.
    struct Row {
        var bucket: ModelCalendar.Bucket
        var range: Range<Int64>
        /// The whole bucket lies in the range and has elapsed.
        var isComplete: Bool
    }

    let model: ReferenceModel
    let parameters: ModelParameters
    let now: Int64
    let range: Range<Int64>
    /// The counted messages the filter lets through, of all time.
    let allMessages: [ModelEvent]
    /// Those in the range.
    let messages: [ModelEvent]
    /// The conversations the filter lets through, of all time.
    let allConversations: [ModelConversation]
    /// Those started in the range.
    let conversations: [ModelConversation]
    /// Each user's first-ever incoming message to the bots asked about, on any channel.
    let firstSeen: [String: Int64]

    var filter: ModelFilter { parameters.filter }
    var calendar: ModelCalendar { parameters.calendar }

    init(
        model: ReferenceModel,
        parameters: ModelParameters,
        now: Int64,
        range: Range<Int64>? = nil
    ) {
        let filter = parameters.filter
        let range = range ?? parameters.range
        self.model = model
        self.parameters = parameters
        self.now = now
        self.range = range
        allMessages = model.messages.filter {
            filter.includes(bot: $0.botID, channel: $0.channel, user: $0.userID)
        }
        messages = allMessages.filter { range.contains($0.timestamp) }
        allConversations = model.conversations.filter {
            filter.includes(bot: $0.first.botID, channel: $0.first.channel, user: $0.first.userID)
        }
        conversations = allConversations.filter { range.contains($0.start) }
        var firstSeen: [String: Int64] = [:]
        // By time, so that the first one stays.
        for message in model.messages where message.isIncoming {
            guard let user = message.userID, filter.includes(bot: message.botID) else { continue }
            firstSeen[user] = firstSeen[user] ?? message.timestamp
        }
        self.firstSeen = firstSeen
    }

    /// The method's members, without `previous`, `change` and `meta`.
    func figures(_ method: String) throws(ModelError) -> [JSONValue.Member] {
        switch method {
        case "usage": usage()
        case "usage.daily", "usage.monthly": usageRows()
        case "conversations": conversationFigures()
        case "conversations.volume": volume()
        case "conversations.duration": duration()
        case "conversations.resolution": resolution()
        case "engagement": engagement()
        case "engagement.retention": retention()
        case "engagement.satisfaction": satisfaction()
        default: throw ModelError(nil, "the method is unknown")
        }
    }

    func meta(_ method: String) -> JSONValue {
        var members = Self.range(range, zone: calendar.zone)
        if let grouping = parameters.grouping {
            members.append(.init("group_by", .string(grouping.rawValue)))
        }
        members.append(.init("non_additive", .array(nonAdditive(method).map { .string($0) })))
        return .object(members)
    }

    static func range(_ range: Range<Int64>, zone: ModelZone) -> [JSONValue.Member] {
        [
            .init("timezone", .string(zone.name)),
            .init("start", .string(zone.text(range.lowerBound))),
            .init("end", .string(zone.text(range.upperBound))),
        ]
    }

    /// The row fields whose sum over the rows is not the range's figure.
    private func nonAdditive(_ method: String) -> [String] {
        // A user first seen on one channel and active later on another is new in the range but
        // in none of its buckets; only a channel filter can tell them apart.
        let users = filter.channel == nil ? ["active_users"] : ["active_users", "new_users"]
        return switch method {
        case "usage.daily", "usage.monthly": users
        case "engagement": users + ["returning_users"]
        case "conversations.duration": ["avg_duration_seconds", "p50", "p95"]
        case "conversations.resolution": ["resolution_rate"]
        case "engagement.retention": ["rates"]
        case "engagement.satisfaction": ["csat_score", "average_rating"]
        default: []
        }
    }
}

extension ModelQuery {
    /// The buckets of the answer's series: those of the range that have begun.
    var rows: [Row] {
        guard let grouping = parameters.grouping else { return [] }
        return calendar.buckets(grouping, touching: range).filter { $0.start < now }.map {
            Row(
                bucket: $0,
                range: max($0.start, range.lowerBound)..<min($0.end, range.upperBound),
                isComplete: range.lowerBound <= $0.start && $0.end <= range.upperBound
                    && $0.end <= now
            )
        }
    }

    /// The rows, each with the items whose time lies in it.
    func rows<Item>(of items: [Item], by time: (Item) -> Int64) -> [(row: Row, items: [Item])] {
        var parts = rows.map { (row: $0, items: [Item]()) }
        for item in items {
            // The rows are contiguous: the last one that begins at or before the item is its.
            var low = 0
            var high = parts.count
            while low < high {
                let middle = (low + high) / 2
                if parts[middle].row.range.lowerBound <= time(item) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low > 0, parts[low - 1].row.range.contains(time(item)) else { continue }
            parts[low - 1].items.append(item)
        }
        return parts
    }

    /// `data[]`: for each row its label, start and completeness and what `figures` makes of the
    /// items whose time lies in the row.
    func data<Item>(
        _ items: [Item],
        by time: (Item) -> Int64,
        figures: (Row, [Item]) -> [JSONValue.Member]
    ) -> JSONValue {
        .array(
            rows(of: items, by: time).map { row, part in
                .object(
                    [
                        .init("date", .string(row.bucket.label)),
                        .init("start", .string(calendar.zone.text(row.bucket.start))),
                        .init("complete", .bool(row.isComplete)),
                    ] + figures(row, part)
                )
            }
        )
    }

    func isClosed(_ conversation: ModelConversation) -> Bool {
        conversation.isClosed(now: now, timeout: model.timeout)
    }

    /// The distinct users with at least one incoming message among these.
    func activeUsers(_ messages: [ModelEvent]) -> Set<String> {
        Set(messages.filter(\.isIncoming).compactMap(\.userID))
    }

    /// Those of the active users whose first-ever incoming message lies in the range.
    func newUsers(_ active: Set<String>, in range: Range<Int64>) -> Set<String> {
        active.filter { user in firstSeen[user].map { range.contains($0) } ?? false }
    }
}

/// Numbers of an answer.
enum ModelNumber {
    static func count(_ count: Int) -> JSONValue {
        .integer(Int64(count))
    }

    /// A quotient; null where the denominator is 0.
    static func ratio(_ numerator: Int, _ denominator: Int) -> JSONValue {
        denominator == 0 ? .null : .double(Double(numerator) / Double(denominator))
    }

    static func seconds(_ milliseconds: Int64?) -> JSONValue {
        milliseconds.map { .double(Double($0) / 1_000) } ?? .null
    }

    /// The mean of durations, in seconds; null where there are none.
    static func averageSeconds(_ milliseconds: [Int64]) -> JSONValue {
        guard !milliseconds.isEmpty else { return .null }
        return .double(Double(milliseconds.reduce(0, +)) / Double(milliseconds.count) / 1_000)
    }

    /// The value of rank ceil(p·n), in seconds; null where there are none.
    static func percentile(_ percent: Int, _ milliseconds: [Int64]) -> JSONValue {
        guard !milliseconds.isEmpty else { return .null }
        let rank = (percent * milliseconds.count + 99) / 100
        return seconds(milliseconds.sorted()[rank - 1])
    }
}
