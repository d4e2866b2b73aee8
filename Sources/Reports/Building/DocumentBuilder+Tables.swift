internal import JSON

/// Tables out of answers.
extension DocumentBuilder {
    /// The numbers at the top of an answer, each beside the period before and its change.
    func summary(_ name: String, _ title: String, _ answer: JSONValue) -> ReportTable {
        let previous = answer["previous"]
        var columns = [
            ReportTable.Column(name: "figure", title: "Figure"),
            ReportTable.Column(name: "value", title: "Value"),
        ]
        if previous != nil {
            columns.append(ReportTable.Column(name: "previous", title: comparison.capitalizedFirst))
            columns.append(ReportTable.Column(name: "change", title: "Change"))
        }
        var rows: [ReportTable.Row] = []
        for member in answer.objectValue ?? [] {
            switch member.value {
            case .integer, .double, .null: break
            default: continue
            }
            let field = member.name
            var cells: [ReportCell] = [
                .text(Glossary.entry(field).title), ReportCell(member.value, field: field),
            ]
            if let previous {
                cells.append(ReportCell(previous[field], field: field))
                cells.append(Self.change(answer, field))
            }
            rows.append(ReportTable.Row(cells: cells, field: field))
        }
        return ReportTable(name: name, title: title, columns: columns, rows: rows)
    }

    /// The rows of `data[]`, a bucket of time each.
    func series(
        _ name: String,
        _ title: String,
        _ answer: JSONValue,
        _ fields: [String],
        totals: JSONValue? = nil
    ) -> ReportTable {
        var rows: [ReportTable.Row] = []
        for row in answer["data"]?.arrayValue ?? [] {
            let label = row["date"]?.stringValue ?? ""
            let moment = LocalMoment(label).map { ReportCell.moment($0) } ?? .text(label)
            rows.append(
                ReportTable.Row(
                    cells: [moment] + fields.map { ReportCell(row[$0], field: $0) },
                    isComplete: row["complete"] != .bool(false),
                    start: row["start"]?.stringValue
                )
            )
        }
        var table = ReportTable(
            name: name,
            title: title,
            columns: [ReportTable.Column(name: "date", title: Self.heading(answer))]
                + fields.map { Self.column($0) },
            rows: rows
        )
        table.isSeries = true
        if let totals {
            table.totals = [.text("Total")] + fields.map { ReportCell(totals[$0], field: $0) }
        }
        table.notes = Self.notes(answer, fields, rows)
        return table
    }

    /// The objects of an array, the first field of each its name.
    func list(
        _ name: String,
        _ title: String,
        _ rows: JSONValue?,
        _ fields: [String]
    ) -> ReportTable {
        ReportTable(
            name: name,
            title: title,
            columns: fields.map { Self.column($0) },
            rows: (rows?.arrayValue ?? []).map { row in
                ReportTable.Row(cells: fields.map { ReportCell(row[$0], field: $0) })
            }
        )
    }

    /// The members of an object, a row each.
    func members(
        _ name: String,
        _ title: String,
        _ object: JSONValue?,
        label: (name: String, title: String),
        value: (name: String, title: String)
    ) -> ReportTable {
        ReportTable(
            name: name,
            title: title,
            columns: [
                ReportTable.Column(name: label.name, title: label.title),
                ReportTable.Column(name: value.name, title: value.title),
            ],
            rows: (object?.objectValue ?? []).map { member in
                ReportTable.Row(cells: [
                    .text(Glossary.entry(member.name).title),
                    ReportCell(member.value, field: member.name),
                ])
            }
        )
    }

    static func column(_ name: String) -> ReportTable.Column {
        ReportTable.Column(name: name, title: Glossary.entry(name).title)
    }

    private static func heading(_ answer: JSONValue) -> String {
        switch answer["meta"]?["group_by"]?.stringValue {
        case "hour": "Hour"
        case "week": "Week from"
        case "month": "Month"
        default: "Day"
        }
    }

    private static func notes(
        _ answer: JSONValue,
        _ fields: [String],
        _ rows: [ReportTable.Row]
    ) -> [String] {
        var notes: [String] = []
        let shown = (answer["meta"]?["non_additive"]?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { fields.contains($0) }
        if !shown.isEmpty {
            let titles = shown.map { Glossary.entry($0).title }.joined(separator: ", ")
            notes.append("Rows do not add up to the figure of the whole period: \(titles).")
        }
        if rows.contains(where: { !$0.isComplete }) {
            notes.append("* Not complete: it is still running or only a part lies in the period.")
        }
        return notes
    }
}
