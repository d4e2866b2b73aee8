internal import Foundation
internal import JSON

/// B4: the question of every dashboard, over the query socket.
extension BenchmarkSession {
    private static let idleCount = 5_000
    private static let millionMessages = 1_000_000

    /// Measures `usage` of 30 days with stores of two sizes.
    func measureUsage() throws {
        for count in [Self.millionMessages, largeCount] {
            let stored = try store(StoreFill(name: "month-\(count)", count: count, days: 29))
            // A copy, because the load adds to it.
            let directory = try scratch.copy(stored.directory, as: "usage")
            scratch.settle()
            let daemon = try start(on: directory)
            defer { daemon.kill() }
            let queries = try QueryConnection(
                context: daemon.context,
                endpoint: daemon.queryEndpoint
            )
            try checkMessages(queries, stored)
            let size = "\(Figure.count(stored.count)) messages"
            for scope in UsageScope.allCases {
                let requests = scope.requests(stored.botIDs)
                let sample = try ask(queries, requests, count: Self.idleCount, warmUp: 500)
                add("\(scope.rawValue), \(size), idle", sample, median: 150e-6, p99: 0.001)
            }
            try measureUnderLoad(daemon, queries, stored, size)
            try daemon.stop()
            scratch.discard(directory)
        }
    }

    private func measureUnderLoad(
        _ daemon: DaemonProcess,
        _ queries: QueryConnection,
        _ stored: StoredMessages,
        _ size: String
    ) throws {
        let source = EventSource(seed: seed)
        let load = FullLoad(on: daemon.ingestEndpoint, publishers: producerCount, source: source)
        Thread.sleep(forTimeInterval: 3)
        let before = try Reading(daemon, load)
        for scope in UsageScope.allCases {
            let requests = scope.requests(stored.botIDs)
            var sample = LatencySample()
            let began = ContinuousClock.now
            var number = 0
            while (ContinuousClock.now - began).inSeconds < Double(seconds) / 2 {
                sample.add(try queries.roundTrip(requests[number % requests.count]))
                number += 1
                // A dashboard's pace. One question after the other would measure how the
                // benchmark takes the cores away from the ingest it runs beside.
                Thread.sleep(forTimeInterval: 0.005)
            }
            add("\(scope.rawValue), \(size), under B1's load", sample, median: nil, p99: 0.01)
        }
        let span = IngestSpan(from: before, to: try Reading(daemon, load))
        try load.stop()
        table.note("B4: under load, with \(size), \(Figure.count(span.rate)) events/s came in.")
    }

    private func ask(
        _ queries: QueryConnection,
        _ requests: [[UInt8]],
        count: Int,
        warmUp: Int
    ) throws -> LatencySample {
        var sample = LatencySample()
        for number in 0..<warmUp + count {
            let took = try queries.roundTrip(requests[number % requests.count])
            if number >= warmUp { sample.add(took) }
        }
        return sample
    }

    /// The range must hold everything, or the question would be easier than it looks.
    private func checkMessages(_ queries: QueryConnection, _ stored: StoredMessages) throws {
        let messages = try queries.ask("usage", ["days": 30])["total_messages"]?.integerValue
        guard messages == Int64(stored.count) else {
            throw BenchmarkFailure("usage has \(messages ?? -1) of \(stored.count) messages")
        }
    }

    private func add(_ what: String, _ sample: LatencySample, median: Double?, p99: Double) {
        let isMet = sample.p99 <= p99 && median.map { sample.median <= $0 } ?? true
        let target = median.map { "p50 ≤ \(Figure.time($0)), " } ?? ""
        table.add(
            "B4",
            "`usage` days=30, \(what)",
            target: "\(target)p99 ≤ \(Figure.time(p99))",
            measured: "p50 \(Figure.time(sample.median)), p99 \(Figure.time(sample.p99))"
                + " (max \(Figure.time(sample.maximum)), n \(Figure.count(sample.count)))",
            met: isMet
        )
    }
}

/// Whom B4 asks about.
enum UsageScope: String, CaseIterable {
    case oneBot = "one bot"
    case allBots = "all bots"

    /// Requests to be sent in turn.
    func requests(_ botIDs: [String]) -> [[UInt8]] {
        switch self {
        // Each bot in its turn, so that no memory of the last answer helps.
        case .oneBot:
            botIDs.map { QueryConnection.request("usage", ["days": 30, "bot_id": .string($0)]) }
        case .allBots: [QueryConnection.request("usage", ["days": 30])]
        }
    }
}
