internal import JSON

extension ModelEvent {
    /// How a timestamp is written.
    public enum TimestampStyle: Sendable {
        /// Integer milliseconds since 1970.
        case milliseconds
        /// RFC 3339 at an offset from UTC, in minutes.
        case rfc3339(offsetMinutes: Int)
    }

    /// Why a line is no event.
    public struct ParsingError: Error, Sendable, CustomStringConvertible {
        /// One sentence naming the field.
        public let description: String
    }

    /// The event as one line of NDJSON.
    ///
    /// - Parameters:
    ///   - style: How the timestamp is written.
    ///   - numericRole: Whether the role is written as botserver's number, where it has one.
    /// - Returns: A JSON object without a final newline.
    public func ndjsonLine(
        style: TimestampStyle = .milliseconds,
        numericRole: Bool = false
    ) -> String {
        var line = #"{"type":"\#(kind.rawValue)","bot_id":"\#(botID)""#
        if let userID { line += #","user_id":"\#(userID)""# }
        if let sessionID { line += #","session_id":"\#(sessionID)""# }
        switch style {
        case .milliseconds: line += #","timestamp":\#(timestamp)"#
        case .rfc3339(let minutes):
            let text = ModelTime.rfc3339(timestamp, offset: Int64(minutes) * ModelTime.minute)
            line += #","timestamp":"\#(text)""#
        }
        line += #","channel":"\#(channel)""#
        if let role {
            // Episodic and compact have only a number on the wire.
            let needsNumber = numericRole || role == .episodic || role == .compact
            if needsNumber, let number = role.number {
                line += #","role":\#(number)"#
            } else {
                line += #","role":"\#(role.rawValue)""#
            }
        }
        if let responseMilliseconds { line += #","response_ms":\#(responseMilliseconds)"# }
        if let tokens { line += #","tokens":\#(tokens)"# }
        if confirmed { line += #","confirmed":true"# }
        switch rating {
        case .thumbsUp: line += #","rating":"up""#
        case .thumbsDown: line += #","rating":"down""#
        case .stars(let stars): line += #","rating":\#(stars)"#
        case nil: break
        }
        return line + "}"
    }

    /// Reads an event from one line of NDJSON.
    ///
    /// It expects an event that the daemon accepts and is no judge of rejections.
    ///
    /// - Parameter line: A JSON object.
    /// - Throws: ``ParsingError`` when the line is no event.
    public init(parsing line: String) throws(ParsingError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line.utf8)
        } catch {
            throw ParsingError(description: error.description)
        }
        guard let kind = value["type"]?.stringValue.flatMap(Kind.init(rawValue:)) else {
            throw ParsingError(description: "type is missing or unknown")
        }
        guard let botID = value["bot_id"]?.stringValue?.lowercased() else {
            throw ParsingError(description: "bot_id is missing")
        }
        guard let timestamp = value["timestamp"].flatMap(Self.time(of:)) else {
            throw ParsingError(description: "timestamp is missing or malformed")
        }
        self.init(
            kind: kind,
            botID: botID,
            userID: value["user_id"]?.stringValue?.lowercased(),
            sessionID: value["session_id"]?.stringValue?.lowercased(),
            timestamp: timestamp,
            channel: value["channel"]?.stringValue ?? "web",
            role: value["role"].flatMap(Self.role(of:)),
            responseMilliseconds: value["response_ms"]?.integerValue,
            tokens: value["tokens"]?.integerValue,
            confirmed: value["confirmed"] == .bool(true),
            rating: value["rating"].flatMap(Self.rating(of:))
        )
    }

    private static func time(of value: JSONValue) -> Int64? {
        if let milliseconds = value.integerValue { return milliseconds }
        guard let text = value.stringValue, let parsed = ModelTime.parse(text),
            let clock = parsed.clock, let offset = parsed.offset
        else { return nil }
        return Int64(parsed.date.day) * ModelTime.day + clock - offset
    }

    private static func role(of value: JSONValue) -> Role? {
        if let number = value.integerValue {
            return Role.allCases.first { $0.number == Int(number) }
        }
        return value.stringValue.flatMap(Role.init(rawValue:))
    }

    private static func rating(of value: JSONValue) -> Rating? {
        switch value {
        case .string("up"): .thumbsUp
        case .string("down"): .thumbsDown
        case .integer(let stars): .stars(Int(stars))
        default: nil
        }
    }
}
