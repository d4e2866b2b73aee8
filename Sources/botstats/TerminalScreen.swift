internal import BotstatsClient
internal import Glibc
internal import Synchronization

/// A terminal that is drawn on as a whole and left as it was.
final class TerminalScreen {
    /// What ended a wait.
    enum Event {
        /// q, Ctrl-C or Ctrl-D, or the terminal is gone.
        case quit
        /// The screen has another size.
        case resized
        /// The time is over.
        case nothing
    }

    /// Whether the size has changed since it was last waited for.
    private static let wasResized = Atomic<Bool>(false)

    private let hasKeys: Bool
    private var former = termios()
    private var isEntered = false

    /// Takes the terminal that the output goes to; nil where it is none that can be drawn on.
    init?() {
        let kind = Setting.environment("TERM") ?? "dumb"
        guard isatty(STDOUT_FILENO) == 1, kind != "dumb" else { return nil }
        hasKeys = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &former) == 0
    }

    /// Its size now; 80 by 24 where it does not say.
    var size: (columnCount: Int, rowCount: Int) {
        var size = winsize()
        let isKnown =
            ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
            && size.ws_row > 0
        return isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
    }

    /// Begins to draw: another screen, no cursor, no broken lines, keys one by one.
    func enter() {
        isEntered = true
        if hasKeys {
            var raw = former
            cfmakeraw(&raw)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        }
        // The variable must exist before a signal handler uses it: making it takes a lock.
        Self.wasResized.store(false, ordering: .relaxed)
        signal(SIGWINCH) { _ in TerminalScreen.wasResized.store(true, ordering: .relaxed) }
        Interruption.unblock(SIGWINCH)
        StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
    }

    /// Gives the terminal back as it was.
    func leave() {
        guard isEntered else { return }
        isEntered = false
        StandardOutput.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        if hasKeys { tcsetattr(STDIN_FILENO, TCSAFLUSH, &former) }
        signal(SIGWINCH, SIG_DFL)
    }

    /// Draws lines from the top, in one write, so that nothing flickers.
    func draw(_ lines: [TopScreen.Line]) {
        var text = "\u{1B}[H"
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\r\n" }
            // Erased first: behind a full line it would take the last column.
            text += "\u{1B}[K"
            text += line.isHeading ? "\u{1B}[7m\(line.text)\u{1B}[0m" : line.text
        }
        if lines.count < size.rowCount { text += "\r\n\u{1B}[J" }
        StandardOutput.write(text)
    }

    /// Waits for a key or another size.
    func wait(until deadline: ContinuousClock.Instant) -> Event {
        let isKeyPressed = Interruption.wait(for: hasKeys, until: deadline) {
            Self.wasResized.load(ordering: .relaxed) || Interruption.wasRequested
        }
        if Self.wasResized.exchange(false, ordering: .relaxed) { return .resized }
        guard isKeyPressed else { return .nothing }
        var keys = [UInt8](repeating: 0, count: 64)
        let readCount = read(STDIN_FILENO, &keys, keys.count)
        // A terminal that was closed reads as an end.
        guard readCount > 0 else { return errno == EINTR && readCount < 0 ? .nothing : .quit }
        let quitting: Set<UInt8> = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4]
        return quitting.isDisjoint(with: keys.prefix(readCount)) ? .nothing : .quit
    }

    /// Waits without a screen; a signal ends it.
    static func sleep(until deadline: ContinuousClock.Instant) {
        _ = Interruption.wait(until: deadline)
    }
}

/// The result goes to standard output.
enum StandardOutput {
    /// Writes all of a text at once, past any buffer.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            rest.removeFirst(count)
        }
    }
}
