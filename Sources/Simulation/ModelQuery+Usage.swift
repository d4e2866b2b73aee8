internal import JSON

extension ModelQuery {
    func usage() -> [JSONValue.Member] {
        let active = activeUsers(messages)
        let new = newUsers(active, in: range)
        let tokens = messages.compactMap(\.tokens)
        let errors = model.events.count {
            $0.kind == .error && range.contains($0.timestamp)
                && filter.includes(bot: $0.botID, channel: $0.channel, user: $0.userID)
        }
        return [
            .init("total_conversations", ModelNumber.count(conversations.count)),
            .init(
                "engaged_conversations",
                ModelNumber.count(conversations.count(where: \.isEngaged))
            ),
            .init("active_users", ModelNumber.count(active.count)),
            .init("new_users", ModelNumber.count(new.count)),
            .init("returning_users", ModelNumber.count(active.count - new.count)),
            .init("total_messages", ModelNumber.count(messages.count)),
            .init("incoming_messages", ModelNumber.count(messages.count(where: \.isIncoming))),
            .init("outgoing_messages", ModelNumber.count(messages.count(where: \.isOutgoing))),
            .init("messages_per_conversation", messagesPerConversation),
            .init(
                "conversations_per_user",
                ModelNumber.ratio(conversations.count, active.count)
            ),
            .init("total_tokens", tokens.isEmpty ? .null : .integer(tokens.reduce(0, +))),
            .init("errors", ModelNumber.count(errors)),
        ]
    }

    /// The messages of the conversations started in the range ÷ them.
    var messagesPerConversation: JSONValue {
        ModelNumber.ratio(conversations.map(\.messages.count).reduce(0, +), conversations.count)
    }

    func usageRows() -> [JSONValue.Member] {
        // Rows hold conversations and messages side by side.
        let items = conversations.map(Item.conversation) + messages.map(Item.message)
        return [
            .init("data", data(items, by: \.time) { .init(usageRow($1, in: $0.range)) }),
            .init("totals", .object(usageRow(items, in: range))),
        ]
    }

    private func usageRow(_ items: [Item], in range: Range<Int64>) -> [JSONValue.Member] {
        let messages = items.compactMap(\.message)
        let active = activeUsers(messages)
        return [
            .init("conversations", ModelNumber.count(items.compactMap(\.conversation).count)),
            .init("active_users", ModelNumber.count(active.count)),
            .init("new_users", ModelNumber.count(newUsers(active, in: range).count)),
            .init("messages", ModelNumber.count(messages.count)),
            .init("incoming_messages", ModelNumber.count(messages.count(where: \.isIncoming))),
            .init("outgoing_messages", ModelNumber.count(messages.count(where: \.isOutgoing))),
        ]
    }

    /// A conversation, which lies where it starts, or a message, which lies where it is.
    enum Item {
        case conversation(ModelConversation)
        case message(ModelEvent)

        var time: Int64 {
            switch self {
            case .conversation(let conversation): conversation.start
            case .message(let message): message.timestamp
            }
        }

        var conversation: ModelConversation? {
            if case .conversation(let conversation) = self { conversation } else { nil }
        }

        var message: ModelEvent? {
            if case .message(let message) = self { message } else { nil }
        }
    }
}
