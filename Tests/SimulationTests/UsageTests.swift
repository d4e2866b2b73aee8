import JSON
import Testing

@testable import Simulation

struct UsageTests {
    /// Three conversations on Monday 6 January and one on Sunday the 5th.
    private let events = [
        message(.user, "s0", "2025-01-05T09:00:00Z", user: "u1"),
        message(.user, "s1", "2025-01-06T10:00:00Z", user: "u1"),
        message(.assistant, "s1", "2025-01-06T10:00:05Z", user: "u1", tokens: 10),
        message(.agent, "s1", "2025-01-06T10:01:00Z", user: "u1"),
        message(.system, "s1", "2025-01-06T10:02:00Z", user: "u1", tokens: 99),
        message(.user, "s1", "2025-01-06T10:40:01Z", user: "u1"),
        message(.assistant, "s2", "2025-01-06T10:05:00Z", user: "u3"),
        message(.user, "s2", "2025-01-06T10:06:00Z", user: "u2", channel: "sms", tokens: 5),
        ModelEvent(
            kind: .error,
            botID: "b1",
            userID: nil,
            sessionID: nil,
            timestamp: at("2025-01-06T11:00:00Z")
        ),
    ]

    @Test func `usage counts what lies in the range`() throws {
        #expect(
            try answer(events, "usage", ["days": "1"]) == [
                "total_conversations": 3, "engaged_conversations": 3, "active_users": 2,
                "new_users": 1, "returning_users": 1, "total_messages": 6,
                "incoming_messages": 3, "outgoing_messages": 3,
                "messages_per_conversation": 2.0, "conversations_per_user": 1.5,
                "total_tokens": 15, "errors": 1,
                "meta": [
                    "timezone": "UTC", "start": "2025-01-06T00:00:00+00:00",
                    "end": "2025-01-07T00:00:00+00:00", "non_additive": [],
                ],
            ]
        )
    }

    @Test func `nothing gives zeros, and null where a denominator is zero`() throws {
        let answer = try answer([], "usage")
        #expect(answer.at("total_conversations") == 0)
        #expect(answer.at("messages_per_conversation") == .null)
        #expect(answer.at("conversations_per_user") == .null)
        #expect(answer.at("total_tokens") == .null)
    }

    @Test func `errors without a user are outside a user filter`() throws {
        #expect(try answer(events, "usage", ["user_id": "u1"]).at("errors") == 0)
        #expect(try answer(events, "usage", ["channel": "web"]).at("errors") == 1)
        #expect(try answer(events, "usage", ["channel": "sms"]).at("errors") == 0)
    }

    @Test func `first ever looks at every channel but only at the bots asked about`() throws {
        let events =
            events + [
                message(.user, "s3", "2025-01-06T12:00:00Z", user: "u1", channel: "sms"),
                message(.user, "s4", "2025-01-06T12:00:00Z", user: "u1", bot: "b2"),
            ]
        let bySMS = try answer(events, "usage", ["days": "1", "channel": "sms"])
        #expect(bySMS.at("active_users") == 2)
        #expect(bySMS.at("new_users") == 1, "u1 was first seen on another channel on Sunday")
        let byBot = try answer(events, "usage", ["days": "1", "bot_id": "b2"])
        #expect(byBot.at("new_users") == 1, "u1 is new to b2")
    }

    @Test func `messages lie in their own bucket, conversations in that of their start`() throws {
        let events = [
            message(.user, "s1", "2025-01-05T23:59:00Z"),
            message(.assistant, "s1", "2025-01-06T00:01:00Z"),
        ]
        let answer = try answer(events, "usage.daily", ["days": "2"])
        #expect(answer.at("data")?.each("date") == ["2025-01-05", "2025-01-06"])
        #expect(answer.at("data")?.each("conversations") == [1, 0])
        #expect(answer.at("data")?.each("messages") == [1, 1])
        #expect(answer.at("data")?.each("active_users") == [1, 0])
        #expect(answer.at("data")?.each("complete") == [true, false])
        #expect(answer.at("totals.messages") == 2)
    }

    @Test func `active users of rows do not add up, new users do`() throws {
        let answer = try answer(events, "usage.daily", ["days": "2"])
        #expect(answer.at("data")?.each("active_users") == [1, 2])
        #expect(answer.at("totals.active_users") == 2)
        #expect(answer.at("data")?.each("new_users") == [1, 1])
        #expect(answer.at("totals.new_users") == 2)
        #expect(answer.at("meta.non_additive") == ["active_users"])
        #expect(answer.at("meta.group_by") == "day")
    }

    @Test func `usage by month covers the last twelve months`() throws {
        let answer = try answer(events, "usage.monthly")
        let labels = answer.at("data")?.each("date") ?? []
        #expect(labels.count == 12)
        #expect(labels.first == "2024-02")
        #expect(labels.last == "2025-01")
        #expect(answer.at("data.11.conversations") == 4)
        #expect(answer.at("data.11.complete") == false)
    }

    @Test func `an event a little ahead of now counts`() throws {
        let events = [message(.user, "s1", "2025-01-06T23:04:00Z")]
        #expect(try answer(events, "usage").at("total_messages") == 1)
    }

    @Test func `a credential's bots are all the bots there are`() throws {
        let model = ReferenceModel(
            events: events,
            sessionTimeoutSeconds: 1_800,
            defaultTimezone: "UTC"
        )
        let now = at("2025-01-06T23:00:00Z")
        let none = try model.answer(method: "usage", parameters: [:], now: now, bots: [])
        #expect(none.at("total_messages") == 0)
        let one = try model.answer(method: "usage", parameters: [:], now: now, bots: ["b1"])
        #expect(one.at("total_messages") == 7)
    }

    @Test func `compare gives the previous numbers and the change`() throws {
        let answer = try answer(
            events,
            "usage",
            ["days": "1", "compare": "previous_period"],
            now: "2025-01-06T12:00:00Z"
        )
        #expect(answer.at("previous.total_conversations") == 1)
        #expect(answer.at("change.total_conversations") == 2.0)
        #expect(answer.at("previous.total_tokens") == .null)
        #expect(answer.at("change.total_tokens") == .null)
        #expect(answer.at("previous.errors") == 0)
        #expect(answer.at("change.errors") == .null)
        #expect(answer.at("change.new_users") == 0.0)
    }

    @Test func `rows compare their totals`() throws {
        let parameters = ["days": "1", "compare": "previous_period"]
        let answer = try answer(events, "usage.daily", parameters)
        #expect(answer.at("previous.messages") == 1)
        #expect(answer.at("change.messages") == 5.0)
        #expect(answer.at("previous.data") == nil)
    }
}
