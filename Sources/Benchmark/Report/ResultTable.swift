/// The benchmarks' result: what was wanted, what was measured.
struct ResultTable {
    private struct Row {
        let benchmark: String
        let what: String
        let target: String
        let measured: String
        let met: String
    }

    private var rows: [Row] = []
    private var notes: [String] = []

    /// Adds a figure.
    ///
    /// - Parameters:
    ///   - benchmark: Its name, such as `B1`.
    ///   - what: What was measured.
    ///   - target: What is wanted; empty where nothing is.
    ///   - measured: The figure.
    ///   - met: Whether the target is met; nil where there is none.
    mutating func add(
        _ benchmark: String,
        _ what: String,
        target: String = "",
        measured: String,
        met: Bool? = nil
    ) {
        let verdict = met.map { $0 ? "yes" : "**no**" } ?? ""
        rows.append(
            Row(benchmark: benchmark, what: what, target: target, measured: measured, met: verdict)
        )
        Progress.note("  \(benchmark) \(what): \(measured) \(target.isEmpty ? "" : "(\(target))")")
    }

    /// Adds a sentence below the table.
    mutating func note(_ text: String) {
        notes.append(text)
        Progress.note("  \(text)")
    }

    /// The table as Markdown.
    ///
    /// - Parameter machine: What it was measured on; nothing that names the machine.
    /// - Returns: The table, and the notes as a list below it.
    func markdown(machine: Machine) -> String {
        var lines = ["Measured on \(machine), load generator included.", ""]
        lines.append("| | what | target | measured | met? |")
        lines.append("|---|---|---|---|---|")
        for row in rows {
            let cells = [row.benchmark, row.what, row.target, row.measured, row.met]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        if !notes.isEmpty { lines.append("") }
        lines += notes.map { "* \($0)" }
        return lines.joined(separator: "\n")
    }
}
