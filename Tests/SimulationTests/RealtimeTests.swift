import JSON
import Testing

@testable import Simulation

struct RealtimeTests {
    /// What happened around noon, which is now.
    ///
    /// s1 is active on two channels, s2 was ended, s3 went on after its end, s4 is too old, s5
    /// lies ahead.
    private let events = [
        message(.user, "s1", "2025-01-06T11:30:00.000Z"),
        message(.assistant, "s1", "2025-01-06T11:59:00.000Z", channel: "sms"),
        message(.user, "s2", "2025-01-06T11:50:00Z", user: "u2"),
        event(.ended, "s2", "2025-01-06T11:50:00Z"),
        event(.resolved, "s3", "2025-01-06T11:54:59Z"),
        message(.user, "s3", "2025-01-06T11:55:00Z", user: "u3", bot: "b1"),
        message(.user, "s4", "2025-01-06T11:29:59.999Z", user: "u4"),
        message(.user, "s5", "2025-01-06T12:00:00.000Z", user: "u5"),
        event(.ended, "s1", "2025-01-06T12:00:30Z"),
    ]
    private let now = "2025-01-06T12:00:00Z"

    private func realtime(_ parameters: [String: String] = [:]) throws -> JSONValue {
        try answer(events, "realtime", parameters, now: now)
    }

    @Test func `realtime counts the window before now`() throws {
        let answer = try realtime()
        #expect(answer.at("active_sessions") == 2)
        #expect(answer.at("active_sessions_5m") == 2)
        #expect(answer.at("active_users") == 3, "u1, u2 and u3")
        #expect(answer.at("active_users_5m") == 1)
        #expect(answer.at("messages_per_minute") == 1)
        #expect(answer.at("incoming_per_minute") == 0)
        #expect(answer.at("outgoing_per_minute") == 1)
        #expect(answer.at("messages_per_minute_avg_5m") == 0.4)
        #expect(answer.at("lag_seconds") == 60.0)
        #expect(answer.at("window_minutes") == 30)
    }

    @Test func `the series ends with the running minute`() throws {
        let series = try realtime().at("series")
        #expect(series?.arrayValue?.count == 30)
        #expect(
            series?.at("0")
                == ["start": "2025-01-06T11:30:00+00:00", "messages": 1, "complete": true]
        )
        #expect(
            series?.at("29")
                == ["start": "2025-01-06T11:59:00+00:00", "messages": 1, "complete": true]
        )
        let later = try answer(events, "realtime", now: "2025-01-06T12:00:01Z")
        #expect(
            later.at("series.29")
                == ["start": "2025-01-06T12:00:00+00:00", "messages": 1, "complete": false]
        )
    }

    @Test func `a shorter window narrows sessions, users and series`() throws {
        let answer = try realtime(["window_minutes": "5"])
        #expect(answer.at("active_sessions") == 2)
        #expect(answer.at("active_users") == 1)
        #expect(answer.at("series")?.arrayValue?.count == 5)
        #expect(throws: ModelError.self) { try realtime(["window_minutes": "61"]) }
        #expect(throws: ModelError.self) { try realtime(["days": "1"]) }
    }

    @Test func `a channel counts the sessions with a message in it`() throws {
        #expect(try realtime(["channel": "sms"]).at("active_sessions") == 1)
        #expect(try realtime(["channel": "sms"]).at("active_users") == 0)
        let active = try answer(events, "realtime.active", now: now)
        #expect(active.at("active_sessions") == 2)
        #expect(active.at("by_bot") == [["bot_id": "b1", "active_sessions": 2]])
        #expect(
            active.at("by_channel") == [
                ["channel": "web", "active_sessions": 2],
                ["channel": "sms", "active_sessions": 1],
            ]
        )
    }

    @Test func `without events the lag is unknown`() throws {
        #expect(try answer([], "realtime", now: now).at("lag_seconds") == .null)
    }
}
