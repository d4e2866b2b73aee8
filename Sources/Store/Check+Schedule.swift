internal import Core
internal import LMDB

extension Store {
    /// Looks for sessions that nobody would look at again in time, and for entries of none.
    ///
    /// - Parameters:
    ///   - directory: The stored entries.
    ///   - snapshot: The store they stand in.
    ///   - other: A store whose entries were recomputed: each the second its session is due.
    ///   - differences: What was found is appended.
    /// - Throws: ``StoreError`` when a table cannot be read.
    func compareSchedule(
        _ directory: Directory,
        _ snapshot: StoreSnapshot,
        with other: Store,
        _ differences: inout [Difference]
    ) throws(StoreError) {
        var seconds: [UInt32: UInt32] = [:]
        func report(_ session: UInt32, _ problem: String) {
            differences.append(
                Difference(table: Schema.schedule, key: "session \(session)", problem: problem)
            )
        }
        for entry in directory.schedule {
            if seconds.updateValue(entry.second, forKey: entry.session) != nil {
                report(entry.session, "it has two entries")
            }
            // The entry of a session that is no longer kept goes when it comes up.
            let mayBePruned =
                retention.conversationDays > 0 && entry.session < snapshot.position.nextSession
            if !mayBePruned, snapshot.readTimeline(of: entry.session, { _ in }) == nil {
                report(entry.session, "it has an entry and no timeline")
            }
        }
        if let failure = snapshot.failure { throw failure }
        try other.environment.withRead(mapError: StoreError.lmdb) {
            transaction throws(StoreError) in
            try transaction.forEach(in: other.tables.schedule) { key, _ in
                let due = key.readUInt32BigEndian(at: 0)
                let session = key.readUInt32BigEndian(at: 4)
                guard let second = seconds[session] else {
                    return report(session, "it is due at second \(due) and has no entry")
                }
                if second > due {
                    report(session, "it is due at second \(due), its entry says \(second)")
                }
            }
        }
    }

    /// Compares the newest events of each bot and channel with those of the timelines.
    ///
    /// A row may still hold what time has passed by: both are compared as of now, and as far as
    /// conversations are kept.
    func compareNewest(
        _ directory: Directory,
        _ recomputed: NewestEvents,
        _ now: UnixMilliseconds,
        _ differences: inout [Difference]
    ) {
        let cutoff = Quarters.start(of: retention.cutoffs(now: now, days: days).conversations)
        func comparable(_ instants: [UnixMilliseconds]) -> [UnixMilliseconds] {
            NewestRow.reduce(instants, now: now).filter { $0 >= cutoff }
        }
        var expected = recomputed.instants
        func report(_ bot: UInt32, _ channel: UInt16, _ problem: String) {
            differences.append(
                Difference(
                    table: Schema.newest,
                    key: "bot \(bot) channel \(channel)",
                    problem: problem
                )
            )
        }
        for row in directory.newest {
            let ground = expected.removeValue(forKey: .init(bot: row.bot, channel: row.channel))
            let (mine, theirs) = (comparable(row.instants), comparable(ground ?? []))
            if mine != theirs {
                report(row.bot, row.channel, "it says \(mine), the timelines say \(theirs)")
            }
        }
        for (scope, instants) in expected where !comparable(instants).isEmpty {
            report(scope.bot, scope.channel, "the row is missing")
        }
    }
}

/// The newest events of each bot and channel, as timelines tell them.
struct NewestEvents {
    /// A bot and a channel, by their ordinals.
    struct Scope: Hashable {
        let bot: UInt32
        let channel: UInt16
    }

    private var reached: [Scope: UnixMilliseconds] = [:]
    private var ahead: [Scope: [UnixMilliseconds]] = [:]

    mutating func follow(_ event: EventRecord, now: UnixMilliseconds) {
        let scope = Scope(bot: event.bot, channel: event.channel)
        if event.timestamp < now {
            reached[scope] = max(reached[scope] ?? .min, event.timestamp)
        } else {
            ahead[scope, default: []].append(event.timestamp)
        }
    }

    /// The newest event that time has reached, and every one ahead.
    var instants: [Scope: [UnixMilliseconds]] {
        reached.mapValues { [$0] }.merging(ahead) { $0 + $1 }
    }
}
