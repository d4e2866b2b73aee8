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
        let each = Double(stored.diskByteCount) / Double(stored.count)
        table.add(
            "B7",
            "disk per message, \(Figure.count(stored.count)) messages \(how)",
            target: "≤ 40 B",
            measured: "\(Figure.decimal(each)) B (\(Figure.mebibytes(stored.diskByteCount)))",
            met: each <= 40
        )
    }
}
