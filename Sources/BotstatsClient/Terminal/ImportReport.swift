/// Words for the progress and the outcome of an import.
public enum ImportReport {
    private static let barCellCount = 24
    private static let barCellCountMinimum = 4

    /// One line that says how far an import is.
    ///
    /// - Parameters:
    ///   - progress: How far it is.
    ///   - elapsed: How long it has run.
    ///   - columnCount: The width of the terminal that a bar is drawn on; nil for no bar.
    /// - Returns: For example `[████····] 37 %  1200000 lines  310000 events/s  ETA 0:12`, never
    ///   as wide as the terminal.
    public static func line(
        _ progress: FileImport.Progress,
        elapsed: Duration,
        columnCount: Int?
    ) -> String {
        var parts: [String] = []
        let fraction = progress.byteCount.map {
            $0 > 0 ? min(1, Double(progress.readByteCount) / Double($0)) : 1
        }
        if let fraction {
            parts.append("\(Int(fraction * 100)) %")
        }
        parts.append("\(progress.lineCount) lines")
        let seconds = seconds(elapsed)
        if progress.acknowledgedCount == 0, progress.skippedLineCount > 0 {
            parts.append("comparing with an earlier import")
        } else if seconds > 0 {
            parts.append("\(rate(progress.acknowledgedCount, elapsed)) events/s")
        }
        if let fraction, fraction > 0, fraction < 1, seconds >= 1 {
            parts.append("ETA \(clock(seconds * (1 - fraction) / fraction))")
        }
        let figures = parts.joined(separator: "  ")
        guard let columnCount else { return figures }
        // The bar gets what the figures leave, and nothing stands in the last column, where a
        // terminal would begin another line that is not overwritten.
        let cellCount = min(barCellCount, columnCount - 1 - figures.count - 3)
        guard let fraction, cellCount >= barCellCountMinimum else {
            return String(figures.prefix(max(0, columnCount - 1)))
        }
        let full = Int(fraction * Double(cellCount))
        let cells =
            String(repeating: "█", count: full) + String(repeating: "·", count: cellCount - full)
        return "[\(cells)] \(figures)"
    }

    /// The sentences that say what became of an import.
    ///
    /// - Parameters:
    ///   - summary: What it came to.
    ///   - elapsed: How long it ran.
    /// - Returns: One line, or more where something was rejected or left out.
    public static func lines(_ summary: FileImport.Summary, elapsed: Duration) -> [String] {
        guard !summary.producer.isEmpty else { return [linesWithoutProducer(summary)] }
        let totals = summary.totals
        let sent = totals.accepted + totals.rejected
        var lines = [
            "\(summary.name): \(outcome(totals)); \(rate(sent, elapsed)) events/s "
                + "(producer \(summary.producer))"
        ]
        if summary.overlongLineCount > 0 {
            let numbers = summary.overlongLineNumbers.map(String.init).joined(separator: ", ")
            let isAll = summary.overlongLineNumbers.count == Int(summary.overlongLineCount)
            lines.append(
                "longer than the daemon takes, and so among the rejected: "
                    + "\(lineWord(summary.overlongLineCount)) \(numbers)"
                    + (isAll ? "" : ", … (\(summary.overlongLineCount) in all)")
            )
        }
        if let number = summary.unfinishedLineNumber { lines.append(unfinished(number)) }
        if !summary.isComplete {
            lines.append("stopped; run the same command again to go on where it stopped")
        }
        return lines
    }

    private static func linesWithoutProducer(_ summary: FileImport.Summary) -> String {
        if let number = summary.unfinishedLineNumber {
            return "\(summary.name): \(unfinished(number))"
        }
        return "\(summary.name): "
            + (summary.isComplete ? "the file is empty" : "stopped before its first line")
    }

    private static func unfinished(_ number: Int64) -> String {
        "line \(number) is not complete yet and was left out; run the same command again when it is"
    }

    private static func lineWord(_ count: Int64) -> String { count == 1 ? "line" : "lines" }

    /// The figures of an outcome, for example `accepted 98, duplicate 0, rejected 2 (…)`.
    ///
    /// - Parameter totals: What became of the events.
    /// - Returns: The figures, the rejected ones by their codes.
    public static func outcome(_ totals: PublisherTotals) -> String {
        let codes = totals.rejectedByCode.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \($0.value)" }
        return "accepted \(totals.accepted), duplicate \(totals.duplicate), "
            + "rejected \(totals.rejected)"
            + (codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))")
    }

    /// One line for a rejected event.
    ///
    /// - Parameters:
    ///   - rejection: The rejection.
    ///   - unit: What the number counts.
    /// - Returns: For example `event 17: invalid_field (timestamp): …`.
    public static func line(_ rejection: PublisherRejection, unit: String = "event") -> String {
        "\(unit) \(rejection.sequence): \(rejection.code)"
            + (rejection.field.map { " (\($0))" } ?? "")
            + (rejection.message.map { ": \($0)" } ?? "")
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    /// How many there were in a second, rounded.
    ///
    /// - Parameters:
    ///   - count: How many there were.
    ///   - elapsed: In how long a time.
    /// - Returns: The rate; that of a millisecond where the time was shorter.
    public static func rate(_ count: Int64, _ elapsed: Duration) -> Int64 {
        // Less than a millisecond says nothing about a rate.
        let seconds = max(seconds(elapsed), 0.001)
        return Int64((Double(count) / seconds).rounded())
    }

    private static func clock(_ seconds: Double) -> String {
        let total = Int(min(seconds, 359_999).rounded(.up))
        let (hours, minutes, rest) = (total / 3_600, total / 60 % 60, total % 60)
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return hours > 0
            ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
    }
}
