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
            comparison: comparison,
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
        add("data_as_of", "Data as of", figures.dataAsOf.map(Self.instant) ?? "no data yet")
        add("data_version", "Data version", CellText.grouped(figures.dataVersion))
        return facts
    }

    private func botsText(_ bots: JSONValue?) -> String {
        guard let bots = bots?.arrayValue else { return "all" }
        let names = bots.compactMap(\.stringValue)
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    /// `2025-01-06 14:00:00 -03:00`, out of RFC 3339; fractions of a second are left out.
    private static func instant(_ text: String) -> String {
        guard text.count >= 25 else { return text }
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) \(text.suffix(6))"
    }

    /// What figures are compared with, such as `previous period`.
    var comparison: String {
        (request.scope.compare ?? .previousPeriod).rawValue.replacing("_", with: " ")
    }

    /// `1 Jan 2025 – 31 Jan 2025`; an end within a day has its time, as in `26 Oct 2025 15:30`.
    static func period(_ start: JSONValue?, _ end: JSONValue?) -> String? {
        guard let start = start?.stringValue, let end = end?.stringValue else { return nil }
        guard let first = LocalMoment(String(start.prefix(10))),
            let after = LocalMoment(String(end.prefix(10)))
        else { return "\(start) – \(end)" }
        func text(_ date: CivilDate, _ clock: Substring) -> String {
            let (year, month, dayOfMonth) = date.components
            let day = "\(dayOfMonth) \(LocalMoment.monthNames[month - 1]) \(year)"
            return clock == "00:00" ? day : "\(day) \(clock)"
        }
        let endClock = end.dropFirst(11).prefix(5)
        // A range ends before the instant it names: with midnight that is the day before.
        let last = after.date.adding(days: endClock == "00:00" ? -1 : 0)
        let firstText = text(first.date, start.dropFirst(11).prefix(5))
        let lastText = text(last, endClock)
        return firstText == lastText ? firstText : "\(firstText) – \(lastText)"
    }

    /// The figures at the top and the methods that have them.
    private static let highlighted: [ReportType: [(QueryMethod, String)]] = [
        .usage: [
            (.usage, "total_conversations"), (.usage, "active_users"), (.usage, "new_users"),
            (.usage, "total_messages"),
        ],
        .conversations: [
            (.conversations, "total_conversations"), (.conversations, "engagement_rate"),
            (.conversations, "median_duration_seconds"),
            (.conversations, "avg_first_response_seconds"), (.conversations, "resolution_rate"),
            (.conversations, "escalation_rate"), (.conversationsResolution, "reopen_rate"),
            (.conversations, "csat_score"),
        ],
        .engagement: [
            (.engagement, "active_users"), (.engagement, "new_users"),
            (.engagement, "returning_users"), (.engagement, "stickiness"),
        ],
        .satisfaction: [
            (.engagementSatisfaction, "csat_score"), (.engagementSatisfaction, "average_rating"),
            (.engagementSatisfaction, "responses"), (.engagementSatisfaction, "response_rate"),
        ],
        .full: [
            (.usage, "total_conversations"), (.usage, "active_users"), (.usage, "new_users"),
            (.usage, "total_messages"), (.conversations, "avg_first_response_seconds"),
            (.conversations, "resolution_rate"), (.engagement, "stickiness"),
            (.conversations, "csat_score"),
        ],
    ]

    private func highlights() -> [ReportDocument.Highlight] {
        (Self.highlighted[request.type] ?? []).map { method, name in
            let answer = figures.data[method.rawValue] ?? .null
            let entry = Glossary.entry(name)
            return ReportDocument.Highlight(
                title: entry.title,
                value: ReportCell(answer[name], field: name),
                change: Self.change(answer, name),
                isMoreBetter: entry.isMoreBetter
            )
        }
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
