internal import BotstatsClient

/// Shows an import's progress: a bar that redraws itself on a terminal, a line now and then
/// elsewhere.
final class ProgressMeter {
    private let name: String
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let isTerminal = StandardError.isTerminal
    private var shown: ContinuousClock.Instant
    /// How many columns the bar's line has; 0 where there is none.
    private var shownColumnCount = 0

    /// Begins to measure.
    ///
    /// - Parameter name: The file's name, for lines.
    init(name: String) {
        self.name = name
        start = clock.now
        shown = start
    }

    /// How long the import has run.
    var elapsed: Duration { clock.now - start }

    /// Shows progress, unless that was done a moment ago.
    func show(_ progress: FileImport.Progress) {
        let now = clock.now
        guard now - shown >= (isTerminal ? .milliseconds(200) : .seconds(10)) else { return }
        shown = now
        let columnCount = isTerminal ? StandardError.columnCount : nil
        let line = ImportReport.line(progress, elapsed: now - start, columnCount: columnCount)
        guard isTerminal else {
            StandardError.write("\(name): \(line)")
            return
        }
        erase()
        StandardError.write(line, terminator: "")
        shownColumnCount = line.count
    }

    /// Writes a line of its own.
    func note(_ text: String) {
        finish()
        StandardError.write(text)
    }

    /// Ends the bar's line, if there is one.
    func finish() {
        erase()
        shownColumnCount = 0
    }

    /// Goes back to where the bar's line begins and erases it.
    private func erase() {
        guard shownColumnCount > 0 else { return }
        // A terminal that was made narrower has broken the line into several.
        let brokenCount = (shownColumnCount - 1) / max(1, StandardError.columnCount)
        let up = brokenCount > 0 ? "\u{1B}[\(brokenCount)A" : ""
        StandardError.write("\(up)\r\u{1B}[J", terminator: "")
    }
}
