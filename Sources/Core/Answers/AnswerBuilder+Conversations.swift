internal import JSON

extension AnswerBuilder {
    /// `conversations`.
    func conversations() -> AnswerObject {
        let figures: FigureSet = [.counters, .conversationDurations, .firstResponses]
        let total = read(figures, from: plan.range.start, to: plan.range.end)
        let counters = total.counters
        let duration = total.durations[DurationKind.conversation.rawValue]
        var answer = AnswerObject()
        answer.set("total_conversations", .integer(counters[.conversations]))
        answer.set("engaged_conversations", .integer(counters[.engaged]))
        answer.set(
            "open_conversations",
            .integer(counters[.conversations] - counters[.closed])
        )
        answer.set("engagement_rate", Figures.ratio(counters[.engaged], counters[.conversations]))
        answer.set(
            "single_message_rate",
            Figures.ratio(counters[.singleMessage], counters[.engaged])
        )
        answer.set(
            "avg_messages_per_conversation",
            Figures.ratio(counters[.conversationMessages], counters[.conversations])
        )
        answer.set("avg_duration_seconds", Figures.average(duration))
        answer.set("median_duration_seconds", Figures.quantile(duration, 0.5))
        answer.set(
            "avg_first_response_seconds",
            Figures.average(total.durations[DurationKind.firstResponse.rawValue])
        )
        answer.set("resolution_rate", Figures.ratio(counters.resolved, counters.knownOutcomes))
        answer.set(
            "escalation_rate",
            Figures.ratio(counters[.escalated], counters.knownOutcomes)
        )
        answer.set("csat_score", Self.csatScore(counters))
        return answer
    }

    /// `conversations.volume`.
    func volume() -> AnswerObject {
        let total = read(.counters, from: plan.range.start, to: plan.range.end)
        var answer = AnswerObject()
        answer.set(
            "data",
            series(.counters) { row, total, _ in
                Self.setVolumeFigures(of: &row, total.counters)
            }
        )
        var totals = AnswerObject()
        Self.setVolumeFigures(of: &totals, total.counters)
        answer.set("totals", totals.value)
        answer.set("peak", peak())
        answer.set("by_channel", byChannel())
        answer.set("by_bot", byBot())
        return answer
    }

    private static func setVolumeFigures(of object: inout AnswerObject, _ counters: Counters) {
        object.set("conversations", .integer(counters[.conversations]))
        object.set("engaged_conversations", .integer(counters[.engaged]))
        object.set("messages", .integer(counters.messages))
        object.set("incoming_messages", .integer(counters[.incoming]))
        object.set("outgoing_messages", .integer(counters[.outgoing]))
    }

    /// The busiest local hour; the earliest of equals; null without conversations.
    private func peak() -> JSONValue {
        var accumulator = SlotAccumulator(figures: .counters)
        var best: (start: UnixMilliseconds, conversations: Int64)?
        for hour in plan.hourBuckets() {
            read(from: hour.from, to: hour.to, into: &accumulator)
            let conversations = accumulator.counters[.conversations]
            if conversations > best?.conversations ?? 0 { best = (hour.start, conversations) }
        }
        guard let best else { return .null }
        return [
            "start": .string(plan.calendar.text(of: best.start)),
            "conversations": .integer(best.conversations),
        ]
    }

    private func byChannel() -> JSONValue {
        var rows: [(name: String, counters: Counters)] = []
        for (ordinal, name) in names.channels.enumerated() {
            if let filter = plan.channel, filter != name { continue }
            let scopes = names.scopes(of: plan, channel: UInt16(ordinal))
            if let counters = volume(of: scopes) { rows.append((name, counters)) }
        }
        return Self.ranking(rows, label: "channel")
    }

    private func byBot() -> JSONValue {
        // All scopes have the channel of the filter; without a scope there are no rows.
        guard let channel = scopes.first.map(\.channel) else { return .array([]) }
        var rows: [(name: String, counters: Counters)] = []
        for ordinal in names.ordinals(of: plan) ?? names.bots.indices.map(UInt32.init) {
            let bot = names.bots[Int(ordinal)]
            guard channel.map({ bot.channels.contains($0) }) ?? true else { continue }
            let scope = RollupScope(bot: ordinal, channel: channel, used: bot.channels)
            if let counters = volume(of: [scope]) {
                rows.append((bot.identity.description, counters))
            }
        }
        return Self.ranking(rows, label: "bot_id", limit: 100)
    }

    private func volume(of scopes: [RollupScope]) -> Counters? {
        var accumulator = SlotAccumulator(figures: .counters)
        let quarters = Self.quarters(plan.range.start, plan.range.end)
        for scope in scopes { source.accumulate(scope, quarters, into: &accumulator) }
        let counters = accumulator.counters
        return counters[.conversations] == 0 && counters.messages == 0 ? nil : counters
    }

    private static func ranking(
        _ rows: [(name: String, counters: Counters)],
        label: String,
        limit: Int = .max
    ) -> JSONValue {
        let sorted = rows.sorted {
            let (left, right) = ($0.counters[.conversations], $1.counters[.conversations])
            return left != right ? left > right : $0.name < $1.name
        }
        return .array(
            sorted.prefix(limit).map {
                .object([
                    JSONValue.Member(name: label, value: .string($0.name)),
                    JSONValue.Member(
                        name: "conversations",
                        value: .integer($0.counters[.conversations])
                    ),
                    JSONValue.Member(name: "messages", value: .integer($0.counters.messages)),
                ])
            }
        )
    }

    /// `conversations.duration`.
    func durations() -> AnswerObject {
        let figures: FigureSet = [
            .counters, .conversationDurations, .firstResponses, .responses,
        ]
        let total = read(figures, from: plan.range.start, to: plan.range.end)
        let duration = total.durations[DurationKind.conversation.rawValue]
        var answer = AnswerObject()
        answer.set("avg_duration_seconds", Figures.average(duration))
        answer.set("median_duration_seconds", Figures.quantile(duration, 0.5))
        answer.set("min_duration_seconds", Figures.seconds(duration.minimum))
        answer.set("max_duration_seconds", Figures.seconds(duration.maximum))
        var percentiles = AnswerObject()
        for (name, probability) in [
            ("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99),
        ] {
            percentiles.set(name, Figures.quantile(duration, probability))
        }
        answer.set("percentiles", percentiles.value)
        answer.set("relative_error", .double(Distribution.relativeError))
        answer.set("measured_conversations", .integer(total.counters[.closed]))
        answer.set(
            "open_conversations",
            .integer(total.counters[.conversations] - total.counters[.closed])
        )
        answer.set(
            "first_response_seconds",
            Self.responseFigures(total.durations[DurationKind.firstResponse.rawValue])
        )
        answer.set(
            "response_seconds",
            Self.responseFigures(total.durations[DurationKind.response.rawValue])
        )
        answer.set("histogram", Self.histogram(duration))
        answer.set(
            "data",
            series([.counters, .conversationDurations]) { row, total, _ in
                let duration = total.durations[DurationKind.conversation.rawValue]
                row.set("conversations", .integer(duration.count))
                row.set("avg_duration_seconds", Figures.average(duration))
                row.set("p50", Figures.quantile(duration, 0.5))
                row.set("p95", Figures.quantile(duration, 0.95))
            }
        )
        return answer
    }

    private static func responseFigures(_ distribution: DistributionAccumulator) -> JSONValue {
        [
            "avg": Figures.average(distribution),
            "p50": Figures.quantile(distribution, 0.5),
            "p90": Figures.quantile(distribution, 0.9),
            "p95": Figures.quantile(distribution, 0.95),
            "count": .integer(distribution.count),
        ]
    }

    private static func histogram(_ distribution: DistributionAccumulator) -> JSONValue {
        let edges = Distribution.edgeSeconds
        return .array(
            edges.indices.map { index in
                [
                    "from_seconds": .integer(edges[index]),
                    "to_seconds": index + 1 < edges.count ? .integer(edges[index + 1]) : .null,
                    "conversations": .integer(distribution.edgeCounts[index]),
                ]
            }
        )
    }

    /// `conversations.resolution`.
    func resolution() -> AnswerObject {
        let counters = read(.counters, from: plan.range.start, to: plan.range.end).counters
        let resolved = counters.resolved
        let known = counters.knownOutcomes
        let settled = known + counters[.unknown]
        var answer = AnswerObject()
        answer.set(
            "outcomes",
            [
                "escalated": .integer(counters[.escalated]),
                "resolved_confirmed": .integer(counters[.resolvedConfirmed]),
                "resolved_assumed": .integer(counters[.resolvedAssumed]),
                "abandoned": .integer(counters[.abandoned]),
                "unknown": .integer(counters[.unknown]),
                "open": .integer(counters[.engaged] - settled),
            ]
        )
        answer.set("resolution_rate", Figures.ratio(resolved, known))
        answer.set(
            "confirmed_resolution_rate",
            Figures.ratio(counters[.resolvedConfirmed], known)
        )
        answer.set("escalation_rate", Figures.ratio(counters[.escalated], known))
        answer.set("abandonment_rate", Figures.ratio(counters[.abandoned], known))
        answer.set("containment_rate", Figures.ratio(known - counters[.escalated], known))
        answer.set("outcome_coverage", Figures.ratio(known, settled))
        answer.set("reopen_rate", Figures.ratio(counters[.reopened], resolved))
        answer.set(
            "durable_resolution_rate",
            Figures.ratio(
                counters[.matured] - counters[.maturedReopened],
                counters[.matured]
            )
        )
        answer.set(
            "data",
            series(.counters) { row, total, _ in
                let counters = total.counters
                row.set("resolved", .integer(counters.resolved))
                row.set("escalated", .integer(counters[.escalated]))
                row.set("abandoned", .integer(counters[.abandoned]))
                row.set("unknown", .integer(counters[.unknown]))
                row.set("resolution_rate", Figures.ratio(counters.resolved, counters.knownOutcomes))
            }
        )
        return answer
    }
}
