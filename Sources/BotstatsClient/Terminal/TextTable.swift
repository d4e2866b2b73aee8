public import JSON

/// Renders an answer as tables for a terminal.
///
/// The top level's numbers, texts and nested objects become one table of two columns; every
/// array of objects becomes a table of its own under its name, with one column for each member,
/// nested objects flattened to `outer.inner`, and arrays of values spread over numbered
/// columns. Numbers are aligned to the right, and null is shown as “–”.
public struct TextTable: Sendable, Equatable {
    /// What stands for null and for a missing member.
    public static let nothing = "–"

    /// One cell.
    struct Cell: Sendable, Equatable {
        var text: String
        var isNumber: Bool
    }

    private var title: String?
    private var header: [String] = []
    private var rows: [[Cell]] = []

    /// Renders an answer.
    ///
    /// - Parameter value: The result of a query.
    /// - Returns: Lines, each with its end.
    public static func render(_ value: JSONValue) -> String {
        tables(for: value).map(\.text).joined(separator: "\n")
    }

    /// The tables of an answer, in order: the single figures first.
    private static func tables(for value: JSONValue) -> [TextTable] {
        var figures = TextTable()
        var others: [TextTable] = []
        collect(value, name: "", into: &figures, &others)
        return (figures.rows.isEmpty ? [] : [figures]) + others
    }

    private static func collect(
        _ value: JSONValue,
        name: String,
        into figures: inout TextTable,
        _ others: inout [TextTable]
    ) {
        switch value {
        case .object(let members):
            for member in members {
                let inner = name.isEmpty ? member.name : "\(name).\(member.name)"
                collect(member.value, name: inner, into: &figures, &others)
            }
        case .array(let values) where values.contains(where: { $0.objectValue != nil }):
            others.append(TextTable(title: name, values: values))
        default:
            figures.rows.append([Cell(text: name, isNumber: false), cell(value)])
        }
    }

    private init() {}

    /// Makes the table of an array of objects.
    private init(title: String, values: [JSONValue]) {
        self.title = title.isEmpty ? nil : title
        var positions: [String: Int] = [:]
        let flat = values.map { value in
            var cells: [(name: String, cell: Cell)] = []
            Self.flatten(value, name: "", into: &cells)
            return cells
        }
        for (name, _) in flat.joined() where positions[name] == nil {
            positions[name] = header.count
            header.append(name)
        }
        rows = flat.map { cells in
            var row = [Cell?](repeating: nil, count: header.count)
            for (name, cell) in cells { if let index = positions[name] { row[index] = cell } }
            return row.map { $0 ?? Cell(text: Self.nothing, isNumber: true) }
        }
    }

    private static func flatten(
        _ value: JSONValue,
        name: String,
        into cells: inout [(name: String, cell: Cell)]
    ) {
        switch value {
        case .object(let members):
            for member in members {
                let inner = name.isEmpty ? member.name : "\(name).\(member.name)"
                flatten(member.value, name: inner, into: &cells)
            }
        case .array(let values) where !values.isEmpty:
            for (index, value) in values.enumerated() {
                flatten(value, name: "\(name)[\(index)]", into: &cells)
            }
        default: cells.append((name, cell(value)))
        }
    }

    private static func cell(_ value: JSONValue) -> Cell {
        switch value {
        case .null: Cell(text: nothing, isNumber: true)
        case .string(let text): Cell(text: printable(text), isNumber: false)
        case .integer, .double: Cell(text: value.serialized(), isNumber: true)
        case .bool(let flag): Cell(text: flag ? "yes" : "no", isNumber: false)
        case .array(let values):
            Cell(text: values.map { cell($0).text }.joined(separator: ", "), isNumber: false)
        case .object: Cell(text: value.serialized(), isNumber: false)
        }
    }

    /// Control characters could rewrite the terminal's contents.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : $0 }
            )
        )
    }

    private var text: String {
        let columnCount = max(header.count, rows.first?.count ?? 0)
        let widths = (0..<columnCount).map { index in
            max(
                index < header.count ? header[index].count : 0,
                rows.map { $0[index].text.count }.max() ?? 0
            )
        }
        // A column is aligned as its cells are; a heading follows its column.
        let isNumber = (0..<columnCount).map { index in
            !rows.isEmpty && rows.allSatisfy { $0[index].isNumber }
        }
        var lines: [String] = []
        if let title { lines.append(title) }
        if !header.isEmpty {
            lines.append(Self.line(header, widths, isNumber))
            lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
        }
        for row in rows {
            // In the table of single figures each row has its own kind of value.
            let alignment = header.isEmpty ? row.map(\.isNumber) : isNumber
            lines.append(Self.line(row.map(\.text), widths, alignment))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func line(_ texts: [String], _ widths: [Int], _ isNumber: [Bool]) -> String {
        var line = ""
        for (index, text) in texts.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - text.count)
            if index > 0 { line += "  " }
            line += isNumber[index] ? padding + text : text + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
