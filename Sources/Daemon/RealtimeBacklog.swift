internal import Core

/// Events on their way into the realtime window.
///
/// Many at a time are cheaper than one by one: they are sorted by session, and of several of one
/// session in one second only the last matters. They are taken in small steps, so that a question
/// about something else never waits for more than one.
struct RealtimeBacklog {
    /// So many events are worth sorting; fewer wait for the next second.
    private static let eventsWanted = 60_000
    /// Events of one step, about a millisecond.
    private static let stepEvents = 4_000

    private var waiting: [EventRecord] = []
    private var sorted: [EventRecord] = []
    private var order: ArraySlice<UInt32> = []
    private var followed: UnixMilliseconds = 0

    mutating func add(_ events: [EventRecord]) { waiting += events }

    /// Takes one step where there is enough to do, or where a second is over; returns whether
    /// another should follow at once.
    mutating func record(into window: inout RealtimeWindow, now: UnixMilliseconds) -> Bool {
        if order.isEmpty {
            guard waiting.count >= Self.eventsWanted || now > followed else { return false }
            followed = now
            begin()
            if order.isEmpty { window.advance(to: now) }
            return !order.isEmpty
        }
        step(into: &window, events: Self.stepEvents)
        if order.isEmpty { window.advance(to: now) }
        return !order.isEmpty
    }

    /// Takes everything.
    mutating func recordAll(into window: inout RealtimeWindow) {
        step(into: &window, events: .max)
        begin()
        step(into: &window, events: .max)
    }

    private mutating func begin() {
        swap(&waiting, &sorted)
        waiting.removeAll(keepingCapacity: true)
        order = RadixSort.positions(of: sorted)[...]
    }

    private mutating func step(into window: inout RealtimeWindow, events: Int) {
        let end = order.startIndex + min(order.count, events)
        window.record(sorted, in: order[..<end])
        order = order[end...]
    }
}
