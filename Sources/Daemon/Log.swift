internal import Core
internal import Glibc
internal import Synchronization

/// Lines for the operator on standard error: time, level, one sentence.
final class Log: Sendable {
    private let clock: WallClock
    private let calendar = LocalCalendar(rules: .utc)
    private let lock = Mutex(())

    init(clock: WallClock) { self.clock = clock }

    func notice(_ message: String) { write("notice", message) }

    func error(_ message: String) { write("error", message) }

    /// A refused request.
    func audit(_ message: String) { write("audit", message) }

    private func write(_ level: String, _ message: String) {
        let line = "\(calendar.text(of: clock.now)) \(level) \(message)\n"
        lock.withLock { _ in
            _ = Array(line.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
        }
    }
}
