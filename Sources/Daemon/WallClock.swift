internal import Core
internal import Glibc

/// The time of day, for stamps; a parameter of everything that asks for it.
public struct WallClock: Sendable {
    private let read: @Sendable () -> UnixMilliseconds

    /// The system's clock.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * Milliseconds.second + Int64(time.tv_nsec) / 1_000_000
    }

    /// Makes a clock.
    ///
    /// - Parameter read: Tells the time.
    public init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// Milliseconds since 1970.
    var now: UnixMilliseconds { read() }

    /// The end of the running UTC second: the contract's *now*.
    ///
    /// It lies in the calendar, whatever the system says: a machine without a battery begins in
    /// 1970.
    var endOfSecond: UnixMilliseconds {
        let end = (floorDivide(read(), by: Milliseconds.second) + 1) * Milliseconds.second
        return min(max(end, Self.earliest), Limits.latestMilliseconds)
    }

    /// Whether the time lies in the calendar.
    var isPlausible: Bool { (Self.earliest...Limits.latestMilliseconds).contains(read()) }

    private static let earliest = Limits.earliestMilliseconds + Milliseconds.day
}

/// Time that only moves forward, for how long something took.
enum MonotonicClock {
    static var microseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
