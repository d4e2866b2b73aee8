internal import JSON

extension ModelQuery {
    /// One entry of a cohort's row: the cohort itself, a period after it, or a bracket of them.
    private struct Entry {
        /// How many of the cohort were active; nil where the entry has not begun.
        var count: Int?
        var isRunning: Bool
    }

    func retention() -> [JSONValue.Member] {
        let activity = Dictionary(grouping: allMessages.filter(\.isIncoming)) { $0.userID ?? "" }
            .mapValues { $0.map(\.timestamp) }
        // The bucket's new users: first seen in it, and active in it under the filter.
        let cohorts = rows(of: Array(firstSeen), by: \.value).map { row, seen in
            (
                row: row,
                users: seen.map(\.key).filter { user in
                    (activity[user] ?? []).contains { row.range.contains($0) }
                }
            )
        }
        let table = cohorts.map { cohort in
            periods.map { entry(cohort.users, cohort.row, $0, activity) }
        }
        let sizes = cohorts.map(\.users.count)
        let average = periods.indices.map { index in
            let complete = table.indices.filter {
                table[$0][index].count != nil && !table[$0][index].isRunning
            }
            return ModelNumber.ratio(
                complete.compactMap { table[$0][index].count }.reduce(0, +),
                complete.map { sizes[$0] }.reduce(0, +)
            )
        }
        return [
            .init(
                "data",
                .array(
                    zip(cohorts, table).map { cohort, entries in
                        let size = cohort.users.count
                        return [
                            "cohort": .string(cohort.row.bucket.label),
                            "users": ModelNumber.count(size),
                            "counts": .array(
                                entries.map { $0.count.map(ModelNumber.count) ?? .null }
                            ),
                            "rates": .array(
                                entries.map { entry in
                                    entry.count.map { ModelNumber.ratio($0, size) } ?? .null
                                }
                            ),
                        ]
                    }
                )
            ),
            .init("partial", .array(partial(cohorts.map(\.row), table))),
            .init("average", .array(average)),
            .init("retention_rate", average[1]),
        ]
    }

    /// The periods of each entry; the first is the cohort itself.
    private var periods: [ClosedRange<Int>] {
        [0...0]
            + (parameters.criteria == "bracket"
                ? parameters.brackets : (1...parameters.periods).map { $0...$0 })
    }

    private func entry(
        _ users: [String],
        _ row: Row,
        _ periods: ClosedRange<Int>,
        _ activity: [String: [Int64]]
    ) -> Entry {
        let grouping = parameters.grouping ?? .week
        let date = calendar.zone.date(row.bucket.start)
        let start = calendar.bucket(grouping, of: date, later: periods.lowerBound).start
        let end = calendar.bucket(grouping, of: date, later: periods.upperBound).end
        guard start < now else { return Entry(count: nil, isRunning: false) }
        // The cohort was active in its own bucket by definition, wherever the range begins.
        if periods == 0...0 { return Entry(count: users.count, isRunning: now < end) }
        let isOpenEnded = parameters.criteria == "on_or_after"
        let count = users.count { user in
            (activity[user] ?? []).contains { $0 >= start && (isOpenEnded || $0 < end) }
        }
        return Entry(count: count, isRunning: now < end)
    }

    private func partial(_ rows: [Row], _ table: [[Entry]]) -> [JSONValue] {
        zip(rows, table).flatMap { row, entries in
            entries.enumerated().filter(\.element.isRunning).map { index, _ in
                ["cohort": .string(row.bucket.label), "period": ModelNumber.count(index)]
            }
        }
    }
}
