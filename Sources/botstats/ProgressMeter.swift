internal import BotstatsClient

/// Shows an import's progress: a bar that redraws itself on a terminal, a line now and then
/// elsewhere.
final class ProgressMeter {
    private let name: String
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let isTerminal = StandardError.isTerminal
    private var shown: ContinuousClock.Instant
    private var hasBar = false

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
        let line = ImportReport.line(progress, elapsed: now - start, showsBar: isTerminal)
        guard isTerminal else {
            StandardError.write("\(name): \(line)")
            return
        }
        // Return to the line's begin and erase the rest of what was there.
        StandardError.write("\r\(line)\u{1B}[K", terminator: "")
        hasBar = true
    }

    /// Writes a line of its own.
    func note(_ text: String) {
        finish()
        StandardError.write(text)
    }

    /// Ends the bar's line, if there is one.
    func finish() {
        guard hasBar else { return }
        hasBar = false
        StandardError.write("\r\u{1B}[K", terminator: "")
    }
}
