import JSON
import Testing

@testable import Simulation

/// Section 5: conversation, open and closed, attaching.
struct ConversationDefinitionTests {
    @Test func `a gap of exactly the timeout stays in one conversation`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00.000Z"),
            message(.assistant, "s1", "2025-01-06T10:30:00.000Z"),
        ]
        #expect(try answer(events, "usage").at("total_conversations") == 1)
    }

    @Test func `a gap of a millisecond more than the timeout cuts`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00.000Z"),
            message(.assistant, "s1", "2025-01-06T10:30:00.001Z"),
        ]
        let answer = try answer(events, "usage")
        #expect(answer.at("total_conversations") == 2)
        #expect(answer.at("engaged_conversations") == 1)
    }

    @Test func `a late message joins two conversations`() throws {
        var events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            message(.user, "s1", "2025-01-06T10:50:00Z"),
        ]
        #expect(try answer(events, "usage").at("total_conversations") == 2)
        events.append(message(.assistant, "s1", "2025-01-06T10:25:00Z"))
        #expect(try answer(events, "usage").at("total_conversations") == 1)
    }

    @Test func `uncounted messages do not bridge a gap`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            message(.system, "s1", "2025-01-06T10:20:00Z"),
            message(.tool, "s1", "2025-01-06T10:21:00Z"),
            message(.episodic, "s1", "2025-01-06T10:22:00Z"),
            message(.compact, "s1", "2025-01-06T10:23:00Z"),
            message(.user, "s1", "2025-01-06T10:45:00Z"),
        ]
        let answer = try answer(events, "usage")
        #expect(answer.at("total_conversations") == 2)
        #expect(answer.at("total_messages") == 2)
    }

    @Test func `the end of a session does not cut`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            event(.ended, "s1", "2025-01-06T10:05:00Z"),
            event(.resolved, "s1", "2025-01-06T10:06:00Z"),
            message(.user, "s1", "2025-01-06T10:10:00Z"),
        ]
        #expect(try answer(events, "usage").at("total_conversations") == 1)
    }

    @Test func `sessions of one name belong to their bots`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z", bot: "b1"),
            message(.user, "s1", "2025-01-06T10:01:00Z", bot: "b2"),
        ]
        #expect(try answer(events, "usage").at("total_conversations") == 2)
        #expect(try answer(events, "usage", ["bot_id": "B2"]).at("total_conversations") == 1)
    }

    @Test func `ties are ordered by direction, channel, response time and user`() {
        let time = "2025-01-06T10:00:00Z"
        let ordered = [
            message(.user, "s1", time, user: "u9", channel: "web"),
            message(.assistant, "s1", time, user: "u2", channel: "sms"),
            message(.agent, "s1", time, user: "u3", channel: "sms"),
            message(.assistant, "s1", time, user: "u1", channel: "sms", responseMilliseconds: 5),
            message(.assistant, "s1", time, user: "u1", channel: "sms", responseMilliseconds: 7),
            message(.assistant, "s1", time, user: "u1", channel: "web"),
        ]
        #expect(ordered.reversed().sorted(by: ModelConversation.precedes) == ordered)
    }

    @Test func `the first message gives channel and user`() throws {
        let events = [
            message(.assistant, "s1", "2025-01-06T10:00:00Z", user: "u2", channel: "sms"),
            message(.user, "s1", "2025-01-06T10:01:00Z", user: "u1", channel: "web"),
        ]
        let bySMS = try answer(events, "usage", ["channel": "sms"])
        #expect(bySMS.at("total_conversations") == 1)
        #expect(bySMS.at("engaged_conversations") == 1)
        #expect(bySMS.at("total_messages") == 1)
        #expect(bySMS.at("messages_per_conversation") == 2.0)
        #expect(bySMS.at("active_users") == 0)
        let byWeb = try answer(events, "usage", ["channel": "web"])
        #expect(byWeb.at("total_conversations") == 0)
        #expect(byWeb.at("active_users") == 1)
        #expect(try answer(events, "usage", ["user_id": "u2"]).at("total_conversations") == 1)
        #expect(try answer(events, "usage", ["user_id": "u1"]).at("total_conversations") == 0)
    }

    @Test func `a conversation is open until now exceeds its end by the timeout`() throws {
        let events = [message(.user, "s1", "2025-01-06T10:00:00Z")]
        func open(_ now: String) throws -> JSONValue? {
            try answer(events, "conversations", now: now).at("open_conversations")
        }
        #expect(try open("2025-01-06T10:30:00Z") == 1)
        #expect(try open("2025-01-06T10:30:01Z") == 0)
    }

    @Test(
        arguments: [
            (ModelEvent.Kind.ended, "2025-01-06T10:05:00Z", 0, "at the end"),
            (.resolved, "2025-01-06T10:07:00Z", 0, "after the end"),
            (.resolved, "2025-01-06T10:04:59Z", 1, "before the end"),
            (.transferred, "2025-01-06T10:05:00Z", 1, "a transfer closes nothing"),
        ]
    )
    func `an end or resolution at or after the last message closes`(
        kind: ModelEvent.Kind,
        time: String,
        open: Int64,
        reason: String
    ) throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            message(.assistant, "s1", "2025-01-06T10:05:00Z"),
            event(kind, "s1", time),
        ]
        let answer = try answer(events, "conversations", now: "2025-01-06T10:10:00Z")
        #expect(answer.at("open_conversations") == .integer(open), "\(reason)")
    }

    @Test(
        arguments: [
            ("2025-01-06T09:29:59.999Z", [0, 0], "more than the timeout before the first"),
            ("2025-01-06T09:30:00.000Z", [1, 0], "exactly the timeout before the first"),
            ("2025-01-06T10:00:00.000Z", [1, 0], "at the first one's start"),
            ("2025-01-06T11:59:59.999Z", [1, 0], "long after the first, before the second"),
            ("2025-01-06T12:00:00.000Z", [0, 1], "at the second one's start"),
            ("2025-01-09T12:00:00.000Z", [0, 1], "days after the last"),
        ]
    )
    func `an event is attached to the latest start before it`(
        time: String,
        counts: [Int],
        reason: String
    ) {
        let rating = event(.feedback, "s1", time, rating: .stars(5))
        let messages = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            message(.user, "s1", "2025-01-06T12:00:00Z"),
        ]
        let model = ReferenceModel(
            events: [rating] + messages,
            sessionTimeoutSeconds: 1_800,
            defaultTimezone: "UTC"
        )
        #expect(model.conversations.map(\.attached.count) == counts, "\(reason)")
    }
}
