internal import JSON

extension AnswerBuilder {
    /// The share of 4 and 5 among the ratings on the scale of five.
    static func csatScore(_ counters: Counters) -> JSONValue {
        Figures.ratio(counters[.ratingFour] + counters[.ratingFive], counters.scores)
    }

    private static func averageRating(_ counters: Counters) -> JSONValue {
        let sum =
            counters[.ratingOne] + 2 * counters[.ratingTwo] + 3 * counters[.ratingThree]
            + 4 * counters[.ratingFour] + 5 * counters[.ratingFive]
        return Figures.ratio(sum, counters.scores)
    }

    /// `engagement.satisfaction`.
    func satisfaction() -> AnswerObject {
        let counters = read(.counters, from: plan.range.start, to: plan.range.end).counters
        var answer = AnswerObject()
        answer.set("csat_score", Self.csatScore(counters))
        answer.set("average_rating", Self.averageRating(counters))
        answer.set("responses", .integer(counters.responses))
        answer.set(
            "distribution",
            [
                "1": .integer(counters[.ratingOne]),
                "2": .integer(counters[.ratingTwo]),
                "3": .integer(counters[.ratingThree]),
                "4": .integer(counters[.ratingFour]),
                "5": .integer(counters[.ratingFive]),
            ]
        )
        let up = counters[.thumbsUp]
        let down = counters[.thumbsDown]
        answer.set(
            "thumbs",
            ["up": .integer(up), "down": .integer(down), "score": Figures.ratio(up, up + down)]
        )
        answer.set("surveys_sent", .integer(counters[.surveys]))
        answer.set("response_rate", Figures.ratio(counters[.surveysRated], counters[.surveys]))
        answer.set(
            "data",
            series(.counters) { row, total, _ in
                row.set("responses", .integer(total.counters.responses))
                row.set("csat_score", Self.csatScore(total.counters))
                row.set("average_rating", Self.averageRating(total.counters))
            }
        )
        return answer
    }
}
