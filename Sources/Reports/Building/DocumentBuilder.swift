internal import Core
internal import JSON

/// Fills a document from the answers of a report's methods.
///
/// It copies numbers and computes none: every format shows what the endpoints say.
struct DocumentBuilder {
    let request: ReportRequest
    let figures: ReportFigures

    func document() -> ReportDocument {
        var sections: [ReportDocument.Section] = []
        for plan in request.plans {
            guard let answer = figures.data[plan.method.rawValue] else { continue }
            let section = section(plan.method, answer)
            // Parts of one subject stand under one heading.
            if let last = sections.last, last.title == section.title {
                sections[sections.count - 1].charts += section.charts
                sections[sections.count - 1].tables += section.tables
            } else {
                sections.append(section)
            }
        }
        if !request.includesCharts {
            for index in sections.indices { sections[index].charts = [] }
        }
        return ReportDocument(
            title: request.title,
            facts: facts(),
            highlights: highlights(),
            sections: sections,
            definitions: definitions(of: sections),
            dataAsOf: figures.dataAsOf,
            dataVersion: figures.dataVersion,
            sha256: figures.sha256
        )
    }

    private func section(_ method: QueryMethod, _ answer: JSONValue) -> ReportDocument.Section {
        switch method {
        case .usage:
            ReportDocument.Section(
                title: "Usage",
                charts: [],
                tables: [summary("usage", "Usage", answer)]
            )
        case .usageDaily, .usageMonthly: usageSeries(method, answer)
        case .conversations:
            ReportDocument.Section(
                title: "Conversations",
                charts: [],
                tables: [summary("conversations", "Conversations", answer)]
            )
        case .conversationsVolume: volume(answer)
        case .conversationsDuration: durations(answer)
        case .conversationsResolution: resolution(answer)
        case .engagement: engagement(answer)
        case .engagementRetention: retention(answer)
        case .engagementSatisfaction: satisfaction(answer)
        case .realtime, .realtimeActive, .systemStatus:
            preconditionFailure("no report is made of these")
        }
    }

    // MARK: - What it is about

    private func facts() -> [ReportDocument.Fact] {
        let resolved = request.resolved
        var facts: [ReportDocument.Fact] = []
        func add(_ name: String, _ title: String, _ text: String?) {
            guard let text else { return }
            facts.append(ReportDocument.Fact(name: name, title: title, text: text))
        }
        add("period", "Period", Self.period(resolved["start"], resolved["end"]))
        add(
            "previous_period",
            "Compared with",
            Self.period(resolved["previous_start"], resolved["previous_end"])
        )
        add("timezone", "Time zone", resolved["timezone"]?.stringValue)
        add("group_by", "Rows", resolved["group_by"]?.stringValue.map { "by \($0)" })
        add("bot_id", "Bot", resolved["bot_id"]?.stringValue ?? botsText(resolved["bots"]))
        add("user_id", "User", resolved["user_id"]?.stringValue)
        add("channel", "Channel", resolved["channel"]?.stringValue ?? "all")
        add("retained_from", "Data kept from", figures.retainedFrom)
        add("data_as_of", "Data as of", figures.dataAsOf ?? "no data yet")
        add("data_version", "Data version", CellText.grouped(figures.dataVersion))
        return facts
    }

    private func botsText(_ bots: JSONValue?) -> String {
        guard let bots = bots?.arrayValue else { return "all" }
        let names = bots.compactMap(\.stringValue)
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    /// `1 Jan 2025 – 31 Jan 2025`; with times where the range is not one of whole days.
    static func period(_ start: JSONValue?, _ end: JSONValue?) -> String? {
        guard let start = start?.stringValue, let end = end?.stringValue else { return nil }
        let isWholeDays = [start, end].allSatisfy { $0.dropFirst(10).hasPrefix("T00:00:00") }
        guard isWholeDays, let first = LocalMoment(String(start.prefix(10))),
            let after = LocalMoment(String(end.prefix(10)))
        else { return "\(start) – \(end)" }
        let last = CivilDate(year: after.year, month: after.month, dayOfMonth: after.dayOfMonth)
            .adding(days: -1).components
        let name = LocalMoment.monthNames[last.month - 1]
        let text = "\(last.dayOfMonth) \(name) \(last.year)"
        let firstText = "\(first.short) \(first.year)"
        return firstText == text ? text : "\(firstText) – \(text)"
    }

    /// The figures at the top, by method: those that the report's answers have.
    private static let highlighted: KeyValuePairs<QueryMethod, [String]> = [
        .usage: ["total_conversations", "active_users", "new_users", "total_messages"],
        .conversations: [
            "total_conversations", "median_duration_seconds", "resolution_rate",
            "escalation_rate", "avg_first_response_seconds",
        ],
        .engagement: [
            "active_users", "new_users", "returning_users", "stickiness", "engagement_rate",
        ],
        .engagementSatisfaction: ["csat_score", "average_rating", "responses", "response_rate"],
    ]

    private func highlights() -> [ReportDocument.Highlight] {
        var highlights: [ReportDocument.Highlight] = []
        var seen: Set<String> = []
        for (method, names) in Self.highlighted {
            guard let answer = figures.data[method.rawValue] else { continue }
            for name in names where seen.insert(name).inserted {
                let entry = Glossary.entry(name)
                highlights.append(
                    ReportDocument.Highlight(
                        title: entry.title,
                        value: ReportCell(answer[name], field: name),
                        change: Self.change(answer, name),
                        isMoreBetter: entry.isMoreBetter
                    )
                )
            }
        }
        return Array(highlights.prefix(8))
    }

    static func change(_ answer: JSONValue, _ name: String) -> ReportCell {
        answer["change"]?[name]?.doubleValue.map { .change($0) } ?? .unknown
    }

    private func definitions(
        of sections: [ReportDocument.Section]
    ) -> [ReportDocument.Definition] {
        var seen: Set<String> = []
        var definitions: [ReportDocument.Definition] = []
        for table in sections.flatMap(\.tables) {
            // A summary's figures stand in its rows.
            var names = table.columns.map(\.name)
            if table.columns.first?.name == "figure" {
                names = table.rows.compactMap(\.field)
            }
            for name in names {
                let entry = Glossary.entry(name)
                guard let meaning = entry.meaning, seen.insert(entry.title).inserted else {
                    continue
                }
                definitions.append(
                    ReportDocument.Definition(name: name, title: entry.title, text: meaning)
                )
            }
        }
        return definitions.sorted { $0.title < $1.title }
    }
}
