internal import Core

/// Commits on their way into the realtime window.
///
/// They are summed up by session as they come and settled once a second, since the window's *now*
/// is the end of a second, or when somebody asks. Everything goes in small steps, so that a
/// question about something else never waits for more than one.
struct RealtimeBacklog {
    /// Sessions settled in one step: few enough that a question need not wait for long.
    private static let stepSessions = 2_000
    /// How long no event must have come before the batch's memory, up to 16 MB, is given back.
    private static let restMilliseconds: Int64 = 2_000

    private var waiting: ArraySlice<ChangeSet> = []
    private var batch = RealtimeBatch()
    /// When the batch was last added to; nil where it is as new.
    private var lastAdded: UnixMilliseconds?
    /// The second that was last brought into the window as a whole.
    private var settled: UnixMilliseconds = 0

    mutating func add(_ changes: [ChangeSet]) {
        for set in changes where !set.events.isEmpty { waiting.append(set) }
    }

    /// Takes one step.
    ///
    /// - Parameters:
    ///   - window: The realtime window.
    ///   - now: The end of the running second.
    /// - Returns: Whether another should follow at once.
    mutating func step(into window: inout RealtimeWindow, now: UnixMilliseconds) -> Bool {
        if batch.isSettling || batch.isFull || (now > settled && !batch.isEmpty) {
            batch.settle(into: &window, sessions: Self.stepSessions)
            if !batch.isSettling { settled = now }
        } else if let changes = waiting.popFirst() {
            // First the time, then the events: none of them is ahead of the second it came in.
            window.advance(to: now)
            batch.add(changes.events, into: &window)
            lastAdded = now
            // A slice keeps what was taken from it until it is replaced.
            if waiting.isEmpty { waiting = [] }
        } else {
            window.advance(to: now)
            if let last = lastAdded, now - last > Self.restMilliseconds, batch.isEmpty {
                batch = RealtimeBatch()
                lastAdded = nil
            }
            return false
        }
        return true
    }

    /// Takes everything.
    mutating func finish(into window: inout RealtimeWindow, now: UnixMilliseconds) {
        batch.settle(into: &window, sessions: .max)
        window.advance(to: now)
        for changes in waiting {
            batch.add(changes.events, into: &window)
            lastAdded = now
        }
        waiting = []
        batch.settle(into: &window, sessions: .max)
    }
}
