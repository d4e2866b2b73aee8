internal import JSON

extension AnswerBuilder {
    /// One entry of a cohort's row: nil where its period has not begun.
    private struct Entry {
        var count: Int?
        var isRunning: Bool
    }

    /// Users active in spans of time that several cohorts ask for.
    private struct ActivityCache {
        var sets: [TimeRange: OrdinalSet] = [:]
    }

    /// `engagement.retention`.
    func retention() -> AnswerObject {
        guard let retention = plan.retention else {
            preconditionFailure("a retention query has a retention plan")
        }
        var cache = ActivityCache()
        var sizes: [Int] = []
        var table: [[Entry]] = []
        for bucket in plan.buckets {
            let cohort = newUsers(from: bucket.from, to: bucket.to)
            sizes.append(cohort.count)
            table.append(
                retention.periods.map { entry(cohort, bucket, $0, retention, &cache) }
            )
        }
        let average = averages(table, sizes, count: retention.periods.count)
        var answer = AnswerObject()
        answer.set("data", .array(plan.buckets.indices.map { row($0, table[$0], sizes[$0]) }))
        answer.set("partial", partial(table))
        answer.set("average", .array(average))
        answer.set("retention_rate", average[1])
        return answer
    }

    private func row(_ index: Int, _ entries: [Entry], _ size: Int) -> JSONValue {
        [
            "cohort": .string(plan.buckets[index].date),
            "users": Figures.count(size),
            "counts": .array(entries.map { $0.count.map(Figures.count) ?? .null }),
            "rates": .array(
                entries.map { entry in
                    entry.count.map { Figures.ratio(Int64($0), Int64(size)) } ?? .null
                }
            ),
        ]
    }

    private func entry(
        _ cohort: OrdinalSet,
        _ bucket: Bucket,
        _ periods: ClosedRange<Int>,
        _ retention: RetentionPlan,
        _ cache: inout ActivityCache
    ) -> Entry {
        let start = retention.bucket(after: bucket, periods.lowerBound).start
        let end = retention.bucket(after: bucket, periods.upperBound).end
        guard start < plan.now else { return Entry(count: nil, isRunning: false) }
        let isRunning = plan.now < end
        // The cohort was active in its own bucket by definition, wherever the range begins.
        if periods == 0...0 { return Entry(count: cohort.count, isRunning: isRunning) }
        guard !cohort.isEmpty else { return Entry(count: 0, isRunning: isRunning) }
        let isOpenEnded = retention.criteria == .onOrAfter
        let span = TimeRange(start: start, end: isOpenEnded ? Limits.latestMilliseconds : end)
        if cache.sets[span] == nil {
            let active = read(.activeUsers, from: span.start, to: span.end).activeUsers
            cache.sets[span] = active.makeSet()
        }
        let count = cache.sets[span]?.intersectionCount(with: cohort) ?? 0
        return Entry(count: count, isRunning: isRunning)
    }

    private func partial(_ table: [[Entry]]) -> JSONValue {
        var rows: [JSONValue] = []
        for (bucket, entries) in zip(plan.buckets, table) {
            for (index, entry) in entries.enumerated() where entry.isRunning {
                rows.append(["cohort": .string(bucket.date), "period": Figures.count(index)])
            }
        }
        return .array(rows)
    }

    /// By period, over the cohorts in which it is complete, weighted by their size.
    private func averages(_ table: [[Entry]], _ sizes: [Int], count: Int) -> [JSONValue] {
        (0..<count).map { index in
            var returned = 0
            var users = 0
            for (entries, size) in zip(table, sizes) {
                guard let count = entries[index].count, !entries[index].isRunning else { continue }
                returned += count
                users += size
            }
            return Figures.ratio(Int64(returned), Int64(users))
        }
    }
}
