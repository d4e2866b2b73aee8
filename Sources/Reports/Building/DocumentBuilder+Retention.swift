internal import JSON

/// Who came back, as a heat map and as counts.
extension DocumentBuilder {
    func retention(_ answer: JSONValue) -> ReportDocument.Section {
        let unit = answer["meta"]?["group_by"]?.stringValue ?? "week"
        var rates = cohorts("retention_rates", "Retention", answer, "rates", unit: unit) {
            $0?.doubleValue.map { .rate($0) } ?? .unknown
        }
        for index in rates.columns.indices.dropFirst(2) { rates.columns[index].isShaded = true }
        let averages = answer["average"]?.arrayValue ?? []
        rates.totals =
            [.text("Average"), .unknown]
            + averages.map { $0.doubleValue.map { .rate($0) } ?? .unknown }
        rates.notes =
            [
                "Each row is the users whose first message lies in that \(unit); column k says how "
                    + "many of them were active in the k-th \(unit) after it."
            ] + Self.partialNote(answer)
        let counts = cohorts("retention_counts", "Retention, users", answer, "counts", unit: unit) {
            ReportCell($0, field: "users")
        }
        return ReportDocument.Section(
            title: "Retention",
            charts: [],
            tables: [rates, counts]
        )
    }

    private static func partialNote(_ answer: JSONValue) -> [String] {
        let isPartial = !(answer["partial"]?.arrayValue ?? []).isEmpty
        return isPartial ? ["* Its last period is still running; averages leave it out."] : []
    }

    private func cohorts(
        _ name: String,
        _ title: String,
        _ answer: JSONValue,
        _ member: String,
        unit: String,
        _ cell: (JSONValue?) -> ReportCell
    ) -> ReportTable {
        let rows = answer["data"]?.arrayValue ?? []
        let count = rows.map { $0[member]?.arrayValue?.count ?? 0 }.max() ?? 0
        let partial = Set(
            (answer["partial"]?.arrayValue ?? []).compactMap { $0["cohort"]?.stringValue }
        )
        let columns =
            [
                ReportTable.Column(name: "cohort", title: "First \(unit)"),
                ReportTable.Column(name: "users", title: "Users"),
            ]
            + (0..<count).map {
                ReportTable.Column(name: "\(unit)_\($0)", title: "\(unit.capitalizedFirst) \($0)")
            }
        return ReportTable(
            name: name,
            title: title,
            columns: columns,
            rows: rows.map { row in
                let label = row["cohort"]?.stringValue ?? ""
                return ReportTable.Row(
                    cells: [
                        LocalMoment(label).map { .moment($0) } ?? .text(label),
                        ReportCell(row["users"], field: "users"),
                    ] + (0..<count).map { index in cell(row[member]?.arrayValue?[index]) },
                    isComplete: !partial.contains(label)
                )
            }
        )
    }
}

extension String {
    /// The text with its first letter as a capital.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
