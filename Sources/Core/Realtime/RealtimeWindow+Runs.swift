extension RealtimeWindow {
    /// Takes many accepted events at once; the same as recording each.
    ///
    /// Events of one session are taken together: of several messages only the last one can be
    /// when something was last seen, and those of one second are counted by one addition. With
    /// workload W at 500,000 events a second this takes a third of the time.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - order: Their positions, those of one session one after the other.
    /// - Complexity: O(n), as ``record(_:)``.
    public mutating func record(_ events: [EventRecord], in order: ArraySlice<UInt32>) {
        var run = SessionRun()
        for position in order {
            let event = events[Int(position)]
            let second = UInt32(event.timestamp / Milliseconds.second)
            guard event.kind.isMessage, second < nowSecond, second >= horizon else {
                record(RealtimeEvent(event))
                continue
            }
            if !run.continues(with: event) {
                finish(&run)
                run.begin(event, cell: place(bot: event.bot, channel: event.channel))
            }
            if run.second != second {
                count(&run)
                run.second = second
            }
            run.add(event)
        }
        finish(&run)
    }

    private mutating func finish(_ run: inout SessionRun) {
        guard let last = run.last else { return }
        count(&run)
        see(Sighting(RealtimeEvent(last)), cell: run.cell, in: Self.second(of: last))
        if last.kind != .incoming, let incoming = run.lastIncoming {
            see(Sighting(RealtimeEvent(incoming)), cell: run.cell, in: Self.second(of: incoming))
        }
        run.last = nil
        run.lastIncoming = nil
    }

    private static func second(of event: EventRecord) -> UInt32 {
        UInt32(event.timestamp / Milliseconds.second)
    }

    private mutating func count(_ run: inout SessionRun) {
        guard run.incoming + run.outgoing > 0, let bot = run.last?.bot else { return }
        count(
            incoming: run.incoming,
            outgoing: run.outgoing,
            bot: bot,
            cell: run.cell,
            in: run.second
        )
        run.incoming = 0
        run.outgoing = 0
    }
}

/// Neighbouring messages of one session, channel and user.
private struct SessionRun {
    var cell = 0
    var last: EventRecord?
    var lastIncoming: EventRecord?
    var second: UInt32 = 0
    var incoming: Int32 = 0
    var outgoing: Int32 = 0

    func continues(with event: EventRecord) -> Bool {
        guard let last else { return false }
        return last.session == event.session && last.channel == event.channel
            && last.user == event.user
    }

    mutating func begin(_ event: EventRecord, cell: Int) {
        self.cell = cell
        last = event
        second = 0
    }

    mutating func add(_ event: EventRecord) {
        if event.timestamp > last?.timestamp ?? .min { last = event }
        if event.kind == .incoming {
            incoming += 1
            if event.timestamp >= lastIncoming?.timestamp ?? .min { lastIncoming = event }
        } else {
            outgoing += 1
        }
    }
}
