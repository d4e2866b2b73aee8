internal import CXLSXWriter

/// A sheet of a workbook; rows and columns count from 0.
///
/// Safe, because it keeps alive the workbook its handle belongs to.
@safe
public struct Sheet {
    private let workbook: Workbook
    private let handle: UnsafeMutablePointer<lxw_worksheet>
    /// What it is called.
    public let name: String

    init(workbook: Workbook, handle: UnsafeMutablePointer<lxw_worksheet>, name: String) {
        self.workbook = workbook
        unsafe self.handle = handle
        self.name = name
    }

    /// What a cell holds.
    public enum Value {
        /// A text, never a formula; cut at 32,767 characters, as spreadsheets do.
        case text(String)
        /// A number.
        case number(Double)
        /// Yes or no.
        case boolean(Bool)
        /// A local date, with an hour or without; from 1900 to 9999.
        case date(year: Int, month: Int, dayOfMonth: Int, hour: Int)
    }

    /// Writes a cell.
    ///
    /// - Parameters:
    ///   - value: What it holds.
    ///   - row: Its row.
    ///   - column: Its column.
    ///   - format: How it looks.
    public func write(_ value: Value, row: Int, column: Int, _ format: CellFormat) {
        let (row, column) = (UInt32(row), UInt16(column))
        // The handles are live as long as the workbook, here and below.
        let format = unsafe workbook.format(format)
        switch value {
        case .text(let text):
            unsafe worksheet_write_string(handle, row, column, String(text.prefix(32_000)), format)
        case .number(let number):
            unsafe worksheet_write_number(handle, row, column, number, format)
        case .boolean(let value):
            unsafe worksheet_write_boolean(handle, row, column, value ? 1 : 0, format)
        case .date(let year, let month, let dayOfMonth, let hour):
            var date = lxw_datetime()
            date.year = Int32(year)
            date.month = Int32(month)
            date.day = Int32(dayOfMonth)
            date.hour = Int32(hour)
            unsafe worksheet_write_datetime(handle, row, column, &date, format)
        }
    }

    /// Sets how wide a column is.
    ///
    /// - Parameters:
    ///   - width: In characters.
    ///   - column: The column.
    public func setWidth(_ width: Double, ofColumn column: Int) {
        unsafe worksheet_set_column(handle, UInt16(column), UInt16(column), width, nil)
    }

    /// Keeps rows at the top in sight, and at the top of each printed page.
    ///
    /// - Parameter rowCount: How many.
    public func freeze(rowCount: Int) {
        unsafe worksheet_freeze_panes(handle, UInt32(rowCount), 0)
        unsafe worksheet_repeat_rows(handle, 0, UInt32(rowCount - 1))
    }

    /// Prints on A4, as many pages high as it takes and one wide.
    public func fitPage() {
        unsafe worksheet_set_paper(handle, 9)
        unsafe worksheet_fit_to_pages(handle, 1, 0)
    }

    /// Shades cells by their value, from white to blue.
    ///
    /// - Parameters:
    ///   - rows: Their rows.
    ///   - columns: Their columns.
    public func shade(rows: Range<Int>, columns: Range<Int>) {
        guard !rows.isEmpty, !columns.isEmpty else { return }
        var rule = unsafe lxw_conditional_format()
        unsafe rule.type = UInt8(LXW_CONDITIONAL_2_COLOR_SCALE.rawValue)
        unsafe rule.min_color = 0xFFFFFF
        unsafe rule.max_color = 0x6F9DE6
        unsafe worksheet_conditional_format_range(
            handle,
            UInt32(rows.lowerBound),
            UInt16(columns.lowerBound),
            UInt32(rows.upperBound - 1),
            UInt16(columns.upperBound - 1),
            &rule
        )
    }

    /// A chart of a sheet's cells.
    public struct Chart {
        /// What kind of marks it has.
        public enum Kind: Sendable {
            /// Lines.
            case line
            /// Upright bars beside each other.
            case column
            /// Upright bars upon each other.
            case stackedColumn
            /// Lying bars, the first row on top.
            case bar
        }

        /// Its title.
        public var title: String
        /// What kind of marks it has.
        public var kind: Kind
        /// The rows it shows.
        public var rows: Range<Int>
        /// The column with the names of its categories.
        public var categories: Int
        /// The columns with values; the row before the first names them.
        public var series: [(column: Int, color: UInt32)]

        /// Describes a chart.
        ///
        /// - Parameters:
        ///   - title: Its title.
        ///   - kind: What kind of marks it has.
        ///   - rows: The rows it shows; the one before them names the columns.
        ///   - categories: The column with the names of its categories.
        ///   - series: The columns with values, and their colours as `0x1f66d1`.
        public init(
            title: String,
            kind: Kind,
            rows: Range<Int>,
            categories: Int,
            series: [(column: Int, color: UInt32)]
        ) {
            self.title = title
            self.kind = kind
            self.rows = rows
            self.categories = categories
            self.series = series
        }
    }

    /// Draws a chart of the sheet's own cells on it.
    ///
    /// - Parameters:
    ///   - chart: The chart.
    ///   - row: The row of its upper edge.
    ///   - column: The column of its left edge.
    public func insert(_ chart: Chart, row: Int, column: Int) {
        guard !chart.rows.isEmpty, let made = unsafe workbook.makeChart(chart.kind.type) else {
            return
        }
        let first = UInt32(chart.rows.lowerBound)
        let last = UInt32(chart.rows.upperBound - 1)
        for item in chart.series {
            // The chart and its parts live as long as the workbook.
            guard let series = unsafe chart_add_series(made, nil, nil) else { return }
            let category = UInt16(chart.categories)
            unsafe chart_series_set_categories(series, name, first, category, last, category)
            let values = UInt16(item.column)
            unsafe chart_series_set_values(series, name, first, values, last, values)
            unsafe chart_series_set_name_range(series, name, first - 1, values)
            var line = lxw_chart_line()
            line.color = item.color
            line.width = 2
            var fill = lxw_chart_fill()
            fill.color = item.color
            if chart.kind == .line {
                unsafe chart_series_set_line(series, &line)
            } else {
                unsafe chart_series_set_fill(series, &fill)
            }
        }
        unsafe chart_title_set_name(made, chart.title)
        let legend = chart.series.count > 1 ? LXW_CHART_LEGEND_BOTTOM : LXW_CHART_LEGEND_NONE
        unsafe chart_legend_set_position(made, UInt8(legend.rawValue))
        if chart.kind == .bar { unsafe chart_axis_set_reverse(made.pointee.y_axis) }
        var options = unsafe lxw_chart_options()
        unsafe options.x_scale = 1.35
        unsafe options.y_scale = 1.1
        unsafe worksheet_insert_chart_opt(handle, UInt32(row), UInt16(column), made, &options)
    }
}

extension Sheet.Chart.Kind {
    fileprivate var type: lxw_chart_type {
        switch self {
        case .line: LXW_CHART_LINE
        case .column: LXW_CHART_COLUMN
        case .stackedColumn: LXW_CHART_COLUMN_STACKED
        case .bar: LXW_CHART_BAR
        }
    }
}
