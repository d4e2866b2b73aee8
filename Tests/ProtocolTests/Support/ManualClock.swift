import Daemon
import Synchronization

/// A clock that stands still until a test moves it.
final class ManualClock: Sendable {
    /// 2025-06-01T12:00:00Z, the now of the protocol's vectors.
    static let start: Int64 = 1_748_779_200_000

    private let milliseconds: Atomic<Int64>

    init(_ milliseconds: Int64 = ManualClock.start) { self.milliseconds = Atomic(milliseconds) }

    /// Milliseconds since 1970.
    var now: Int64 { milliseconds.load(ordering: .relaxed) }

    /// The end of the running second, which answers give as `generated_at`.
    var endOfSecond: Int64 { (now / 1_000 + 1) * 1_000 }

    func set(_ value: Int64) { milliseconds.store(value, ordering: .relaxed) }

    func advance(by value: Int64) { set(now + value) }

    /// The daemon's view of it.
    var wallClock: WallClock { WallClock { self.now } }
}
