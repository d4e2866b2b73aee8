internal import Foundation

/// B7: the daemon's disk.
extension BenchmarkSession {
    /// How long nothing may have changed: more than the daemon waits before it begins.
    private static let restSeconds = 7
    private static let restSecondsMaximum = 60

    /// Measures what a message takes on disk, as a load comes in and spread over a year.
    func measureDisk() throws {
        if streamStore == nil { try measureIngest() }
        guard let streamStore else { throw BenchmarkFailure("B1 left no store") }
        try report(streamStore, "as they come (B1)")
        try report(try store(Self.yearFill), "spread over a year (B5)")
        try report(try store(largeFill), "spread over 29 days (B4)")
    }

    private func report(_ stored: StoredMessages, _ how: String) throws {
        let bytes = try diskUseAtRest(stored)
        let each = Double(bytes) / Double(stored.count)
        let busy = Double(stored.diskByteCount) / Double(stored.count)
        table.add(
            "B7",
            "disk per message, \(Figure.count(stored.count)) messages \(how), at rest",
            target: "≤ 40 B",
            measured: "\(Figure.decimal(each)) B (\(Figure.mebibytes(bytes)));"
                + " \(Figure.decimal(busy)) B just after the last fold",
            met: each <= 40
        )
    }

    /// What a store's directory takes when a daemon on it has given back what only load needs.
    private func diskUseAtRest(_ stored: StoredMessages) throws -> Int {
        let daemon = try start(on: stored.directory)
        defer { daemon.kill() }
        var last = try Scratch.diskUsage(of: stored.directory)
        var unchanged = 0
        for _ in 0..<Self.restSecondsMaximum where unchanged < Self.restSeconds {
            Thread.sleep(forTimeInterval: 1)
            let now = try Scratch.diskUsage(of: stored.directory)
            unchanged = now == last ? unchanged + 1 : 0
            last = now
        }
        try daemon.stop()
        return last
    }
}
