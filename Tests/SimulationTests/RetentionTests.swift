import JSON
import Testing

@testable import Simulation

struct RetentionTests {
    /// Weeks begin on Mondays: 6, 13, 20 and 27 January 2025.
    private let events = [
        message(.user, "a", "2025-01-06T10:00:00Z", user: "u1"),
        message(.user, "b", "2025-01-07T10:00:00Z", user: "u2"),
        message(.user, "c", "2025-01-13T10:00:00Z", user: "u1"),
        message(.user, "d", "2025-01-14T10:00:00Z", user: "u3"),
        message(.user, "e", "2025-01-21T10:00:00Z", user: "u2"),
        message(.user, "f", "2025-01-28T10:00:00Z", user: "u1"),
        message(.user, "g", "2025-01-28T10:00:00Z", user: "u3", channel: "sms"),
    ]
    private let range = ["start_date": "2025-01-06", "end_date": "2025-01-26", "periods": "3"]
    private let now = "2025-01-29T12:00:00Z"

    private func retention(_ more: [String: String] = [:]) throws -> JSONValue {
        let parameters = range.merging(more) { $1 }
        return try answer(events, "engagement.retention", parameters, now: now)
    }

    @Test func `cohorts are followed week by week, beyond the range's end`() throws {
        let answer = try retention()
        #expect(
            answer.at("data") == [
                [
                    "cohort": "2025-01-06", "users": 2, "counts": [2, 1, 1, 1],
                    "rates": [1.0, 0.5, 0.5, 0.5],
                ],
                [
                    "cohort": "2025-01-13", "users": 1, "counts": [1, 0, 1, nil],
                    "rates": [1.0, 0.0, 1.0, nil],
                ],
                [
                    "cohort": "2025-01-20", "users": 0, "counts": [0, 0, nil, nil],
                    "rates": [nil, nil, nil, nil],
                ],
            ]
        )
        #expect(
            answer.at("partial") == [
                ["cohort": "2025-01-06", "period": 3], ["cohort": "2025-01-13", "period": 2],
                ["cohort": "2025-01-20", "period": 1],
            ]
        )
        // Period 1 is complete for three users, of whom one came; period 2 for two.
        #expect(answer.at("average") == [1.0, .double(1.0 / 3.0), 0.5, nil])
        #expect(answer.at("retention_rate") == .double(1.0 / 3.0))
        #expect(answer.at("meta.group_by") == "week")
    }

    @Test func `on or after counts whoever came back later as well`() throws {
        let answer = try retention(["criteria": "on_or_after"])
        #expect(answer.at("data.0.counts") == [2, 2, 2, 1])
        #expect(answer.at("data.1.counts") == [1, 1, 1, nil])
    }

    @Test func `brackets count users active in any of their periods`() throws {
        let answer = try retention(["criteria": "bracket", "brackets": "1-2,3"])
        #expect(answer.at("data.0.counts") == [2, 2, 1])
        #expect(answer.at("data.1.counts") == [1, 1, nil])
        #expect(
            answer.at("partial") == [
                ["cohort": "2025-01-06", "period": 2], ["cohort": "2025-01-13", "period": 1],
                ["cohort": "2025-01-20", "period": 1],
            ]
        )
        #expect(answer.at("average") == [1.0, 1.0, nil])
    }

    @Test func `under a filter a cohort is the bucket's new users there`() throws {
        let bySMS = try retention(["channel": "sms"])
        #expect(bySMS.at("data")?.each("users") == [0, 0, 0], "first seen on the web")
        let byUser = try retention(["user_id": "u1"])
        #expect(byUser.at("data")?.each("users") == [1, 0, 0])
        #expect(byUser.at("data.0.counts") == [1, 1, 0, 1])
    }

    @Test func `a running cohort is partial itself`() throws {
        let answer = try retention(["end_date": "2025-02-28", "periods": "1"])
        #expect(
            answer.at("data")?.each("cohort")
                == ["2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27"],
            "weeks that have not begun are left out"
        )
        #expect(
            answer.at("partial") == [
                ["cohort": "2025-01-20", "period": 1], ["cohort": "2025-01-27", "period": 0],
            ]
        )
        #expect(answer.at("data.3.counts") == [0, nil])
    }

    @Test func `a period that ends with the running second is complete`() throws {
        let partial = try answer(
            events,
            "engagement.retention",
            range,
            now: "2025-01-27T00:00:00Z"
        )
        .at("partial")
        #expect(partial == [])
    }

    @Test func `months and days are periods too`() throws {
        let byDay = try retention(["group_by": "day", "periods": "7"])
        #expect(byDay.at("data.0.counts") == [1, 0, 0, 0, 0, 0, 0, 1])
        let byMonth = try retention(["group_by": "month", "periods": "1"])
        #expect(
            byMonth.at("data") == [
                ["cohort": "2025-01", "users": 3, "counts": [3, nil], "rates": [1.0, nil]]
            ]
        )
    }
}
