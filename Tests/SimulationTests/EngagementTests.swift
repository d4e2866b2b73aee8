import JSON
import Testing

@testable import Simulation

struct EngagementTests {
    /// u1 on three days, u2 on one, u3 long before.
    private let events = [
        message(.user, "a", "2024-11-01T10:00:00Z", user: "u3"),
        message(.user, "b", "2024-12-31T10:00:00Z", user: "u1"),
        message(.user, "c", "2025-01-05T10:00:00Z", user: "u1"),
        message(.user, "d", "2025-01-06T10:00:00Z", user: "u1"),
        message(.user, "d", "2025-01-06T10:00:10Z", user: "u1"),
        message(.assistant, "d", "2025-01-06T10:00:20Z", user: "u1"),
        message(.user, "e", "2025-01-06T11:00:00Z", user: "u2"),
        message(.user, "f", "2025-01-06T12:00:00Z", user: "u3"),
        message(.assistant, "g", "2025-01-06T13:00:00Z", user: "u4"),
    ]

    @Test func `engagement counts users of the range and of the days that end with it`() throws {
        let answer = try answer(events, "engagement", ["days": "2"])
        #expect(answer.at("active_users") == 3)
        #expect(answer.at("new_users") == 1)
        #expect(answer.at("returning_users") == 2)
        #expect(answer.at("dau") == 3)
        #expect(answer.at("wau") == 3)
        #expect(answer.at("mau") == 3)
        // 1 on 31 December, 1 on the 5th, 3 on the 6th, in 30 days, of 3 users.
        #expect(answer.at("stickiness") == .double(5.0 / 90.0))
        #expect(answer.at("engagement_rate") == 0.8)
        #expect(answer.at("single_message_rate") == 0.75)
        #expect(answer.at("conversations_per_user") == .double(5.0 / 3.0))
        #expect(answer.at("messages_per_user") == .double(5.0 / 3.0))
        #expect(answer.at("messages_per_conversation") == 1.4)
        #expect(answer.at("avg_duration_seconds") == 4.0)
        #expect(answer.at("meta.group_by") == "hour")
    }

    @Test func `the windows end with the range's last day, today at the latest`() throws {
        let past = ["start_date": "2024-12-01", "end_date": "2024-12-31"]
        #expect(try answer(events, "engagement", past).at("dau") == 1)
        #expect(try answer(events, "engagement", past).at("wau") == 1)
        #expect(try answer(events, "engagement", past).at("mau") == 1)
        let future = ["start_date": "2025-01-01", "end_date": "2025-02-28"]
        #expect(try answer(events, "engagement", future).at("dau") == 3)
        let exclusive = ["start_date": "2025-01-01", "end_date": "2025-01-06T00:00"]
        #expect(try answer(events, "engagement", exclusive).at("dau") == 1, "the 5th")
    }

    @Test func `a day's window is local`() throws {
        let events = [message(.user, "s1", "2025-01-06T02:00:00Z")]
        let here = try answer(events, "engagement", timezone: "America/Sao_Paulo")
        #expect(here.at("dau") == 0, "it was still the 5th there")
        #expect(here.at("wau") == 1)
    }

    @Test func `rows split users into new and returning`() throws {
        let answer = try answer(events, "engagement", ["days": "2", "group_by": "day"])
        #expect(answer.at("data")?.each("active_users") == [1, 3])
        #expect(answer.at("data")?.each("new_users") == [0, 1])
        #expect(answer.at("data")?.each("returning_users") == [1, 2])
        #expect(answer.at("meta.non_additive") == ["active_users", "returning_users"])
    }

    @Test func `with a channel filter new users of rows do not add up`() throws {
        let events = [
            message(.user, "s1", "2025-01-05T10:00:00Z", channel: "web"),
            message(.user, "s2", "2025-01-06T10:00:00Z", channel: "sms"),
        ]
        let parameters = ["days": "2", "group_by": "day", "channel": "sms"]
        let answer = try answer(events, "engagement", parameters)
        #expect(answer.at("new_users") == 1)
        #expect(answer.at("data")?.each("new_users") == [0, 0])
        #expect(
            answer.at("meta.non_additive") == ["active_users", "new_users", "returning_users"]
        )
    }
}
