internal import Core
internal import JSON

/// The sections of a report, one for each method.
extension DocumentBuilder {
    func usageSeries(_ method: QueryMethod, _ answer: JSONValue) -> ReportDocument.Section {
        let isDaily = method == .usageDaily
        let name = isDaily ? "usage_daily" : "usage_monthly"
        let table = series(
            name,
            isDaily ? "Usage by day" : "Usage by month",
            answer,
            [
                "conversations", "active_users", "new_users", "messages", "incoming_messages",
                "outgoing_messages",
            ],
            totals: answer["totals"]
        )
        let charts = [
            line("Conversations", name, ["conversations"]),
            line("Users", name, ["active_users", "new_users"]),
        ]
        return ReportDocument.Section(title: "Usage", charts: charts, tables: [table])
    }

    func volume(_ answer: JSONValue) -> ReportDocument.Section {
        let volume = series(
            "volume",
            "Volume",
            answer,
            [
                "conversations", "engaged_conversations", "messages", "incoming_messages",
                "outgoing_messages",
            ],
            totals: answer["totals"]
        )
        let channels = list(
            "channels",
            "Channels",
            answer["by_channel"],
            ["channel", "conversations", "messages"]
        )
        let bots = list("bots", "Bots", answer["by_bot"], ["bot_id", "conversations", "messages"])
        var tables = [volume]
        if let peak = answer["peak"], peak != .null { tables.append(self.peak(peak)) }
        return ReportDocument.Section(
            title: "Volume",
            charts: [
                ReportChart(
                    title: "Messages",
                    kind: .stacked,
                    table: "volume",
                    category: "date",
                    series: ["incoming_messages", "outgoing_messages"]
                ),
                ReportChart(
                    title: "Conversations by channel",
                    kind: .ranking,
                    table: "channels",
                    category: "channel",
                    series: ["conversations"],
                    rowsMaximum: 10
                ),
            ],
            tables: tables + [channels, bots]
        )
    }

    private func peak(_ peak: JSONValue) -> ReportTable {
        ReportTable(
            name: "peak",
            title: "Busiest hour",
            columns: [Self.column("peak_start"), Self.column("peak_conversations")],
            rows: [
                ReportTable.Row(cells: [
                    peak["start"]?.stringValue.flatMap { LocalMoment($0) }.map { .moment($0) }
                        ?? .unknown,
                    ReportCell(peak["conversations"], field: "conversations"),
                ])
            ]
        )
    }

    func durations(_ answer: JSONValue) -> ReportDocument.Section {
        let names = ["avg", "p50", "p75", "p90", "p95", "p99"]
        let percentiles = ReportTable(
            name: "percentiles",
            title: "Averages and percentiles",
            columns: [
                ReportTable.Column(name: "measure", title: "Measure"),
                Self.column("duration_seconds"), Self.column("first_response_seconds"),
                Self.column("response_seconds"),
            ],
            rows: names.map { name in
                let duration =
                    name == "avg" ? answer["avg_duration_seconds"] : answer["percentiles"]?[name]
                let responses = [answer["first_response_seconds"], answer["response_seconds"]]
                return ReportTable.Row(
                    cells: [
                        .text(name == "avg" ? "Average" : name.uppercased()),
                        ReportCell(duration, field: "duration_seconds"),
                    ] + responses.map { ReportCell($0?[name], field: "response_seconds") }
                )
            },
            totals: [
                .text("Measured"),
                ReportCell(answer["measured_conversations"], field: "measured_conversations"),
                ReportCell(answer["first_response_seconds"]?["count"], field: "count"),
                ReportCell(answer["response_seconds"]?["count"], field: "count"),
            ]
        )
        let perBucket = series(
            "duration_series",
            "Duration over time",
            answer,
            ["conversations", "avg_duration_seconds", "p50", "p95"]
        )
        return ReportDocument.Section(
            title: "Duration",
            charts: [
                ReportChart(
                    title: "Conversations by duration",
                    kind: .ranking,
                    table: "histogram",
                    category: "duration",
                    series: ["conversations"]
                ),
                line("Duration over time", "duration_series", ["p50", "p95"]),
            ],
            tables: [
                summary("duration", "Duration", answer), percentiles, histogram(answer), perBucket,
            ]
        )
    }

    private func histogram(_ answer: JSONValue) -> ReportTable {
        ReportTable(
            name: "histogram",
            title: "Conversations by duration",
            columns: [
                ReportTable.Column(name: "duration", title: "Duration"),
                Self.column("conversations"),
            ],
            rows: (answer["histogram"]?.arrayValue ?? []).map { row in
                ReportTable.Row(cells: [
                    .text(Self.span(row["from_seconds"], row["to_seconds"])),
                    ReportCell(row["conversations"], field: "conversations"),
                ])
            },
            totals: [
                .text("Total"),
                ReportCell(answer["measured_conversations"], field: "measured_conversations"),
            ]
        )
    }

    /// `10–30 s`, `5–15 min`, `over 60 min`.
    private static func span(_ from: JSONValue?, _ to: JSONValue?) -> String {
        let low = from?.integerValue ?? 0
        let isInMinutes = low >= 60
        func text(_ seconds: Int64) -> String { String(isInMinutes ? seconds / 60 : seconds) }
        let unit = isInMinutes ? "min" : "s"
        guard let high = to?.integerValue else { return "over \(text(low)) \(unit)" }
        return "\(text(low))–\(text(high)) \(unit)"
    }

    func resolution(_ answer: JSONValue) -> ReportDocument.Section {
        let fields = ["resolved", "escalated", "abandoned", "unknown", "resolution_rate"]
        return ReportDocument.Section(
            title: "Resolution",
            charts: [
                ReportChart(
                    title: "Outcomes",
                    kind: .ranking,
                    table: "outcomes",
                    category: "outcome",
                    series: ["conversations"]
                ),
                ReportChart(
                    title: "Outcomes over time",
                    kind: .stacked,
                    table: "resolution_series",
                    category: "date",
                    series: ["resolved", "escalated", "abandoned", "unknown"]
                ),
            ],
            tables: [
                summary("resolution", "Resolution", answer),
                members(
                    "outcomes",
                    "Outcomes",
                    answer["outcomes"],
                    label: ("outcome", "Outcome"),
                    value: ("conversations", "Conversations")
                ),
                series("resolution_series", "Outcomes over time", answer, fields),
            ]
        )
    }

    func engagement(_ answer: JSONValue) -> ReportDocument.Section {
        let fields = ["active_users", "new_users", "returning_users"]
        var users = series("engagement_series", "Users over time", answer, fields)
        users.totals = [.text("Whole period")] + fields.map { ReportCell(answer[$0], field: $0) }
        return ReportDocument.Section(
            title: "Engagement",
            charts: [line("Users over time", "engagement_series", fields)],
            tables: [summary("engagement", "Engagement", answer), users]
        )
    }

    func satisfaction(_ answer: JSONValue) -> ReportDocument.Section {
        ReportDocument.Section(
            title: "Satisfaction",
            charts: [
                ReportChart(
                    title: "Ratings",
                    kind: .bars,
                    table: "ratings",
                    category: "rating",
                    series: ["conversations"]
                ),
                line("Satisfaction over time", "satisfaction_series", ["csat_score"]),
            ],
            tables: [
                summary("satisfaction", "Satisfaction", answer),
                members(
                    "ratings",
                    "Ratings",
                    answer["distribution"],
                    label: ("rating", "Rating"),
                    value: ("conversations", "Conversations")
                ),
                members(
                    "thumbs",
                    "Thumbs",
                    answer["thumbs"],
                    label: ("thumbs", "Thumbs"),
                    value: ("value", "Value")
                ),
                series(
                    "satisfaction_series",
                    "Satisfaction over time",
                    answer,
                    ["responses", "csat_score", "average_rating"]
                ),
            ]
        )
    }

    private func line(_ title: String, _ table: String, _ series: [String]) -> ReportChart {
        ReportChart(title: title, kind: .line, table: table, category: "date", series: series)
    }
}
