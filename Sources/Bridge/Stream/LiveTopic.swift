internal import JSON

/// The topics of the daemon's live socket.
enum LiveTopic {
    /// Where the figures come from that a question asks for.
    ///
    /// - Parameters:
    ///   - parameters: The question's parameters, which the daemon has found good.
    ///   - outcome: Its answer, with its word on the credential.
    /// - Returns: The topic; nil where none has these figures, such as those of a channel, or of
    ///   all the bots of a credential that does not see every bot.
    static func topic(of parameters: JSONValue, _ outcome: Outcome) -> String? {
        guard let members = parameters.objectValue else { return nil }
        if members.isEmpty { return seesAllBots(outcome) ? "all" : nil }
        guard members.count == 1, members[0].name == "bot_id",
            let bot = members[0].value.stringValue
        else { return nil }
        return "realtime." + bot.lowercased()
    }

    private static func seesAllBots(_ outcome: Outcome) -> Bool {
        guard case .answered(_, let word?) = outcome else { return false }
        return (try? JSONValue(parsing: word))?["all_bots"] == true
    }
}
