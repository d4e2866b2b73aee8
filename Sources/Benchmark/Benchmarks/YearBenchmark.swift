internal import Foundation
internal import JSON

/// B5: questions about a year, in another zone than the daemon's.
extension BenchmarkSession {
    private static let roundCount = 50

    /// B5's and B7's store.
    static let yearFill = StoreFill(name: "year", count: 1_000_000, days: 364)

    /// Measures the year by day, retention and engagement.
    func measureYear() throws {
        let stored = try store(Self.yearFill)
        scratch.settle()
        let daemon = try start(on: stored.directory)
        defer { daemon.kill() }
        let queries = try QueryConnection(context: daemon.context, endpoint: daemon.queryEndpoint)
        for question in Self.questions {
            let request = QueryConnection.request(question.method, question.parameters)
            let first = try queries.roundTrip(request)
            _ = try queries.ask(question.method, question.parameters)
            var sample = LatencySample()
            for _ in 0..<Self.roundCount { sample.add(try queries.roundTrip(request)) }
            table.add(
                "B5",
                question.title,
                target: question.limit.map { "≤ \(Figure.time($0))" } ?? "",
                measured: "p50 \(Figure.time(sample.median)) (p99 \(Figure.time(sample.p99)),"
                    + " the first time \(Figure.time(first.inSeconds)))",
                met: question.limit.map { sample.median <= $0 }
            )
        }
        try daemon.stop()
    }

    private struct Question {
        let title: String
        let method: String
        let parameters: JSONValue
        /// In seconds; nil where the design names none.
        let limit: Double?
    }

    private static var questions: [Question] {
        let zone = "America/Sao_Paulo"
        let year: JSONValue = ["days": 365, "timezone": .string(zone)]
        // Twelve cohorts, each followed for twelve weeks that are over.
        let weeks: JSONValue = [
            "start_date": .string(date(daysAgo: 168)), "end_date": .string(date(daysAgo: 85)),
            "timezone": .string(zone), "group_by": "week", "periods": 12,
        ]
        let quarter: JSONValue = [
            "days": 84, "timezone": .string(zone), "group_by": "week", "periods": 12,
        ]
        return [
            Question(
                title: "`usage.daily` of the year, \(zone)",
                method: "usage.daily",
                parameters: year,
                limit: 0.010
            ),
            Question(
                title: "`engagement.retention`, 12 weekly cohorts × 12 weeks, \(zone)",
                method: "engagement.retention",
                parameters: weeks,
                limit: 0.020
            ),
            Question(
                title: "`engagement.retention` of the last 12 weeks, \(zone)",
                method: "engagement.retention",
                parameters: quarter,
                limit: 0.020
            ),
            Question(
                title: "`engagement` of the year, \(zone)",
                method: "engagement",
                parameters: year,
                limit: 0.010
            ),
            Question(
                title: "`engagement` of 30 days, \(zone)",
                method: "engagement",
                parameters: ["days": 30, "timezone": .string(zone)],
                limit: 0.010
            ),
        ]
    }

    private static func date(daysAgo: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyy-MM-dd"
        return formatter.string(from: Date(timeIntervalSinceNow: -86_400 * Double(daysAgo)))
    }
}
