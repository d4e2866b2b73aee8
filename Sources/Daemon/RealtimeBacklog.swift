internal import Core

/// Commits on their way into the realtime window.
///
/// They are summed up by session as they come and settled once a second, since the window's *now*
/// is the end of a second, or when somebody asks. Everything goes in small steps, so that a
/// question about something else never waits for more than one.
struct RealtimeBacklog {
    /// Events added in one step, and sessions settled in one: some 200 µs.
    ///
    /// A question may wait meanwhile; a whole commit, up to 30,000 events, takes milliseconds.
    private static let stepEvents = 1_000
    private static let stepSessions = 500
    /// How long no event must have come before the batch's memory, up to 16 MB, is given back.
    private static let restMilliseconds: Int64 = 2_000

    private var waiting: ArraySlice<[EventRecord]> = []
    /// How many events of the first that waits are in the batch.
    private var added = 0
    private var batch = RealtimeBatch()
    /// When the batch was last added to; nil where it is as new.
    private var lastAdded: UnixMilliseconds?
    /// The second that was last begun, and how many commits waited then: they have to be in the
    /// window before the second's figures are taken.
    private var begun: UnixMilliseconds = 0
    private var owed = 0
    /// The second that was last brought into the window as a whole.
    private var settled: UnixMilliseconds = 0

    /// Adds the events of a commit.
    mutating func add(_ events: [EventRecord]) {
        if !events.isEmpty { waiting.append(events) }
    }

    /// Whether the window is as it was when a second began, with nothing of it half in.
    func hasSettled(_ now: UnixMilliseconds) -> Bool { settled == now && batch.isEmpty }

    /// Takes one step.
    ///
    /// - Parameters:
    ///   - window: The realtime window.
    ///   - now: The end of the running second.
    /// - Returns: Whether another should follow at once.
    mutating func step(into window: inout RealtimeWindow, now: UnixMilliseconds) -> Bool {
        if now > begun {
            begun = now
            owed = waiting.count
        }
        if batch.isSettling || batch.isFull || (owed == 0 && now > settled) {
            settle(into: &window, now: now)
        } else if !waiting.isEmpty {
            addSome(Self.stepEvents, into: &window, now: now)
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
        while !waiting.isEmpty { addSome(.max, into: &window, now: now) }
        batch.settle(into: &window, sessions: .max)
        window.advance(to: now)
        begun = now
        settled = now
    }

    private mutating func settle(into window: inout RealtimeWindow, now: UnixMilliseconds) {
        batch.settle(into: &window, sessions: Self.stepSessions)
        guard !batch.isSettling, owed == 0 else { return }
        window.advance(to: now)
        settled = now
    }

    /// Adds events of the first commit that waits.
    private mutating func addSome(
        _ most: Int,
        into window: inout RealtimeWindow,
        now: UnixMilliseconds
    ) {
        guard let events = waiting.first else { return }
        // First the time, then the events: none of them is ahead of the second it came in.
        window.advance(to: now)
        let end = added + min(most, events.count - added)
        batch.add(events[added..<end], into: &window)
        lastAdded = now
        added = end
        guard end == events.count else { return }
        added = 0
        owed = max(owed - 1, 0)
        waiting.removeFirst()
        // A slice keeps what was taken from it until it is replaced.
        if waiting.isEmpty { waiting = [] }
    }
}
