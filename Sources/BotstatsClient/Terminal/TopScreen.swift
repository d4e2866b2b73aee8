/// Draws what `botstats top` shows, as text.
public enum TopScreen {
    /// A line of the screen.
    public struct Line: Sendable, Equatable {
        /// The text, never wider than the screen.
        public var text: String
        /// Whether it stands out.
        public var isHeading = false
    }

    /// The lines above the bots.
    private static let headCount = 5
    private static let identityWidth = 36
    private static let countWidth = 8
    private static let lagWidth = 9
    private static let gap = "  "

    /// Draws a screen.
    ///
    /// - Parameters:
    ///   - reading: What is known; nil before the first answer.
    ///   - problem: What keeps it from being newer; nil where nothing does.
    ///   - endpoint: Where the daemon is.
    ///   - columnCount: The screen's width.
    ///   - rowCount: The screen's height.
    /// - Returns: At most as many lines, none wider.
    public static func lines(
        _ reading: TopReading?,
        problem: String?,
        endpoint: String,
        columnCount: Int,
        rowCount: Int
    ) -> [Line] {
        var lines = [Line(text: title(reading, endpoint, columnCount))]
        if let reading {
            lines += head(reading).map { Line(text: $0) }
            lines += bots(reading, columnCount: columnCount, count: rowCount - headCount - 1)
        }
        if let problem { lines.insert(Line(text: problem, isHeading: true), at: 1) }
        return lines.prefix(max(0, rowCount)).map { line in
            Line(text: String(line.text.prefix(max(0, columnCount))), isHeading: line.isHeading)
        }
    }

    /// Tells how many bots a screen has room for.
    ///
    /// - Parameter rowCount: The screen's height.
    /// - Returns: The rows that are left below the figures and the table's heading.
    public static func botCount(rowCount: Int) -> Int { max(0, rowCount - headCount - 1) }

    /// What is written where there is no screen: a line for each reading.
    ///
    /// - Parameter reading: What is known.
    /// - Returns: For example `2026-11-25T14:46:20+00:00 sessions 12 users 9 messages/min 45 …`.
    public static func plainLine(_ reading: TopReading) -> String {
        var parts: [String] = []
        if let total = reading.total {
            parts = [
                total.instant, "sessions \(total.sessions)", "users \(total.users)",
                "messages/min \(total.messages)", "lag \(lag(total.lagSeconds))",
            ]
        }
        parts += [
            "events/s \(rate(reading.eventsPerSecond))", "bots \(reading.bots.count)",
            "dropped \(reading.droppedCount)", state(reading),
        ]
        return parts.joined(separator: gap)
    }

    private static func title(
        _ reading: TopReading?,
        _ endpoint: String,
        _ columnCount: Int
    ) -> String {
        let left = "botstats top  \(endpoint)"
        let right = reading?.total?.instant ?? ""
        let space = columnCount - left.count - right.count
        return space > 1 ? left + String(repeating: " ", count: space) + right : left
    }

    /// The figures of the whole installation.
    private static func head(_ reading: TopReading) -> [String] {
        let daemon =
            "ingest \(rate(reading.eventsPerSecond)) events/s"
            + "\(gap)publishers \(reading.publisherCount)\(gap)dropped \(reading.droppedCount)"
            + "\(gap)unfolded \(reading.unfoldedCount)\(gap)\(state(reading))"
        guard let total = reading.total else {
            return ["realtime is being rebuilt", daemon, "", ""]
        }
        return [
            "active sessions \(total.sessions), in 5 minutes \(total.sessions5m)"
                + "\(gap)users \(total.users)\(gap)lag \(lag(total.lagSeconds))",
            daemon,
            "messages/min \(total.messages), incoming \(total.incoming), outgoing \(total.outgoing)"
                + "\(gap)\(Sparkline.text(total.series))",
            "",
        ]
    }

    private static func state(_ reading: TopReading) -> String {
        reading.notReady.isEmpty ? "ready" : reading.notReady.joined(separator: "; ")
    }

    // MARK: - Bots

    /// A table of bots; what does not fit on its right is left out.
    private static func bots(
        _ reading: TopReading,
        columnCount: Int,
        count: Int
    ) -> [Line] {
        let fixed = 2 * (gap.count + countWidth)
        let identity = min(identityWidth, max(8, columnCount - fixed))
        let left = columnCount - identity - fixed - gap.count
        let minutes = min(30, left)
        let hasLag = left - minutes >= gap.count + lagWidth
        func row(_ cells: [String], _ series: String?, _ lag: String) -> String {
            var text = padded(cells[0], identity)
            for cell in cells.dropFirst() { text += gap + aligned(cell, countWidth) }
            if minutes >= 5, let series { text += gap + padded(series, minutes) }
            if hasLag { text += gap + aligned(lag, lagWidth) }
            return text
        }
        var lines = [
            Line(
                text: padded(row(["BOT", "SESSIONS", "MSG/MIN"], "MINUTES", "LAG"), columnCount),
                isHeading: true
            )
        ]
        for bot in reading.bots.prefix(max(0, count)) {
            let cells = [
                printable(bot.id), "\(bot.sessions)",
                bot.figures.map { "\($0.messages)" } ?? TextTable.nothing,
            ]
            let series = bot.figures.map { Sparkline.text($0.series.suffix(max(0, minutes))) }
            lines.append(Line(text: row(cells, series ?? "", lag(bot.figures?.lagSeconds))))
        }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text.prefix(max(0, width)) + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// What another program wrote must not move the cursor.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { (0x20...0x7e).contains($0.value) ? Character($0) : "?" })
    }

    private static func rate(_ rate: Double?) -> String {
        rate.map { "\(Int64($0.rounded()))" } ?? TextTable.nothing
    }

    /// Seconds with a digit behind the point, minutes and more without.
    private static func lag(_ seconds: Double?) -> String {
        guard let seconds else { return TextTable.nothing }
        let tenths = Int64((min(max(seconds, 0), 1e12) * 10).rounded())
        if tenths < 1_200 { return "\(tenths / 10).\(tenths % 10) s" }
        let minutes = tenths / 600
        if minutes < 120 { return "\(minutes) min" }
        return minutes < 2_880 ? "\(minutes / 60) h" : "\(minutes / 1_440) d"
    }
}
