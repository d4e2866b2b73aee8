internal import Core
internal import LMDB

/// Recomputes derived rows from the timelines.
///
/// Sessions are read bot by bot and their contributions written in slices, through the same code
/// as a fold, so that memory stays bounded whatever the store holds.
struct Recomputation {
    /// Events of one slice; its changes take some hundred bytes an event.
    private static let sliceEventsMaximum = 200_000

    private let snapshot: StoreSnapshot
    private let settings: Store.Settings
    private let retention: Retention
    /// Bots with what their timelines say.
    private(set) var bots: [BotRecord]
    /// The newest events their timelines have, by bot and channel.
    private(set) var newest = NewestEvents()
    private let channels: [String]

    /// Prepares a recomputation from a renewed snapshot.
    init(
        _ snapshot: StoreSnapshot,
        _ directory: Store.Directory,
        _ settings: Store.Settings,
        _ retention: Retention
    ) throws(StoreError) {
        self.snapshot = snapshot
        self.settings = settings
        self.retention = retention
        channels = directory.channels
        bots = directory.bots
        for ordinal in bots.indices {
            // What a bot did first outlives the conversations it did it in.
            if retention.conversationDays == 0 {
                bots[ordinal] = BotRecord(identity: bots[ordinal].identity)
            }
            for session in snapshot.sessions(of: UInt32(ordinal)) {
                _ = snapshot.readTimeline(of: session) {
                    bots[ordinal].follow($0)
                    newest.follow($0, now: snapshot.position.now)
                }
            }
        }
        if let failure = snapshot.failure { throw failure }
    }

    /// Calls a closure with everything the sessions contribute, slice by slice.
    func run(_ body: (ChangeSet) throws(StoreError) -> Void) throws(StoreError) {
        var builder = ContributionBuilder(
            bots: bots,
            timeoutMilliseconds: settings.timeoutMilliseconds,
            now: snapshot.position.now
        )
        let directory = SnapshotDirectory(channels: channels, snapshot: snapshot)
        var events: [EventRecord] = []
        for bot in bots.indices {
            for session in snapshot.sessions(of: UInt32(bot)) {
                events.removeAll(keepingCapacity: true)
                _ = snapshot.readTimeline(of: session) { events.append($0) }
                builder.add(session: session, events: events, directory: directory) {
                    user,
                    scope in
                    // A conversation that is no longer kept may have held the first message.
                    retention.conversationDays == 0
                        ? nil : snapshot.firstMessage(of: user, to: scope)
                }
                if builder.eventCount >= Self.sliceEventsMaximum { try body(builder.take()) }
            }
        }
        if let failure = snapshot.failure { throw failure }
        try body(builder.finish())
    }
}

/// Names for the order of messages, out of a snapshot.
struct SnapshotDirectory: Core.Directory {
    let channels: [String]
    let snapshot: StoreSnapshot

    func channelName(_ ordinal: UInt16) -> String { channels[Int(ordinal)] }

    func userIdentity(_ ordinal: UInt32) -> UUID128 { snapshot.userIdentity(ordinal) ?? .zero }
}

extension BotRecord {
    /// Follows one of the bot's events.
    fileprivate mutating func follow(_ event: EventRecord) {
        if event.kind == .transferred || event.kind == .resolved {
            firstOutcome = min(firstOutcome, event.timestamp)
        }
        if !channels.contains(event.channel) { channels.append(event.channel) }
    }
}

extension Store {
    /// Makes the rows anew where they were made for other settings or have an older format, or
    /// where an earlier attempt was interrupted; does nothing where they fit.
    ///
    /// - Returns: Whether rows were made anew.
    /// - Throws: ``StoreError``; the next start tries again.
    /// - Complexity: O(events stored) when something changed, else O(1).
    public func adoptSettings() throws(StoreError) -> Bool {
        let stored = try environment.withRead(mapError: StoreError.lmdb) {
            transaction throws(StoreError) in
            (
                format: try StoreMeta.format(transaction, tables.meta),
                settings: try StoreMeta.settings(transaction, tables.meta),
                retention: try StoreMeta.retention(transaction, tables.meta),
                position: try StoreMeta(transaction, tables.meta).position
            )
        }
        // What has not changed is not written: on a full disk the daemon starts to answer.
        if stored.retention != retention {
            try write { transaction throws(StoreError) in
                try StoreMeta.write(retention, in: &transaction, tables.meta)
            }
        }
        if stored.settings == settings, stored.format == Schema.format { return false }
        if stored.position.commit > 0 { try rebuild() }
        try write { transaction throws(StoreError) in
            try StoreMeta.write(settings, in: &transaction, tables.meta)
            try StoreMeta.writeFormat(in: &transaction, tables.meta)
        }
        return stored.position.commit > 0
    }

    /// Makes hour rows, day rows and the schedule anew.
    private func rebuild() throws(StoreError) {
        try write { transaction throws(StoreError) in
            // Without settings the rows are known to be unfinished.
            try transaction.remove(StoreMeta.settingsKey, in: tables.meta)
            for table in [tables.hours, tables.days, tables.schedule] {
                do throws(LMDBError) { try transaction.clear(table) } catch { throw .lmdb(error) }
            }
        }
        let directory = try directory()
        let snapshot = try StoreSnapshot(self)
        try snapshot.renew()
        let recomputation = try Recomputation(snapshot, directory, settings, retention)
        // The snapshot is older than the slices that are written meanwhile, and stays so: the
        // map must not grow while it is held, so there is room for the rows twice beforehand.
        try reserve()
        try recomputation.run { changes throws(StoreError) in
            try writeDerived(of: changes, withIndexes: false)
        }
    }

    private func reserve() throws(StoreError) {
        let wanted = environment.usedBytes * 3
        guard environment.mapSize < wanted else { return }
        try mapped { () throws(LMDBError) in try environment.grow(to: wanted) }
    }

    /// Runs a write transaction with the store's errors.
    func write(
        _ body: (inout WriteTransaction) throws(StoreError) -> Void
    ) throws(StoreError) {
        try environment.withWrite(mapError: StoreError.lmdb, body)
    }

    /// Adds a slice of a recomputation to the rows.
    func writeDerived(of changes: ChangeSet, withIndexes: Bool) throws(StoreError) {
        try write { transaction throws(StoreError) in
            let cutoffs = retention.cutoffs(now: changes.now, days: days)
            let writer = StoreWriter(
                tables: tables,
                days: days,
                cutoffs: cutoffs,
                position: Fold.Position()
            )
            try writer.writeSchedule([changes], in: &transaction)
            if withIndexes { try writer.writeUsers([changes], in: &transaction) }
            var rollups = RollupWriter(tables: tables, days: days, cutoffs: cutoffs)
            try rollups.apply(ChangeSum([changes]), in: &transaction)
        }
    }
}
