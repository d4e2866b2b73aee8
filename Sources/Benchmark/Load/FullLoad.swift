internal import BotstatsClient
internal import Foundation
internal import Synchronization

/// Publishers that send batches of workload W as fast as their windows allow.
final class FullLoad: Sendable {
    /// The events of a batch.
    static let batchCount = 500

    /// Bytes and events handed over, all publishers together.
    struct Volume: Sendable {
        /// The bodies' bytes.
        var bytes = 0
        /// Their events.
        var events = 0
    }

    private let accepted = Atomic<Int>(0)
    private let shouldStop = Atomic<Bool>(false)
    private let volumes: Mutex<Volume> = Mutex(Volume())
    private let tasks: Mutex<[BackgroundTask<Void>]> = Mutex([])

    /// Starts the publishers, each on a thread and a connection of its own.
    init(on endpoint: String, publishers: Int, source: EventSource) {
        let started = (0..<publishers).map { number in
            BackgroundTask { try self.publish(to: endpoint, "benchmark-\(number)", source) }
        }
        tasks.withLock { $0 = started }
    }

    /// How many events were acknowledged so far.
    var acceptedCount: Int { accepted.load(ordering: .relaxed) }

    /// What was handed over so far.
    var volume: Volume { volumes.withLock { $0 } }

    /// Stops when everything handed over is acknowledged.
    func stop() throws {
        shouldStop.store(true, ordering: .relaxed)
        for task in tasks.withLock({ $0 }) { try task.wait() }
    }

    private func publish(to endpoint: String, _ name: String, _ source: EventSource) throws {
        let publisher = BenchmarkPublisher.make(endpoint, name: name)
        var counted: Int64 = 0
        func count() {
            let totals = publisher.totals.accepted
            accepted.add(Int(totals - counted), ordering: .relaxed)
            counted = totals
        }
        while !shouldStop.load(ordering: .relaxed) {
            // The publisher keeps the body until its ACK, so that each is an array of its own.
            var body: [UInt8] = []
            source.fill(&body, count: Self.batchCount)
            try publisher.publish(body: body, count: Self.batchCount)
            volumes.withLock {
                $0.bytes += body.count
                $0.events += Self.batchCount
            }
            count()
        }
        let totals = try publisher.close()
        count()
        guard totals.rejected == 0 else {
            throw BenchmarkFailure("\(totals.rejected) events were rejected")
        }
    }
}
