internal import Foundation

/// B7: the daemon's disk.
extension BenchmarkSession {
    /// Measures what a message takes on disk, as a load comes in and spread over a year.
    func measureDisk() throws {
        if streamStore == nil { try measureIngest() }
        guard let streamStore else { throw BenchmarkFailure("B1 left no store") }
        report(streamStore, "as they come (B1)")
        report(try store(Self.yearFill), "spread over a year (B5)")
        report(try store(largeFill), "spread over 29 days (B4)")
    }

    private func report(_ stored: StoredMessages, _ how: String) {
        let each = Double(stored.disk.restBytes) / Double(stored.count)
        let busy = Double(stored.disk.busyBytes) / Double(stored.count)
        table.add(
            "B7",
            "disk per message, \(Figure.count(stored.count)) messages \(how), at rest",
            target: "≤ 40 B",
            measured: "\(Figure.decimal(each)) B (\(Figure.mebibytes(stored.disk.restBytes)));"
                + " \(Figure.decimal(busy)) B just after the last fold",
            met: each <= 40
        )
    }
}

/// The disk that a running daemon's directory takes.
struct DiskUse {
    /// When everything has just been folded.
    let busyBytes: Int
    /// When nothing more changes: the daemon gives back what only the load needed.
    let restBytes: Int

    /// How long a daemon may take to begin, and how long nothing may change at the end.
    private static let patienceSeconds = 7
    private static let roundsMaximum = 60

    /// Waits until nothing more changes.
    ///
    /// - Parameter daemon: A daemon that has folded everything.
    /// - Throws: When the directory cannot be read.
    init(of daemon: DaemonProcess) throws {
        busyBytes = try Scratch.diskUsage(of: daemon.dataDirectory)
        var last = busyBytes
        var unchanged = 0
        for _ in 0..<Self.roundsMaximum where unchanged < Self.patienceSeconds {
            Thread.sleep(forTimeInterval: 1)
            let now = try Scratch.diskUsage(of: daemon.dataDirectory)
            unchanged = now == last ? unchanged + 1 : 0
            last = now
        }
        restBytes = last
    }
}
