internal import BotstatsClient
internal import Simulation

/// A store's worth of workload W, spread evenly over the time up to now.
struct StoreFill {
    /// The store's name.
    let name: String
    /// How many messages.
    let count: Int
    /// Over how many days.
    let days: Int

    /// How long one conversation of ten takes: well within the session timeout, so that next to
    /// none (e⁻¹²) is cut by it.
    private static let messageGapMicroseconds: Int64 = 150_000_000
    private static let batchCount = 500

    /// Publishes the events through the acknowledged socket.
    ///
    /// - Returns: The generator, which knows the identities.
    func publish(to daemon: DaemonProcess, seed: UInt64) throws -> LoadGenerator {
        let step = Int64(days) * 86_400_000_000 / Int64(count)
        var settings = LoadGenerator.Settings()
        settings.liveConversations = max(1, Int(Self.messageGapMicroseconds / step))
        var generator = LoadGenerator(settings: settings, seed: seed)
        let start = EventSource.nowMilliseconds - Int64(days) * 86_400_000
        let publisher = BenchmarkPublisher.make(daemon.ingestEndpoint, name: "benchmark-fill")
        var sent = 0
        while sent < count {
            let size = min(Self.batchCount, count - sent)
            var body: [UInt8] = []
            body.reserveCapacity(size * 280)
            generator.fill(
                &body,
                count: size,
                startMilliseconds: start + Int64(sent) * step / 1_000,
                stepMicroseconds: step
            )
            try publisher.publish(body: body, count: size)
            sent += size
        }
        try publisher.close()
        // The daemon's own count: a publisher that had to connect again knows some only as
        // duplicates.
        let accepted = try daemon.statusCount("events_accepted")
        guard accepted == count else {
            throw BenchmarkFailure("\(accepted) of \(count) events were accepted")
        }
        return generator
    }
}
