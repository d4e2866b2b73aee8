internal import Foundation

/// B3: how long a publisher waits for its ACK.
extension BenchmarkSession {
    private static let batchCount = 10

    /// Measures from the sending of a batch to its ACK, with ten events each millisecond.
    ///
    /// The load is open: batches are sent on time, whether or not ACKs are late.
    func measureAcknowledgement() throws {
        let daemon = try startEmpty("acknowledgement")
        defer { daemon.kill() }
        let connection = try IngestConnection(
            context: daemon.context,
            endpoint: daemon.ingestEndpoint,
            // Several windows, so that a slow commit delays no sending.
            producers: 8,
            name: "steady"
        )
        let source = EventSource(seed: seed)
        try send(source, on: connection, milliseconds: 2_000)
        connection.latencies.removeAll()
        let began = ContinuousClock.now
        let late = try send(source, on: connection, milliseconds: seconds * 1_000)
        let elapsed = (ContinuousClock.now - began).inSeconds
        try connection.drain()
        let sample = connection.latencies
        let rate = Double(sample.count * Self.batchCount) / elapsed
        for (name, value, limit) in [("p50", sample.median, 0.003), ("p99", sample.p99, 0.015)] {
            table.add(
                "B3",
                "publish to ACK at 10,000 events/s, \(name)",
                target: "≤ \(Figure.time(limit))",
                measured: Figure.time(value),
                met: value <= limit
            )
        }
        table.note(
            "B3: \(Figure.count(sample.count)) batches of \(Self.batchCount) events,"
                + " \(Figure.count(rate)) events/s, largest latency"
                + " \(Figure.time(sample.maximum)); the sender was late by more than 2 ms"
                + " \(late) times."
        )
        try daemon.stop()
        scratch.discard(daemon.dataDirectory)
    }

    /// - Returns: How often a batch was sent more than 2 ms after its time.
    @discardableResult
    private func send(
        _ source: EventSource,
        on connection: IngestConnection,
        milliseconds: Int
    ) throws -> Int {
        var late = 0
        var body: [UInt8] = []
        let began = ContinuousClock.now
        for number in 0..<milliseconds {
            let due = began + .milliseconds(number)
            while ContinuousClock.now < due { try connection.receive(waitingMilliseconds: 1) }
            if ContinuousClock.now - due > .milliseconds(2) { late += 1 }
            source.fill(&body, count: Self.batchCount)
            let producer = number % connection.producerCount
            guard connection.hasRoom(producer) else {
                throw BenchmarkFailure("ACKs are more than a window behind")
            }
            try connection.send(body, count: Self.batchCount, producer: producer)
        }
        return late
    }
}
