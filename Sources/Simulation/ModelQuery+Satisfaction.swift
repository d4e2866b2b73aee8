internal import JSON

/// The ratings that won in their conversations, counted.
struct ModelRatings {
    let ratings: [ModelEvent]

    init(_ ratings: [ModelEvent]) {
        self.ratings = ratings
    }

    /// The 1…5 ratings.
    var stars: [Int] {
        ratings.compactMap { if case .stars(let stars)? = $0.rating { stars } else { nil } }
    }

    var csatScore: JSONValue { ModelNumber.ratio(stars.count { $0 >= 4 }, stars.count) }
    var average: JSONValue { ModelNumber.ratio(stars.reduce(0, +), stars.count) }

    func count(_ rating: ModelEvent.Rating) -> Int { ratings.count { $0.rating == rating } }
}

extension ModelQuery {
    /// The ratings that won in their conversations and lie in the range themselves.
    var ratingsInRange: [ModelEvent] {
        allConversations.compactMap(\.rating).filter { range.contains($0.timestamp) }
    }

    func satisfaction() -> [JSONValue.Member] {
        let ratings = ModelRatings(ratingsInRange)
        let surveyed = allConversations.filter { conversation in
            conversation.firstSurvey.map { range.contains($0) } ?? false
        }
        let (up, down) = (ratings.count(.thumbsUp), ratings.count(.thumbsDown))
        let distribution = (1...5).map {
            JSONValue.Member(String($0), ModelNumber.count(ratings.count(.stars($0))))
        }
        return [
            .init("csat_score", ratings.csatScore),
            .init("average_rating", ratings.average),
            .init("responses", ModelNumber.count(ratings.ratings.count)),
            .init("distribution", .object(distribution)),
            .init(
                "thumbs",
                [
                    "up": ModelNumber.count(up), "down": ModelNumber.count(down),
                    "score": ModelNumber.ratio(up, up + down),
                ]
            ),
            .init("surveys_sent", ModelNumber.count(surveyed.count)),
            .init(
                "response_rate",
                ModelNumber.ratio(surveyed.count { $0.rating != nil }, surveyed.count)
            ),
            .init(
                "data",
                data(ratings.ratings, by: \.timestamp) { _, part in
                    let ratings = ModelRatings(part)
                    return [
                        .init("responses", ModelNumber.count(part.count)),
                        .init("csat_score", ratings.csatScore),
                        .init("average_rating", ratings.average),
                    ]
                }
            ),
        ]
    }
}
