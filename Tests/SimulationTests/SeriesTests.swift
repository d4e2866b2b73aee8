import JSON
import Testing

@testable import Simulation

/// Section 4.4: the rows of a series.
struct SeriesTests {
    @Test func `a clipped week keeps its own start and is not complete`() throws {
        let events = [
            message(.user, "s1", "2025-01-07T10:00:00Z"),
            message(.user, "s2", "2025-01-08T10:00:00Z"),
        ]
        let answer = try answer(
            events,
            "conversations.volume",
            ["start_date": "2025-01-08", "end_date": "2025-01-19", "group_by": "week"],
            now: "2025-01-21T00:00:00Z"
        )
        let rows = answer.at("data")
        #expect(rows?.each("date") == ["2025-01-06", "2025-01-13"])
        #expect(rows?.each("start") == ["2025-01-06T00:00:00+00:00", "2025-01-13T00:00:00+00:00"])
        #expect(rows?.each("complete") == [false, true])
        #expect(rows?.each("conversations") == [1, 0], "the 7th lies before the range")
    }

    @Test func `series are filled with zeros up to the running bucket`() throws {
        let answer = try answer(
            [],
            "conversations.volume",
            ["start_date": "2025-01-06", "end_date": "2025-01-07", "group_by": "hour"],
            now: "2025-01-06T03:00:01Z"
        )
        #expect(
            answer.at("data")?.each("date") == [
                "2025-01-06T00:00", "2025-01-06T01:00", "2025-01-06T02:00", "2025-01-06T03:00",
            ]
        )
        #expect(answer.at("data")?.each("complete") == [true, true, true, false])
        #expect(answer.at("data")?.each("messages") == [0, 0, 0, 0])
    }

    @Test func `a local day of Sao Paulo holds the events of its own hours`() throws {
        let events = [
            message(.user, "s1", "2025-01-06T02:59:59Z"),
            message(.user, "s2", "2025-01-06T03:00:00Z"),
        ]
        let answer = try answer(
            events,
            "usage.daily",
            ["days": "2", "timezone": "America/Sao_Paulo"]
        )
        #expect(answer.at("data")?.each("date") == ["2025-01-05", "2025-01-06"])
        #expect(answer.at("data")?.each("messages") == [1, 1])
        #expect(answer.at("data.1.start") == "2025-01-06T00:00:00-03:00")
        #expect(answer.at("meta.timezone") == "America/Sao_Paulo")
    }
}
