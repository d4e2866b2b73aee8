/// A report as every format draws it: headings, figures, charts and tables, with no layout.
struct ReportDocument {
    /// Text of somebody else's, in any script.
    var title: String
    /// What the report is about and where it comes from, in the order shown.
    var facts: [Fact]
    /// The figures that stand out at the top.
    var highlights: [Highlight]
    /// What they are compared with, such as `previous period`.
    var comparison: String
    var sections: [Section]
    /// What each figure means.
    var definitions: [Definition]
    /// When the data was last added to, RFC 3339; nil where there is none.
    var dataAsOf: String?
    var dataVersion: Int64
    /// SHA-256 of the figures.
    var sha256: String

    struct Fact {
        var name: String
        var title: String
        var text: String
    }

    /// A figure in a box of its own, with its change.
    struct Highlight {
        var title: String
        var value: ReportCell
        var change: ReportCell
        /// Whether more of it is good news; nil where it is neither.
        var isMoreBetter: Bool?

        /// Whether it changed for the better; nil where it did not change or that is unknown.
        var isGood: Bool? {
            guard let isMoreBetter, case .change(let value) = change, value != 0 else {
                return nil
            }
            return isMoreBetter == (value > 0)
        }
    }

    struct Section {
        var title: String
        var charts: [ReportChart]
        var tables: [ReportTable]
    }

    struct Definition {
        var name: String
        var title: String
        var text: String
    }

    /// Every table, in order.
    var tables: [ReportTable] { sections.flatMap(\.tables) }

    /// The table of a name.
    func table(_ name: String) -> ReportTable? { tables.first { $0.name == name } }
}

/// Rows and columns, with types.
struct ReportTable {
    /// Unique in the report: the CSV's section, what a chart refers to.
    var name: String
    var title: String
    var columns: [Column]
    var rows: [Row]
    /// The figures of the whole range; nil where there are none.
    var totals: [ReportCell]?
    /// Sentences about the table.
    var notes: [String] = []
    /// Whether rows are buckets of time that may be incomplete, and say when they start.
    var isSeries = false

    struct Column {
        /// As in the answer's JSON.
        var name: String
        var title: String
        /// Whether the cells are shaded by their value from 0 to 1.
        var isShaded = false
    }

    struct Row {
        var cells: [ReportCell]
        /// Whether the whole bucket lies in the range and has elapsed.
        var isComplete = true
        /// The bucket's first instant, RFC 3339; nil where the row is no bucket.
        var start: String?
        /// The field that a row of a summary is about; nil in other tables.
        var field: String?
    }

    /// Whether a column is one of numbers, perhaps unknown ones, and no names.
    func isNumeric(_ column: Int) -> Bool {
        rows.allSatisfy { $0.cells[column].isNumber || $0.cells[column] == .unknown }
    }

    func column(_ name: String) -> Int? { columns.firstIndex { $0.name == name } }
}

/// What a table says, drawn.
struct ReportChart {
    enum Kind {
        case line
        /// Upright bars, those of one category beside each other.
        case bars
        /// Upright bars, those of one category upon each other.
        case stacked
        /// Lying bars, a row each.
        case ranking
    }

    var title: String
    var kind: Kind
    /// The name of the table.
    var table: String
    /// The column of the categories.
    var category: String
    /// The columns that are drawn.
    var series: [String]
    /// How many rows are drawn at most, from the first.
    var rowsMaximum = Int.max
}
