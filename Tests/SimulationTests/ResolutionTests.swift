import JSON
import Testing

@testable import Simulation

struct ResolutionTests {
    /// One conversation of each outcome for bot b1, at ten-minute distances from 10:00.
    private let events = [
        message(.user, "unknown", "2025-01-06T09:59:59Z"),
        message(.user, "escalated", "2025-01-06T10:00:00Z"),
        event(.transferred, "escalated", "2025-01-06T10:00:00Z"),
        event(.resolved, "escalated", "2025-01-06T10:01:00Z", confirmed: true),
        message(.user, "confirmed", "2025-01-06T10:10:00Z"),
        event(.resolved, "confirmed", "2025-01-06T10:11:00Z", confirmed: true),
        event(.resolved, "confirmed", "2025-01-06T10:12:00Z"),
        message(.user, "assumed", "2025-01-06T10:20:00Z"),
        event(.resolved, "assumed", "2025-01-06T10:21:00Z"),
        message(.user, "abandoned", "2025-01-06T10:30:00Z"),
        event(.ended, "abandoned", "2025-01-06T10:31:00Z"),
        message(.assistant, "not engaged", "2025-01-06T10:40:00Z"),
        event(.resolved, "not engaged", "2025-01-06T10:41:00Z"),
        message(.user, "open", "2025-01-06T22:50:00Z"),
    ]

    @Test func `each engaged, closed conversation has the first outcome that applies`() throws {
        let answer = try answer(events, "conversations.resolution", ["days": "1"])
        #expect(
            answer.at("outcomes") == [
                "escalated": 1, "resolved_confirmed": 1, "resolved_assumed": 1, "abandoned": 1,
                "unknown": 1, "open": 1,
            ]
        )
        #expect(answer.at("resolution_rate") == 0.5)
        #expect(answer.at("confirmed_resolution_rate") == 0.25)
        #expect(answer.at("escalation_rate") == 0.25)
        #expect(answer.at("abandonment_rate") == 0.25)
        #expect(answer.at("containment_rate") == 0.75)
        #expect(answer.at("outcome_coverage") == 0.8)
        #expect(answer.at("data.10.resolved") == 2)
        #expect(answer.at("data.10.escalated") == 1)
        #expect(answer.at("data.10.abandoned") == 1)
        #expect(answer.at("data.10.unknown") == 0)
        #expect(answer.at("data.10.resolution_rate") == 0.5)
        #expect(answer.at("data.9.unknown") == 1)
        #expect(answer.at("data.9.resolution_rate") == .null)
    }

    @Test func `a bot that sends no outcomes has none known`() throws {
        let events = events + [message(.user, "other", "2025-01-06T12:00:00Z", bot: "b2")]
        let answer = try answer(events, "conversations.resolution", ["bot_id": "b2"])
        #expect(answer.at("outcomes.unknown") == 1)
        #expect(answer.at("outcome_coverage") == 0.0)
        #expect(answer.at("resolution_rate") == .null)
        #expect(answer.at("containment_rate") == .null)
    }

    @Test func `coverage is null only when there is nothing to cover`() throws {
        let answer = try answer([], "conversations.resolution")
        #expect(answer.at("outcome_coverage") == .null)
    }

    @Test(
        arguments: [
            ("2025-01-06T10:01:00.000Z", 0.0, "at the resolution itself"),
            ("2025-01-06T10:01:00.001Z", 1.0, "just after it"),
            ("2025-01-13T10:01:00.000Z", 1.0, "exactly seven days after it"),
            ("2025-01-13T10:01:00.001Z", 0.0, "later"),
        ]
    )
    func `an incoming message within seven days reopens`(
        time: String,
        rate: Double,
        reason: String
    ) throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            event(.resolved, "s1", "2025-01-06T09:59:00Z"),
            event(.resolved, "s1", "2025-01-06T10:01:00Z"),
            message(.user, "s1", time),
        ]
        let parameters = ["start_date": "2025-01-06", "end_date": "2025-01-06"]
        let answer = try answer(
            events,
            "conversations.resolution",
            parameters,
            now: "2025-01-20T00:00:00Z"
        )
        #expect(answer.at("reopen_rate") == .double(rate), "\(reason)")
        #expect(answer.at("durable_resolution_rate") == .double(1 - rate), "\(reason)")
    }

    @Test(
        arguments: [
            ("2025-01-13T10:59:59Z", JSONValue.null, "the running hour began at 10:00"),
            ("2025-01-13T11:00:00Z", .null, "the running second is still in that hour"),
            ("2025-01-13T11:00:01Z", 1.0, "the running hour began at 11:00"),
        ]
    )
    func `durable resolution waits for seven days and the hour`(
        now: String,
        rate: JSONValue,
        reason: String
    ) throws {
        let events = [
            message(.user, "s1", "2025-01-06T10:00:00Z"),
            event(.resolved, "s1", "2025-01-06T11:00:00Z"),
        ]
        let answer = try answer(events, "conversations.resolution", now: now)
        #expect(answer.at("reopen_rate") == 0.0)
        #expect(answer.at("durable_resolution_rate") == rate, "\(reason)")
    }

    @Test func `a transfer in another session starts the bot's time of outcomes`() throws {
        let events = [
            event(.transferred, "elsewhere", "2025-01-06T09:00:00Z"),
            message(.user, "s1", "2025-01-06T09:00:00Z"),
        ]
        let answer = try answer(events, "conversations.resolution")
        #expect(answer.at("outcomes.abandoned") == 1)
    }
}
