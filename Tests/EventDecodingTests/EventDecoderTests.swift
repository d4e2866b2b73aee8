import CEventDecoder
import Core
import EventDecoding
import Testing

@Suite struct EventDecoderTests {
    @Test func `a message carries every field`() throws {
        let line = text(
            "message",
            [
                "channel": "\"whatsapp\"", "role": "\"assistant\"", "response_ms": "850",
                "tokens": "4294967294", "id": "\"\(userID)\"", "content": "\"ignored\"",
            ]
        )
        let event = try #require(decodeLine(line)?.event)
        #expect(event.kind == .assistant)
        #expect(event.timestamp == 1_736_172_000_123)
        #expect(event.bot == UUID128(botID))
        #expect(event.bot.high == 0x0A1B_2C3D_4E5F_6071)
        #expect(event.bot.low == 0x8293_A4B5_C6D7_E8F9)
        #expect(event.hasUser)
        #expect(event.user == UUID128(userID))
        #expect(event.session == UUID128(sessionID))
        #expect(event.channel == ChannelToken("whatsapp"))
        #expect(event.responseMilliseconds == 850)
        #expect(event.tokens == 4_294_967_294)
        #expect(event.detail == 0)
    }

    @Test func `an absent optional field has its default`() throws {
        let event = try #require(decodeLine(text("message"))?.event)
        #expect(event.channel == ChannelToken("web"))
        #expect(event.responseMilliseconds == EventRecord.absent)
        #expect(event.tokens == EventRecord.absent)
        let resolved = try #require(decodeLine(text("session.resolved"))?.event)
        #expect(resolved.detail == 0)
    }

    @Test(arguments: [
        ("\"user\"", EventKind.incoming), ("\"assistant\"", .assistant), ("\"agent\"", .agent),
        ("\"system\"", .uncounted), ("\"tool\"", .uncounted), ("1", .incoming), ("2", .assistant),
        ("3", .uncounted), ("4", .uncounted), ("9", .uncounted), ("10", .uncounted),
    ])
    func `a role decides the kind of a message`(role: String, kind: EventKind) throws {
        let event = try #require(decodeLine(text("message", ["role": role]))?.event)
        #expect(event.kind == kind)
    }

    @Test(arguments: [
        ("session.transferred", EventKind.transferred), ("session.resolved", .resolved),
        ("session.ended", .ended), ("feedback", .feedback), ("survey.offered", .surveyOffered),
        ("error", .error),
    ])
    func `a type decides the kind of any other event`(type: String, kind: EventKind) throws {
        let event = try #require(decodeLine(text(type))?.event)
        #expect(event.kind == kind)
    }

    @Test(arguments: [
        ("\"down\"", Rating.down), ("\"up\"", .up), ("1", .one), ("2", .two), ("3", .three),
        ("4", .four), ("5", .five),
    ])
    func `a rating is the raw value of Rating`(rating: String, expected: Rating) throws {
        let event = try #require(decodeLine(text("feedback", ["rating": rating]))?.event)
        #expect(event.detail == expected.rawValue)
    }

    @Test func `a confirmed resolution is marked`() throws {
        let confirmed = text("session.resolved", ["confirmed": "true"])
        #expect(decodeLine(confirmed)?.event?.detail == 1)
        let unconfirmed = text("session.resolved", ["confirmed": "false"])
        #expect(decodeLine(unconfirmed)?.event?.detail == 0)
    }

    @Test func `an error may be without user and session`() throws {
        let line = text("error", ["user_id": nil, "session_id": "null", "code": "\"llm.timeout\""])
        let event = try #require(decodeLine(line)?.event)
        #expect(!event.hasUser)
        #expect(event.user == .zero)
        #expect(event.session == .zero)
        let full = try #require(decodeLine(text("error"))?.event)
        #expect(full.hasUser)
        #expect(full.session == UUID128(sessionID))
    }

    @Test func `flags tell which optional identities were given`() {
        let decoder = EventDecoder()
        let body = [
            text("error", ["user_id": nil, "session_id": nil]),
            text("session.resolved", ["id": "\"\(botID)\"", "confirmed": "true"]),
        ]
        _ = decode(Array(body.joined(separator: "\n").utf8), by: decoder)
        #expect(decoder[0].flags == 0)
        let all =
            BOTSTATS_HAS_USER | BOTSTATS_HAS_SESSION | BOTSTATS_HAS_ID | BOTSTATS_CONFIRMED
        #expect(Int(decoder[1].flags) == Int(all))
    }

    @Test(arguments: [
        (#"{"type":"mess\u0061ge"}"#, "missing_field bot_id", "an escaped value is the same text"),
        (#"{"\u0074ype":"message"}"#, "missing_field bot_id", "an escaped name is the same name"),
        (#"{"type\"":"message"}"#, "missing_field type", "an escaped quote is part of the name"),
        (#"{"typ\u0065\u0000":"message"}"#, "missing_field type", "so is an escaped NUL"),
        (#"{"type":"x","type":"message"}"#, "missing_field bot_id", "the last of two counts"),
        (#"{"type":"message","type":null}"#, "missing_field type", "even where it is null"),
        (#"{"type":"message","t\u0079pe":"x"}"#, "unknown_type type", "or escaped"),
        (#" { "type" : "message" }  "#, "missing_field bot_id", "spaces may surround everything"),
        ("\t{\t\"type\"\t:\t\"message\"\t}\t\r", "missing_field bot_id", "so may tabs"),
        (#"{"Type":"message"}"#, "missing_field type", "names are case-sensitive"),
        (#"{"typ":"message","types":"message"}"#, "missing_field type", "names are whole"),
        (#"{"":"","type":"message"}"#, "missing_field bot_id", "a name may be empty"),
    ])
    func `names and values are read as JSON says`(line: String, expected: String, reason: String) {
        #expect(decodeLine(line)?.description == expected, "\(reason)")
    }

    @Test func `a UUID and a time stamp may be written with escapes`() throws {
        let plain = try #require(
            decodeLine(text("message", ["timestamp": "\"2025-01-06T14:00:00Z\""]))
        )
        let escaped = text(
            "message",
            [
                "timestamp": #""2025-01-06T14\u003a00:00\u005A""#,
                "bot_id": "\"\\u0030" + botID.dropFirst() + "\"",
                "user_id": "\"" + userID.dropLast() + "\\u0035\"",
                "note": #""\ud83d\ude00 \u00e9 \/ \b\f\n\r\t \\ \"""#,
            ]
        )
        #expect(decodeLine(escaped)?.description == plain.description)
    }

    @Test func `a UUID may be in upper case`() {
        let line = text("message", ["bot_id": "\"\(botID.uppercased())\""])
        #expect(decodeLine(line)?.event?.bot == UUID128(botID))
    }

    @Test func `the raw numbers of C and Swift agree`() {
        #expect(RejectionCode.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6])
        #expect(Int(RejectionCode.invalidJSON.rawValue) == Int(BOTSTATS_INVALID_JSON))
        #expect(Int(RejectionCode.missingField.rawValue) == Int(BOTSTATS_MISSING_FIELD))
        #expect(Int(RejectionCode.unknownType.rawValue) == Int(BOTSTATS_UNKNOWN_TYPE))
        #expect(Int(RejectionCode.invalidField.rawValue) == Int(BOTSTATS_INVALID_FIELD))
        #expect(EventField.allCases.map(\.rawValue) == Array(1...13))
        #expect(Int(EventField.code.rawValue) == Int(BOTSTATS_FIELD_CODE))
        #expect(MemoryLayout<botstats_event>.size == 104)
    }

    @Test func `every rejection has a sentence that names its field`() {
        for code in RejectionCode.allCases {
            #expect(!Rejection(code: code, field: nil).message.isEmpty)
        }
        for field in EventField.allCases {
            for code in [RejectionCode.missingField, .invalidField] {
                let message = Rejection(code: code, field: field).message
                #expect(message.hasPrefix(field.name + " "))
                #expect(message.contains("must"))
            }
        }
    }
}
