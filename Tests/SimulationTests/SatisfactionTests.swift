import JSON
import Testing

@testable import Simulation

struct SatisfactionTests {
    private let events = [
        message(.user, "s1", "2025-01-05T10:00:00Z"),
        event(.surveyOffered, "s1", "2025-01-05T10:01:00Z"),
        event(.surveyOffered, "s1", "2025-01-06T10:01:00Z"),
        event(.feedback, "s1", "2025-01-05T10:02:00Z", rating: .stars(1)),
        event(.feedback, "s1", "2025-01-06T10:02:00Z", rating: .stars(4)),
        message(.user, "s2", "2025-01-06T11:00:00Z"),
        event(.surveyOffered, "s2", "2025-01-06T11:01:00Z"),
        message(.user, "s3", "2025-01-06T12:00:00Z"),
        event(.feedback, "s3", "2025-01-06T12:00:00Z", rating: .thumbsUp),
        event(.feedback, "s3", "2025-01-06T12:00:00Z", rating: .thumbsDown),
        message(.user, "s4", "2025-01-06T13:00:00Z"),
        event(.feedback, "s4", "2025-01-06T13:01:00Z", rating: .stars(2)),
        event(.feedback, "unattached", "2025-01-06T13:01:00Z", rating: .stars(5)),
    ]

    @Test func `the latest rating wins and lies at its own time`() throws {
        let answer = try answer(events, "engagement.satisfaction", ["days": "1"])
        #expect(answer.at("csat_score") == 0.5)
        #expect(answer.at("average_rating") == 3.0)
        #expect(answer.at("responses") == 3)
        #expect(answer.at("distribution") == ["1": 0, "2": 1, "3": 0, "4": 1, "5": 0])
        #expect(answer.at("thumbs") == ["up": 1, "down": 0, "score": 1.0])
        #expect(answer.at("data.10.responses") == 1)
        #expect(answer.at("data.10.csat_score") == 1.0)
        #expect(answer.at("data.12.responses") == 1)
        #expect(answer.at("data.12.average_rating") == .null)
    }

    @Test func `a survey lies at its first offer`() throws {
        let today = try answer(events, "engagement.satisfaction", ["days": "1"])
        #expect(today.at("surveys_sent") == 1)
        #expect(today.at("response_rate") == 0.0)
        let both = try answer(events, "engagement.satisfaction", ["days": "2"])
        #expect(both.at("surveys_sent") == 2)
        #expect(both.at("response_rate") == 0.5)
        #expect(both.at("responses") == 3, "the rating of 1 was replaced")
    }

    @Test func `nobody asked gives nulls`() throws {
        let answer = try answer([], "engagement.satisfaction", ["days": "1"])
        #expect(answer.at("csat_score") == .null)
        #expect(answer.at("thumbs.score") == .null)
        #expect(answer.at("response_rate") == .null)
        #expect(answer.at("responses") == 0)
    }

    @Test func `of ratings at one time the larger wins`() {
        let ordered: [ModelEvent.Rating] = [
            .thumbsDown, .thumbsUp, .stars(1), .stars(2), .stars(5),
        ]
        #expect(ordered.reversed().sorted() == ordered)
    }
}
