internal import Foundation

/// B1: how much the daemon takes in, and what that costs.
extension BenchmarkSession {
    private static let warmUpSeconds = 5.0
    private static let sampleSeconds = 0.25

    /// Measures acknowledged durable ingest under a full window.
    func measureIngest() throws {
        let daemon = try startEmpty("stream")
        defer { daemon.kill() }
        let source = EventSource(seed: seed)
        let load = FullLoad(on: daemon.ingestEndpoint, publishers: producerCount, source: source)
        Thread.sleep(forTimeInterval: Self.warmUpSeconds)
        let before = try Reading(daemon, load)
        var peakAnonymous = 0
        while before.age < Double(seconds) {
            Thread.sleep(forTimeInterval: Self.sampleSeconds)
            peakAnonymous = max(peakAnonymous, try daemon.statistics().anonymousBytes)
        }
        let after = try Reading(daemon, load)
        try load.stop()
        let unfolded = try daemon.statusCount("events_unfolded")
        let folding = try daemon.waitUntilFolded()
        let settled = try Reading(daemon, load)
        try check(daemon, load)
        report(IngestSpan(from: before, to: after), peakAnonymous, settled)
        let whole = IngestSpan(from: before, to: settled)
        table.note(
            "B1: \(producerCount) publisher(s), \(FullLoad.batchCount) events a batch of"
                + " \(load.volume.bytes / load.volume.events) bytes each;"
                + " at the end \(Figure.count(unfolded)) events were not folded yet, which took"
                + " \(Figure.time(folding)); with that the daemon used"
                + " \(Figure.time(whole.daemonSeconds / Double(whole.events))) an event."
        )
        let threads = IngestSpan(from: before, to: after).threads.prefix(6)
            .map { "\($0.name) \(Figure.percent($0.share))" }
        table.note("B1: threads of the daemon, of one core: \(threads.joined(separator: ", ")).")
        streamStore = StoredMessages(
            directory: daemon.dataDirectory,
            count: load.volume.events,
            botIDs: source.botIDs,
            diskByteCount: try Scratch.diskUsage(of: daemon.dataDirectory)
        )
        try daemon.stop()
    }

    private func report(_ span: IngestSpan, _ peakAnonymous: Int, _ settled: Reading) {
        let rate = span.rate
        let cost = span.daemonSeconds / Double(span.events)
        table.add(
            "B1",
            "acknowledged durable ingest over \(Figure.decimal(span.seconds)) s",
            target: "≥ 400,000/s, then 1,000,000/s",
            measured: "\(Figure.count(rate)) events/s",
            met: rate >= 400_000
        )
        table.add(
            "B1",
            "daemon's CPU time per event",
            target: "≤ 1.5 µs, then 1 µs",
            measured: Figure.time(cost),
            met: cost <= 1.5e-6
        )
        table.add(
            "B1",
            "load generator's CPU time per event",
            measured: "\(Figure.time(span.ownSeconds / Double(span.events))), "
                + "\(Figure.percent(span.ownSeconds / span.seconds)) of one core"
        )
        table.add(
            "B1",
            "peak memory under this load",
            measured: "\(Figure.mebibytes(settled.statistics.peakResidentBytes)) RSS, "
                + "\(Figure.mebibytes(peakAnonymous)) of it without file pages"
        )
    }

    /// Every event that was acknowledged must be there.
    private func check(_ daemon: DaemonProcess, _ load: FullLoad) throws {
        let accepted = try daemon.statusCount("events_accepted")
        guard accepted == load.volume.events else {
            throw BenchmarkFailure("\(load.volume.events) events sent, \(accepted) stored")
        }
    }
}

/// Counters at one moment.
struct Reading {
    /// When.
    let moment: ContinuousClock.Instant
    /// Acknowledged events so far.
    let accepted: Int
    /// The daemon's figures.
    let statistics: ProcessStatistics
    /// The benchmark's own CPU time in seconds.
    let ownSeconds: Double
    /// The daemon's CPU time in seconds by thread.
    let threads: [String: Double]

    init(_ daemon: DaemonProcess, _ load: FullLoad) throws {
        accepted = load.acceptedCount
        moment = .now
        statistics = try daemon.statistics()
        ownSeconds = try ProcessStatistics().cpuSeconds
        threads = ProcessStatistics.threadSeconds(of: try daemon.identifier)
    }

    /// Seconds since then.
    var age: Double { (ContinuousClock.now - moment).inSeconds }
}

/// What happened between two readings.
struct IngestSpan {
    /// How long it was.
    let seconds: Double
    /// How many events were acknowledged.
    let events: Int
    /// The daemon's CPU time in seconds.
    let daemonSeconds: Double
    /// The benchmark's own CPU time in seconds.
    let ownSeconds: Double
    /// Each thread's share of one core, the busiest first.
    let threads: [(name: String, share: Double)]

    init(from start: Reading, to end: Reading) {
        let elapsed = (end.moment - start.moment).inSeconds
        seconds = elapsed
        events = end.accepted - start.accepted
        daemonSeconds = end.statistics.cpuSeconds - start.statistics.cpuSeconds
        ownSeconds = end.ownSeconds - start.ownSeconds
        threads =
            end.threads
            .map { ($0.key, ($0.value - (start.threads[$0.key] ?? 0)) / elapsed) }
            .sorted { $0.1 > $1.1 }
    }

    /// Acknowledged events a second.
    var rate: Double { Double(events) / seconds }
}
