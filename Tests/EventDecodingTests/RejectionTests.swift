import CEventDecoder
import EventDecoding
import Testing

/// One value of one field, and why it is valid or not.
struct FieldCase: Sendable, CustomTestStringConvertible {
    let field: String
    let type: String
    let value: String
    let reason: String

    init(_ field: String, _ value: String, _ reason: String, in type: String = "message") {
        self.field = field
        self.type = type
        self.value = value
        self.reason = reason
    }

    var testDescription: String { "\(field) \(value.prefix(60)): \(reason)" }
    var line: String { text(type, [field: value]) }

    static func quoted(
        _ field: String,
        _ value: String,
        _ reason: String,
        in type: String = "message"
    ) -> FieldCase {
        FieldCase(field, "\"\(value)\"", reason, in: type)
    }

    static let valid: [FieldCase] = [
        .quoted("channel", "a", "one byte"),
        .quoted("channel", "a-z_09", "every class of byte"),
        .quoted("channel", String(repeating: "x", count: 32), "32 bytes"),
        FieldCase("channel", "null", "null is absent"),
        FieldCase("id", "null", "null is absent"),
        FieldCase("response_ms", "0", "the least"),
        FieldCase("response_ms", "-0", "minus nothing is nothing"),
        FieldCase("response_ms", "null", "null is absent"),
        FieldCase("tokens", "4294967294", "the greatest"),
        FieldCase("tokens", "null", "null is absent"),
        FieldCase("confirmed", "null", "null is absent", in: "session.resolved"),
        .quoted("code", "x", "one byte", in: "error"),
        .quoted("code", "LLM.timeout_9:a-b", "every class of byte", in: "error"),
        .quoted("code", String(repeating: "c", count: 64), "64 bytes", in: "error"),
        FieldCase("code", "null", "null is absent", in: "error"),
        FieldCase("timestamp", "-9223372036854775808", "the least integer; ranges are not ours"),
        FieldCase("timestamp", "9223372036854775807", "the greatest integer"),
        FieldCase("role", "7", "role belongs to messages", in: "feedback"),
        FieldCase("response_ms", "-1", "response_ms belongs to messages", in: "error"),
        FieldCase("tokens", "[]", "tokens belongs to messages", in: "session.ended"),
        FieldCase("confirmed", "1", "confirmed belongs to resolutions"),
        FieldCase("rating", "99", "rating belongs to feedback"),
        FieldCase("code", "{}", "code belongs to errors"),
        FieldCase("anything", "{\"deep\":[1,{\"x\":null}]}", "an unknown field is ignored"),
    ]

    static let invalid: [FieldCase] =
        ["bot_id", "user_id", "session_id", "id"].flatMap { field in
            [
                .quoted(field, "", "empty"),
                .quoted(field, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "no dashes"),
                .quoted(field, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f", "35 characters"),
                .quoted(field, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f90", "37 characters"),
                .quoted(field, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg", "g is no digit"),
                .quoted(field, "0a1b2c3d+4e5f-6071-8293-a4b5c6d7e8f9", "a plus for a dash"),
                .quoted(field, "0a1b2c3-d4e5f-6071-8293-a4b5c6d7e8f9", "a dash out of place"),
                .quoted(field, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8\u{e9}", "not ASCII"),
                .quoted(field, "{a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f}", "braces"),
                .quoted(field, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f\\u0000", "a NUL"),
                FieldCase(field, "7", "a number"),
                FieldCase(field, "true", "a boolean"),
                FieldCase(field, "[\"\(botID)\"]", "an array"),
            ] as [FieldCase]
        } + [
            FieldCase("timestamp", "1.5", "a fraction of a millisecond"),
            FieldCase("timestamp", "1736172000123.0", "a fraction, though zero"),
            FieldCase("timestamp", "1e12", "an exponent"),
            FieldCase("timestamp", "9223372036854775808", "beyond 64 bits"),
            FieldCase("timestamp", "-9223372036854775809", "beyond 64 bits"),
            FieldCase("timestamp", "100000000000000000000", "21 digits"),
            FieldCase("timestamp", "1e999", "beyond any double"),
            FieldCase("timestamp", "false", "a boolean"),
            FieldCase("timestamp", "{}", "an object"),
            .quoted("timestamp", "1736172000123", "milliseconds in a string"),
            .quoted("channel", "", "empty"),
            .quoted("channel", "Web", "upper case"),
            .quoted("channel", "a b", "a space"),
            .quoted("channel", "a.b", "a dot"),
            .quoted("channel", "caf\u{e9}", "not ASCII"),
            .quoted("channel", "a\\u0000", "a NUL"),
            .quoted("channel", String(repeating: "x", count: 33), "33 bytes"),
            .quoted("channel", String(repeating: "x", count: 256), "a length that wraps a byte"),
            FieldCase("channel", "1", "a number"),
            .quoted("role", "User", "upper case"),
            .quoted("role", "", "empty"),
            .quoted("role", "1", "a number in a string"),
            FieldCase("role", "0", "no such number"),
            FieldCase("role", "5", "no such number"),
            FieldCase("role", "11", "no such number"),
            FieldCase("role", "4294967297", "1 only in 32 bits"),
            FieldCase("role", "1.0", "a fraction"),
            FieldCase("role", "true", "a boolean"),
            FieldCase("response_ms", "-1", "negative"),
            FieldCase("response_ms", "1.5", "a fraction"),
            FieldCase("response_ms", "4294967295", "one too great"),
            FieldCase("response_ms", "18446744073709551616", "beyond 64 bits"),
            FieldCase("response_ms", "\"5\"", "a string"),
            FieldCase("tokens", "-1", "negative"),
            FieldCase("tokens", "1e3", "an exponent"),
            FieldCase("tokens", "4294967295", "one too great"),
            FieldCase("tokens", "false", "a boolean"),
            FieldCase("confirmed", "1", "a number", in: "session.resolved"),
            FieldCase("confirmed", "\"true\"", "a string", in: "session.resolved"),
            FieldCase("rating", "0", "too small", in: "feedback"),
            FieldCase("rating", "6", "too great", in: "feedback"),
            FieldCase("rating", "4.5", "a fraction", in: "feedback"),
            FieldCase("rating", "\"5\"", "a number in a string", in: "feedback"),
            FieldCase("rating", "\"UP\"", "upper case", in: "feedback"),
            FieldCase("rating", "true", "a boolean", in: "feedback"),
            .quoted("code", "", "empty", in: "error"),
            .quoted("code", "a b", "a space", in: "error"),
            .quoted("code", "a/b", "a slash", in: "error"),
            .quoted("code", "a@b", "a sign beside the letters", in: "error"),
            .quoted("code", "a[b", "a bracket beside the letters", in: "error"),
            .quoted("code", String(repeating: "c", count: 65), "65 bytes", in: "error"),
            FieldCase("code", "404", "a number", in: "error"),
            FieldCase("user_id", "\"x\"", "optional here, checked all the same", in: "error"),
            FieldCase("session_id", "1", "optional here, checked all the same", in: "error"),
        ]
}

@Suite struct RejectionTests {
    @Test(arguments: FieldCase.valid)
    func `a valid value is accepted`(row: FieldCase) {
        let outcome = decodeLine(row.line)
        #expect(outcome?.event != nil, "\(row.reason): \(outcome?.description ?? "no line")")
    }

    @Test(arguments: FieldCase.invalid)
    func `an invalid value is rejected with its field`(row: FieldCase) {
        #expect(decodeLine(row.line)?.description == "invalid_field \(row.field)", "\(row.reason)")
    }

    @Test(arguments: [
        ("message", ["bot_id", "user_id", "session_id", "timestamp", "role"]),
        ("session.transferred", ["bot_id", "user_id", "session_id", "timestamp"]),
        ("session.resolved", ["bot_id", "user_id", "session_id", "timestamp"]),
        ("session.ended", ["bot_id", "user_id", "session_id", "timestamp"]),
        ("feedback", ["bot_id", "user_id", "session_id", "timestamp", "rating"]),
        ("survey.offered", ["bot_id", "user_id", "session_id", "timestamp"]),
        ("error", ["bot_id", "timestamp"]),
    ])
    func `a required field must be there`(type: String, fields: [String]) {
        for field in ["bot_id", "user_id", "session_id", "timestamp", "role", "rating"] {
            for absence in [nil, "null"] {
                let outcome = decodeLine(text(type, [field: absence]))
                if fields.contains(field) {
                    #expect(outcome?.description == "missing_field \(field)")
                } else {
                    #expect(outcome?.event != nil, "\(field) is optional for \(type)")
                }
            }
        }
    }

    @Test(arguments: [
        ("{}", "missing_field type", "type comes first"),
        (#"{"type":null,"bot_id":1}"#, "missing_field type", "null is missing"),
        (#"{"type":"","bot_id":1}"#, "unknown_type type", "an unknown type before any field"),
        (#"{"type":"Message"}"#, "unknown_type type", "types are case-sensitive"),
        (#"{"type":"message "}"#, "unknown_type type", "types are exact"),
        (#"{"type":7}"#, "invalid_field type", "a type must be a string"),
        (#"{"type":["message"]}"#, "invalid_field type", "a type must be a string"),
        (#"{"type":"nonsense","x":tru}"#, "invalid_json", "the whole line is read before its type"),
        (#"{"type":"nonsense"} x"#, "invalid_json", "to its very end"),
        (
            #"{"type":"message","user_id":1,"timestamp":[],"channel":""}"#, "missing_field bot_id",
            "a missing field before every invalid one"
        ),
    ])
    func `the first reason that applies is given`(line: String, expected: String, reason: String) {
        #expect(decodeLine(line)?.description == expected, "\(reason)")
    }

    @Test(arguments: ["message", "session.resolved", "feedback", "error"])
    func `missing fields are named in their order`(type: String) {
        let order = ["bot_id", "user_id", "session_id", "timestamp", "role", "rating"].filter {
            switch $0 {
            case "user_id", "session_id": type != "error"
            case "role": type == "message"
            case "rating": type == "feedback"
            default: true
            }
        }
        for (index, field) in order.enumerated() {
            // Everything from this field on is missing, all before it is invalid but there.
            let members = order[..<index].map { ",\"\($0)\":{}" }.joined()
            let line = "{\"type\":\"\(type)\"\(members)}"
            #expect(decodeLine(line)?.description == "missing_field \(field)")
        }
    }

    @Test(arguments: ["message", "session.resolved", "feedback", "error"])
    func `invalid fields are named in their order`(type: String) {
        let order = [
            "bot_id", "user_id", "session_id", "timestamp", "channel", "id", "role", "response_ms",
            "tokens", "confirmed", "rating", "code",
        ].filter {
            switch $0 {
            case "role", "response_ms", "tokens": type == "message"
            case "confirmed": type == "session.resolved"
            case "rating": type == "feedback"
            case "code": type == "error"
            default: true
            }
        }
        for (index, field) in order.enumerated() {
            // Written in the reverse order, so that the order in the line cannot decide.
            let broken = order[index...].reversed().map { ",\"\($0)\":{}" }.joined()
            let line = text(type).dropLast() + broken + "}"
            #expect(decodeLine(String(line))?.description == "invalid_field \(field)")
        }
    }

    @Test func `a rejected line keeps nothing of its values`() {
        let decoder = EventDecoder()
        _ = decode(Array(text("feedback", ["rating": "9"]).utf8), by: decoder)
        let line = decoder[0]
        #expect(line.bot_high == 0)
        #expect(line.user_low == 0)
        #expect(line.timestamp_ms == 0)
        #expect(line.flags == 0)
        #expect(line.channel_length == 0)
    }
}
