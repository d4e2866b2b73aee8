internal import JSON

extension AnswerBuilder {
    /// `usage`.
    func usage() -> AnswerObject {
        let range = plan.range
        let total = read([.counters, .activeUsers, .newUsers], from: range.start, to: range.end)
        let counters = total.counters
        let active = Int64(total.activeUsers.count)
        let new = Int64(newUserCount(total, from: range.start, to: range.end))
        var answer = AnswerObject()
        answer.set("total_conversations", .integer(counters[.conversations]))
        answer.set("engaged_conversations", .integer(counters[.engaged]))
        answer.set("active_users", .integer(active))
        answer.set("new_users", .integer(new))
        answer.set("returning_users", .integer(active - new))
        answer.set("total_messages", .integer(counters.messages))
        answer.set("incoming_messages", .integer(counters[.incoming]))
        answer.set("outgoing_messages", .integer(counters[.outgoing]))
        answer.set(
            "messages_per_conversation",
            Figures.ratio(counters[.conversationMessages], counters[.conversations])
        )
        answer.set("conversations_per_user", Figures.ratio(counters[.conversations], active))
        answer.set(
            "total_tokens",
            counters[.tokenMessages] == 0 ? .null : .integer(counters[.tokens])
        )
        answer.set("errors", .integer(counters[.errors]))
        return answer
    }

    /// `usage.daily` and `usage.monthly`.
    func usageSeries() -> AnswerObject {
        let figures: FigureSet = [.counters, .activeUsers, .newUsers]
        var answer = AnswerObject()
        answer.set(
            "data",
            series(figures) { row, total, bucket in
                setUsageFigures(of: &row, total, from: bucket.from, to: bucket.to)
            }
        )
        let range = plan.range
        let total = read(figures, from: range.start, to: range.end)
        var totals = AnswerObject()
        setUsageFigures(of: &totals, total, from: range.start, to: range.end)
        answer.set("totals", totals.value)
        return answer
    }

    private func setUsageFigures(
        of object: inout AnswerObject,
        _ total: borrowing SlotAccumulator,
        from: UnixMilliseconds,
        to: UnixMilliseconds
    ) {
        object.set("conversations", .integer(total.counters[.conversations]))
        object.set("active_users", Figures.count(total.activeUsers.count))
        object.set("new_users", Figures.count(newUserCount(total, from: from, to: to)))
        object.set("messages", .integer(total.counters.messages))
        object.set("incoming_messages", .integer(total.counters[.incoming]))
        object.set("outgoing_messages", .integer(total.counters[.outgoing]))
    }

    /// `engagement`.
    func engagement() -> AnswerObject {
        let range = plan.range
        let figures: FigureSet = [
            .counters, .activeUsers, .newUsers, .conversationDurations,
        ]
        let total = read(figures, from: range.start, to: range.end)
        let counters = total.counters
        let active = Int64(total.activeUsers.count)
        let new = Int64(newUserCount(total, from: range.start, to: range.end))
        var answer = AnswerObject()
        answer.set("active_users", .integer(active))
        answer.set("new_users", .integer(new))
        answer.set("returning_users", .integer(active - new))
        setStickiness(of: &answer)
        answer.set("engagement_rate", Figures.ratio(counters[.engaged], counters[.conversations]))
        answer.set(
            "single_message_rate",
            Figures.ratio(counters[.singleMessage], counters[.engaged])
        )
        answer.set("conversations_per_user", Figures.ratio(counters[.conversations], active))
        answer.set("messages_per_user", Figures.ratio(counters[.incoming], active))
        answer.set(
            "messages_per_conversation",
            Figures.ratio(counters[.conversationMessages], counters[.conversations])
        )
        answer.set(
            "avg_duration_seconds",
            Figures.average(total.durations[DurationKind.conversation.rawValue])
        )
        answer.set(
            "data",
            series([.activeUsers, .newUsers]) { row, total, bucket in
                let active = total.activeUsers.count
                let new = newUserCount(total, from: bucket.from, to: bucket.to)
                row.set("active_users", Figures.count(active))
                row.set("new_users", Figures.count(new))
                row.set("returning_users", Figures.count(active - new))
            }
        )
        return answer
    }

    /// `dau`, `wau`, `mau` and `stickiness`, over the local days that end with the range's last.
    private func setStickiness(of answer: inout AnswerObject) {
        let days = plan.lastLocalDays(30)
        var accumulator = SlotAccumulator(figures: .activeUsers)
        var month = UserAccumulator()
        var week = UserAccumulator()
        var sumOfDays: Int64 = 0
        var latestDay = 0
        for (index, day) in days.enumerated() {
            read(from: day.start, to: day.end, into: &accumulator)
            latestDay = accumulator.activeUsers.count
            sumOfDays += Int64(latestDay)
            month.formUnion(accumulator.activeUsers)
            if index >= days.count - 7 { week.formUnion(accumulator.activeUsers) }
        }
        answer.set("dau", Figures.count(latestDay))
        answer.set("wau", Figures.count(week.count))
        answer.set("mau", Figures.count(month.count))
        answer.set(
            "stickiness",
            month.count == 0
                ? .null
                : .double(Double(sumOfDays) / Double(days.count) / Double(month.count))
        )
    }
}
