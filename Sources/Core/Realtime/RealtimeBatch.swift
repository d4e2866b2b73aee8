/// Events on their way into the realtime window, summed up before they touch it.
///
/// Of several messages of one session only the last can be when it was last seen, and those of
/// one bot, channel and second are one addition. So the window's cache misses are met once a session
/// and second and not once an event: the query thread, which does little else under workload W,
/// takes 0.18 µs an event where it took 0.32 with events sorted 60,000 at a time (measured, B1).
/// What is kept is a run for each session, not the events.
///
/// The window does not depend on the order of what it is told, so neither does the sum.
public struct RealtimeBatch: Sendable {
    /// Sessions that may wait: 2 × 32 bytes each is 8 MB.
    public static let sessionsMaximum = 131_072

    private var runs = SessionRuns()
    private var counts: [CellCounts] = []
    /// The places in ``counts`` that are not zero.
    private var counted: [UInt32] = []

    /// Makes an empty batch.
    public init() {}

    /// Whether the window knows all that was added.
    public var isEmpty: Bool { runs.count == 0 && counted.isEmpty }

    /// Whether no further events should be added before the batch is settled.
    public var isFull: Bool { runs.count >= Self.sessionsMaximum }

    /// Whether a part of the batch is settled; the rest has to follow before events are added.
    public var isSettling: Bool { runs.isTaking }

    /// Adds events.
    ///
    /// What is not a message of the last hour goes into the window at once.
    ///
    /// - Parameters:
    ///   - events: Accepted events, each once.
    ///   - window: The window that the batch will be settled into.
    /// - Complexity: O(n) amortised.
    public mutating func add(_ events: ArraySlice<EventRecord>, into window: inout RealtimeWindow) {
        precondition(!isSettling, "a batch is settled as a whole")
        let recent = Int64(window.horizon) * Milliseconds.second..<window.now
        for event in events {
            guard event.kind.isMessage, recent.contains(event.timestamp) else {
                window.record(RealtimeEvent(event))
                continue
            }
            let cell = window.place(bot: event.bot, channel: event.channel)
            count(event, cell: cell, into: &window)
            if let former = runs.add(event, cell: UInt32(cell)) { former.see(in: &window) }
        }
    }

    /// Brings a part of what was added into the window.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - sessions: How many sessions at the most.
    public mutating func settle(into window: inout RealtimeWindow, sessions: Int) {
        for place in counted { flush(Int(place), into: &window) }
        counted.removeAll(keepingCapacity: true)
        runs.take(sessions) { $0.see(in: &window) }
    }

    // MARK: - Messages by bot, channel and second

    private struct CellCounts: Sendable, BitwiseCopyable {
        var bot: UInt32 = 0
        var second: UInt32 = 0
        var incoming: Int32 = 0
        var outgoing: Int32 = 0

        var isZero: Bool { incoming == 0 && outgoing == 0 }
    }

    private mutating func count(
        _ event: EventRecord,
        cell: Int,
        into window: inout RealtimeWindow
    ) {
        while counts.count <= cell { counts.append(CellCounts()) }
        let second = UInt32(event.timestamp / Milliseconds.second)
        if counts[cell].isZero {
            counted.append(UInt32(cell))
        } else if counts[cell].second != second {
            flush(cell, into: &window)
        }
        counts[cell].bot = event.bot
        counts[cell].second = second
        if event.kind == .incoming {
            counts[cell].incoming += 1
        } else {
            counts[cell].outgoing += 1
        }
    }

    private mutating func flush(_ cell: Int, into window: inout RealtimeWindow) {
        let sum = counts[cell]
        counts[cell].incoming = 0
        counts[cell].outgoing = 0
        window.count(
            incoming: sum.incoming,
            outgoing: sum.outgoing,
            bot: sum.bot,
            cell: cell,
            in: sum.second
        )
    }
}

/// Messages of one session on one channel, the incoming ones of one user.
private struct SessionRun: Sendable, BitwiseCopyable {
    var session = EventRecord.absent
    var bot: UInt32 = 0
    var cell: UInt32 = 0
    /// The user of the incoming messages.
    var user = EventRecord.absent
    /// The last message.
    var last = UnixMilliseconds.min
    /// The last incoming one.
    var lastIncoming = UnixMilliseconds.min

    init() {}

    init(_ event: EventRecord, cell: UInt32) {
        session = event.session
        bot = event.bot
        self.cell = cell
        add(event)
    }

    var isFree: Bool { session == EventRecord.absent }

    /// Whether an event of the session can be added.
    func takes(_ event: EventRecord, cell: UInt32) -> Bool {
        self.cell == cell
            && (event.kind != .incoming || lastIncoming == .min || user == event.user)
    }

    mutating func add(_ event: EventRecord) {
        last = max(last, event.timestamp)
        guard event.kind == .incoming else { return }
        user = event.user
        lastIncoming = max(lastIncoming, event.timestamp)
    }

    /// Tells the window when the session and its user were last seen.
    func see(in window: inout RealtimeWindow) {
        if last != lastIncoming { see(.outgoing, at: last, in: &window) }
        if lastIncoming != .min { see(.incoming, at: lastIncoming, in: &window) }
    }

    private func see(
        _ kind: Sighting.Kind,
        at instant: UnixMilliseconds,
        in window: inout RealtimeWindow
    ) {
        let sighting = Sighting(
            kind: kind,
            session: session,
            user: user,
            bot: bot,
            channel: window.cells[Int(cell)].channel,
            milliseconds: UInt16(instant % Milliseconds.second)
        )
        window.see(sighting, cell: Int(cell), in: UInt32(instant / Milliseconds.second))
    }
}

/// The run of each session, by open addressing; see ``OrdinalHome``.
private struct SessionRuns: Sendable {
    private static let smallestCapacity = 1_024

    private var places = [SessionRun](repeating: SessionRun(), count: smallestCapacity)
    /// The next place to be taken.
    private var next = 0
    private(set) var count = 0
    /// How many runs there were when the first was taken.
    private var largest = 0

    var isTaking: Bool { next > 0 }

    /// Adds a message to its session's run.
    ///
    /// - Returns: The run so far, where the message cannot be added to it.
    mutating func add(_ event: EventRecord, cell: UInt32) -> SessionRun? {
        let place = place(of: event.session)
        guard !places[place].isFree else {
            places[place] = SessionRun(event, cell: cell)
            count += 1
            if count * 2 > places.count { resize(to: places.count * 2) }
            return nil
        }
        if places[place].takes(event, cell: cell) {
            places[place].add(event)
            return nil
        }
        let former = places[place]
        places[place] = SessionRun(event, cell: cell)
        return former
    }

    /// Takes runs out; with the last one, memory that was not needed is given back.
    mutating func take(_ most: Int, _ body: (SessionRun) -> Void) {
        if next == 0 { largest = count }
        var taken = 0
        while count > 0, taken < most {
            if !places[next].isFree {
                body(places[next])
                places[next].session = EventRecord.absent
                taken += 1
                count -= 1
            }
            next += 1
        }
        guard count == 0 else { return }
        next = 0
        if places.count > Self.smallestCapacity, largest * 16 < places.count {
            resize(to: places.count / 2)
        }
    }

    private func place(of session: UInt32) -> Int {
        let mask = places.count - 1
        var place = OrdinalHome.place(session, mask: mask)
        while places[place].session != session, !places[place].isFree {
            place = (place + 1) & mask
        }
        return place
    }

    private mutating func resize(to capacity: Int) {
        let old = places
        places = Array(repeating: SessionRun(), count: capacity)
        for run in old where !run.isFree { places[place(of: run.session)] = run }
    }
}
