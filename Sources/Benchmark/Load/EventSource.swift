internal import Foundation
internal import Simulation
internal import Synchronization

/// Workload W as it would happen now, for several publishers.
///
/// They share one generator, so that together they have W's bots, users and conversations.
final class EventSource: Sendable {
    private let generator: Mutex<LoadGenerator>

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - settings: The workload's dimensions; W's where left out.
    ///   - seed: Equal seeds give equal events, but for their time.
    init(settings: LoadGenerator.Settings = .init(), seed: UInt64) {
        generator = Mutex(LoadGenerator(settings: settings, seed: seed))
    }

    /// Replaces a buffer's content by events of this instant.
    func fill(_ buffer: inout [UInt8], count: Int) {
        let now = Self.nowMilliseconds
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(count * 280)
        generator.withLock { $0.fill(&buffer, count: count, startMilliseconds: now) }
    }

    /// The identities of the bots.
    var botIDs: [String] { generator.withLock { $0.botIDs } }

    /// Milliseconds since 1970.
    static var nowMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
