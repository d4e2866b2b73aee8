import JSON
import Testing

@testable import Simulation

struct ConversationFigureTests {
    /// Conversations of 0, 10, 90 and 1,800 seconds, and one of 60 seconds that is open.
    private let events = [
        message(.user, "s1", "2025-01-06T10:00:00Z"),
        message(.user, "s2", "2025-01-06T10:20:00Z", user: "u2", channel: "sms"),
        message(.assistant, "s2", "2025-01-06T10:20:10Z", user: "u2", channel: "sms"),
        message(.assistant, "s3", "2025-01-06T11:00:00Z", bot: "b2"),
        message(.user, "s3", "2025-01-06T11:00:30Z", bot: "b2"),
        message(.user, "s3", "2025-01-06T11:00:40Z", bot: "b2"),
        message(.agent, "s3", "2025-01-06T11:01:30Z", bot: "b2", responseMilliseconds: 7_000),
        message(.assistant, "s4", "2025-01-06T12:00:00Z"),
        message(.assistant, "s4", "2025-01-06T12:30:00Z"),
        message(.user, "s5", "2025-01-06T22:40:00Z"),
        message(.assistant, "s5", "2025-01-06T22:41:00Z"),
    ]

    @Test func `conversations gathers the figures of its endpoints`() throws {
        let answer = try answer(events, "conversations", ["days": "1"])
        #expect(answer.at("total_conversations") == 5)
        #expect(answer.at("engaged_conversations") == 4)
        #expect(answer.at("open_conversations") == 1)
        #expect(answer.at("engagement_rate") == 0.8)
        #expect(answer.at("single_message_rate") == 0.75)
        #expect(answer.at("avg_messages_per_conversation") == 2.2)
        #expect(answer.at("avg_duration_seconds") == 475.0)
        #expect(answer.at("median_duration_seconds") == 10.0)
        #expect(answer.at("avg_first_response_seconds") == 35.0)
        #expect(answer.at("resolution_rate") == .null)
        #expect(answer.at("csat_score") == .null)
    }

    @Test func `durations are those of closed conversations`() throws {
        let answer = try answer(events, "conversations.duration", ["days": "1"])
        #expect(answer.at("avg_duration_seconds") == 475.0)
        #expect(answer.at("min_duration_seconds") == 0.0)
        #expect(answer.at("max_duration_seconds") == 1_800.0)
        #expect(
            answer.at("percentiles") == [
                "p50": 10.0, "p75": 90.0, "p90": 1_800.0, "p95": 1_800.0, "p99": 1_800.0,
            ]
        )
        #expect(answer.at("measured_conversations") == 4)
        #expect(answer.at("open_conversations") == 1)
        #expect(
            answer.at("histogram")?.each("conversations") == [1, 1, 0, 1, 0, 0, 1, 0],
            "an edge belongs to the bin that begins with it"
        )
        #expect(answer.at("histogram.7.to_seconds") == .null)
        #expect(answer.at("histogram")?.each("from_seconds").last == 3_600)
    }

    @Test func `first response ignores response_ms, response takes it`() throws {
        let answer = try answer(events, "conversations.duration", ["days": "1"])
        // s2: 10 s. s3: asked at 11:00:30, answered at 11:01:30, which carries 7 s.
        #expect(
            answer.at("first_response_seconds") == [
                "avg": 35.0, "p50": 10.0, "p90": 60.0, "p95": 60.0, "count": 2,
            ]
        )
        #expect(
            answer.at("response_seconds") == [
                "avg": 8.5, "p50": 7.0, "p90": 10.0, "p95": 10.0, "count": 2,
            ]
        )
    }

    @Test func `each run of incoming messages has one response`() {
        let conversation = ModelConversation.cut(
            [
                message(.user, "s1", "2025-01-06T10:00:00Z"),
                message(.user, "s1", "2025-01-06T10:00:10Z"),
                message(.assistant, "s1", "2025-01-06T10:00:15Z"),
                message(.agent, "s1", "2025-01-06T10:00:20Z", responseMilliseconds: 1),
                message(.user, "s1", "2025-01-06T10:01:00Z"),
                message(.assistant, "s1", "2025-01-06T10:01:05Z", responseMilliseconds: 900),
                message(.user, "s1", "2025-01-06T10:02:00Z"),
            ],
            timeout: 1_800_000
        )
        #expect(conversation.first?.responses == [15_000, 900])
        #expect(conversation.first?.firstResponse == 15_000)
    }

    @Test func `duration rows hold the closed conversations started in them`() throws {
        let answer = try answer(events, "conversations.duration", ["days": "1"])
        let rows = answer.at("data")
        #expect(rows?.arrayValue?.count == 23, "the hour that begins now is not there")
        #expect(rows?.at("10.conversations") == 2)
        #expect(rows?.at("10.avg_duration_seconds") == 5.0)
        #expect(rows?.at("10.p50") == 0.0)
        #expect(rows?.at("10.p95") == 10.0)
        #expect(rows?.at("13.avg_duration_seconds") == .null)
        #expect(rows?.at("22.conversations") == 0, "s5 is open")
    }

    @Test func `volume has rows, totals, channels and bots`() throws {
        let answer = try answer(events, "conversations.volume", ["days": "1", "group_by": "day"])
        #expect(
            answer.at("data") == [
                [
                    "date": "2025-01-06", "start": "2025-01-06T00:00:00+00:00",
                    "complete": false, "conversations": 5, "engaged_conversations": 4,
                    "messages": 11, "incoming_messages": 5, "outgoing_messages": 6,
                ]
            ]
        )
        #expect(answer.at("totals.conversations") == 5)
        #expect(
            answer.at("by_channel") == [
                ["channel": "web", "conversations": 4, "messages": 9],
                ["channel": "sms", "conversations": 1, "messages": 2],
            ]
        )
        #expect(
            answer.at("by_bot") == [
                ["bot_id": "b1", "conversations": 4, "messages": 7],
                ["bot_id": "b2", "conversations": 1, "messages": 4],
            ]
        )
    }

    @Test func `the peak is the busiest hour, the earliest of several`() throws {
        let peak = try answer(events, "conversations.volume", ["days": "1"]).at("peak")
        #expect(peak == ["start": "2025-01-06T10:00:00+00:00", "conversations": 2])
        let tie =
            events + [
                message(.user, "s6", "2025-01-06T09:59:00Z"),
                message(.user, "s7", "2025-01-06T09:00:00Z"),
            ]
        let earlier = try answer(tie, "conversations.volume", ["days": "1"]).at("peak")
        #expect(earlier == ["start": "2025-01-06T09:00:00+00:00", "conversations": 2])
        #expect(try answer([], "conversations.volume").at("peak") == .null)
    }

    @Test func `the peak is a local hour`() throws {
        let events = [message(.user, "s1", "2025-01-06T10:10:00Z")]
        let answer = try answer(events, "conversations.volume", timezone: "Asia/Kathmandu")
        #expect(answer.at("peak.start") == "2025-01-06T15:00:00+05:45")
    }

    @Test func `bots with as many conversations are listed by name, the first hundred`() throws {
        let events = (0..<120).map { index in
            let id = "b\(padded(119 - index, 3))"
            return message(.user, "s\(index)", "2025-01-06T10:00:00Z", bot: id)
        }
        let bots = try answer(events, "conversations.volume").at("by_bot")?.each("bot_id")
        #expect(bots?.count == 100)
        #expect(bots?.first == "b000")
        #expect(bots?.last == "b099")
    }

    @Test(
        arguments: [(50, 3), (75, 4), (90, 5), (20, 1), (21, 2)]
    )
    func `a percentile is the value of rank ceil(p·n)`(percent: Int, seconds: Int64) {
        let values: [Int64] = [5_000, 1_000, 4_000, 2_000, 3_000]
        #expect(ModelNumber.percentile(percent, values) == .double(Double(seconds)))
    }
}
