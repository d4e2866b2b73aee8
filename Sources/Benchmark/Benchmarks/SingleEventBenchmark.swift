internal import Foundation

/// B2: one event in each message.
extension BenchmarkSession {
    /// Enough to have some thousand messages under way, as many busy botservers have.
    private static let manyProducers = 128
    /// The rates tried with PUB, one after the other.
    ///
    /// A sender is always a little slower than it is told, so that none is the target itself.
    private static let fireRates = stride(from: 210_000, through: 1_010_000, by: 50_000)

    /// Measures both ways of publishing.
    func measureSingleEvents() throws {
        try measureAcknowledgedSingles(producers: Self.manyProducers, target: 100_000)
        try measureAcknowledgedSingles(producers: 1, target: nil)
        try measureFireAndForget()
    }

    private func measureAcknowledgedSingles(producers: Int, target: Int?) throws {
        let daemon = try startEmpty("singles")
        defer { daemon.kill() }
        let connection = try IngestConnection(
            context: daemon.context,
            endpoint: daemon.ingestEndpoint,
            producers: producers,
            name: "single"
        )
        let lines = SingleLines(EventSource(seed: seed))
        try send(lines, on: connection, for: 2)
        let began = ContinuousClock.now
        let accepted = connection.acceptedCount
        let before = try daemon.statistics()
        let ownBefore = try ProcessStatistics().cpuSeconds
        try send(lines, on: connection, for: Double(seconds) / 2)
        let count = connection.acceptedCount - accepted
        let elapsed = (ContinuousClock.now - began).inSeconds
        let cost = (try daemon.statistics().cpuSeconds - before.cpuSeconds) / Double(count)
        let own = (try ProcessStatistics().cpuSeconds - ownBefore) / elapsed
        try connection.drain()
        guard connection.acceptedCount == connection.sentCount else {
            throw BenchmarkFailure("\(connection.sentCount - connection.acceptedCount) got lost")
        }
        let rate = Double(count) / elapsed
        table.add(
            "B2",
            "acknowledged, one event a message, \(producers) producer(s) on one connection",
            target: target.map { "≥ \(Figure.count($0))/s" } ?? "",
            measured: "\(Figure.count(rate)) events/s, \(Figure.time(cost)) of CPU each;"
                + " the generator takes \(Figure.percent(own)) of one core",
            met: target.map { rate >= Double($0) }
        )
        try daemon.stop()
        scratch.discard(daemon.dataDirectory)
    }

    /// Keeps every window full.
    private func send(
        _ lines: SingleLines,
        on connection: IngestConnection,
        for seconds: Double
    ) throws {
        let began = ContinuousClock.now
        while (ContinuousClock.now - began).inSeconds < seconds {
            var hasSent = false
            for producer in 0..<connection.producerCount {
                while connection.hasRoom(producer) {
                    try connection.send(lines.next(), count: 1, producer: producer)
                    hasSent = true
                }
            }
            try connection.receive(waitingMilliseconds: hasSent ? 0 : 1_000)
        }
    }

    // MARK: - Fire and forget

    /// Raises the rate until something is lost or the publisher itself is too slow.
    private func measureFireAndForget() throws {
        let target = 300_000
        var best: (rate: Double, cost: Double)?
        var end = "the last step tried"
        for rate in Self.fireRates {
            let step = try measureFireAndForget(rate: rate)
            guard step.lost == 0 else {
                end =
                    "at \(Figure.count(rate))/s \(Figure.count(step.lost)) of "
                    + "\(Figure.count(step.sent)) events were dropped (and counted)"
                break
            }
            if step.rate > best?.rate ?? 0 { best = (step.rate, step.cost) }
            guard step.rate > Double(rate) * 0.97 else {
                end = "the publisher itself reaches no \(Figure.count(rate))/s beside the daemon"
                break
            }
        }
        table.add(
            "B2",
            "fire and forget (PUB), one event a message, without a drop",
            target: "≥ \(Figure.count(target))/s",
            measured: best.map {
                "\(Figure.count($0.rate)) events/s, \(Figure.time($0.cost)) of CPU each"
            } ?? "none",
            met: (best?.rate ?? 0) >= Double(target)
        )
        table.note(
            "B2: PUB rates were raised by 50,000/s for \(fireSeconds) s each, with a queue of"
                + " \(Figure.count(FireAndForgetLoad.queueCount)) messages; \(end)."
        )
    }

    private var fireSeconds: Int { max(seconds / 2, 3) }

    private func measureFireAndForget(
        rate: Int
    ) throws -> (rate: Double, cost: Double, sent: Int, lost: Int) {
        let daemon = try startEmpty("fire")
        defer { daemon.kill() }
        let load = try FireAndForgetLoad(
            context: daemon.context,
            endpoint: daemon.eventsEndpoint,
            producer: "fire",
            source: EventSource(seed: seed)
        )
        let before = try daemon.statistics()
        let outcome = try load.send(rate: rate, seconds: fireSeconds)
        // What is still under way arrives, or never will, when nothing has for a second.
        var accepted = -1
        while try daemon.statusCount("events_accepted") != accepted {
            accepted = try daemon.statusCount("events_accepted")
            Thread.sleep(forTimeInterval: 1)
        }
        let cost = (try daemon.statistics().cpuSeconds - before.cpuSeconds) / Double(accepted)
        let dropped = try daemon.statusCount("events_dropped")
        // Losses at the very end leave no gap, so that sent and accepted are compared as well.
        let lost = max(outcome.count - accepted, dropped)
        try daemon.stop()
        scratch.discard(daemon.dataDirectory)
        return (Double(outcome.count) / outcome.seconds, cost, outcome.count, lost)
    }
}

/// Workload W line by line.
final class SingleLines {
    private let source: EventSource
    private var chunk: [UInt8] = []
    private var start = 0
    private static let chunkCount = 250

    init(_ source: EventSource) { self.source = source }

    /// The next event, with its line end.
    func next() -> [UInt8] {
        if start == chunk.count {
            source.fill(&chunk, count: Self.chunkCount)
            start = 0
        }
        var end = start
        while chunk[end] != 10 { end += 1 }
        defer { start = end + 1 }
        return Array(chunk[start...end])
    }
}
