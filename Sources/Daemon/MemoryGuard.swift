internal import CPlatform
internal import ZeroMQ
internal import OperatorLog

/// Keeps the process's memory bounded whatever peers send, on a thread of its own.
///
/// ZeroMQ bounds what waits for a socket by a number of messages for each connection, and the frames
/// of a message that never ends by nothing at all (`pipe.cpp` counts a message with its last frame).
/// There is no bound of bytes to set. So where memory is over the limit, the daemon's sockets are
/// closed and opened again: what waited in them is freed, and peers connect again, send again what
/// was not acknowledged and ask again what was not answered.
struct MemoryGuard: ~Copyable {
    /// How often memory is looked at: a local peer sends about 50 MB in this time.
    private static let tick = Duration.milliseconds(25)
    /// How long ZeroMQ's threads and the system may take to free what was held.
    private static let ticksToSettle = 40
    /// What may come on top of what remained when sockets were last opened again.
    ///
    /// Where the daemon itself needs more than the limit, connections must not be closed for ever.
    private static let slackBytes = 128 << 20
    /// How often the operator is told while it goes on.
    private static let pauseMilliseconds: Int64 = 10_000

    private let limitBytes: Int
    private let loops: [(shedding: Shedding, control: LoopControl)]
    private let log: Log
    private let control: Socket
    /// What could not be freed so far; 0 while memory is below the limit.
    private var remainderBytes = 0
    private var ticksLeft = 0
    private var followed = 0
    private var told: Int64?

    init(
        limitBytes: Int,
        loops: [(shedding: Shedding, control: LoopControl)],
        log: Log,
        control: consuming Socket
    ) {
        self.limitBytes = limitBytes
        self.loops = loops
        self.log = log
        self.control = control
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        while try !isStopped() {
            settle()
            let used = ProcessMemory.anonymousBytes
            if used <= limitBytes { remainderBytes = 0 }
            guard used > max(limitBytes, remainderBytes + Self.slackBytes) else { continue }
            // A loop that is busy for seconds must not keep the other from it.
            for loop in loops where loop.shedding.order() {
                tell(used)
                try loop.control.send(.shed)
            }
        }
    }

    /// Follows what is freed after sockets were opened again.
    private mutating func settle() {
        let times = loops.reduce(0) { $0 + $1.shedding.times }
        if times > followed {
            followed = times
            remainderBytes = .max
            ticksLeft = Self.ticksToSettle
        }
        guard ticksLeft > 0 else { return }
        ticksLeft -= 1
        // The allocator keeps what is freed until it is asked.
        malloc_trim(0)
        remainderBytes = min(remainderBytes, ProcessMemory.anonymousBytes)
    }

    /// Waits for a tick.
    private func isStopped() throws(ZeroMQError) -> Bool {
        try !Poller.poll(control, timeout: Self.tick).isEmpty
    }

    private mutating func tell(_ used: Int) {
        let now = MonotonicClock.microseconds / 1_000
        if let told, now - told < Self.pauseMilliseconds { return }
        told = now
        log.error(
            "\(used >> 20) MiB of memory are in use, more than --memory-limit "
                + "(\(limitBytes >> 20) MiB): all connections are closed, as often as it takes; "
                + "look for a peer that sends too much, or raise the limit."
        )
    }
}
