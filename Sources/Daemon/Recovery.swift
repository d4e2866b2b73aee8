internal import Core
internal import LMDB
internal import Store

/// The state after a start: the store, and the journal's commits it does not contain yet, folded
/// again in memory.
struct Recovery {
    /// The fold, ready for the next event.
    var fold: Fold
    /// Commits the store does not contain, oldest first.
    var tail: [ChangeSet] = []
    /// Number of the last commit in the store.
    let folded: UInt64
    /// All producers by name.
    let producers: [ProducerName: Journal.Producer]
    /// Counts of all time.
    let counts: IngestCounts
    /// Bots and channels as the store has them, before the tail.
    let names: AnswerNames
    /// What the store lists beside its rows.
    let directory: Store.Directory

    /// Recovers.
    ///
    /// - Parameters:
    ///   - storage: The journal and the store.
    ///   - snapshot: A snapshot of the store, renewed here and left so.
    /// - Throws: ``StoreError``.
    init(_ storage: Storage, snapshot: StoreSnapshot) throws(StoreError) {
        try snapshot.renew()
        directory = try storage.store.directory()
        var ordinals = UUIDTable()
        for (ordinal, bot) in directory.bots.enumerated() {
            ordinals[bot.identity] = UInt32(ordinal)
        }
        names = AnswerNames(
            bots: directory.bots,
            botOrdinals: ordinals,
            channels: directory.channels
        )
        folded = snapshot.position.commit
        (producers, counts) = try storage.journal.load()
        var fold = Fold(
            timeoutMilliseconds: storage.store.settings.timeoutMilliseconds,
            position: snapshot.position,
            bots: directory.bots,
            channels: directory.channels,
            schedule: directory.schedule,
            known: try storage.store.knownKeys()
        )
        fold.prunesConversations = storage.store.retention.conversationDays > 0
        var tail: [ChangeSet] = []
        try storage.journal.replay(after: folded) { chunk in
            tail.append(
                fold.replay(
                    number: chunk.number,
                    dataVersion: chunk.dataVersion,
                    events: chunk.events,
                    names: chunk.names,
                    now: chunk.now,
                    ground: snapshot
                )
            )
        }
        if let failure = snapshot.failure { throw failure }
        self.fold = fold
        self.tail = tail
    }
}

extension RealtimeWindow {
    /// Rebuilds the window from the sessions that the schedule keeps at hand for it.
    ///
    /// It takes about as long as recovering the fold and needs nothing of it, so the two run at
    /// the same time on two threads.
    ///
    /// - Parameters:
    ///   - directory: What the store lists.
    ///   - snapshot: A renewed snapshot of the same store.
    ///   - now: The end of the running second.
    ///   - isCancelled: Whether nobody wants the window any more; it is incomplete then.
    init(
        _ directory: Store.Directory,
        _ snapshot: StoreSnapshot,
        now: UnixMilliseconds,
        isCancelled: () -> Bool
    ) {
        self.init(now: now)
        let oldest = now - Limits.realtimeKeepMilliseconds
        // A session is scheduled no later than the end of the time it is kept; its events may lie
        // some minutes ahead.
        let latest = now + Limits.realtimeKeepMilliseconds + Limits.futureMilliseconds
        var events: [EventRecord] = []
        var batch = RealtimeBatch()
        for entry in directory.schedule where Int64(entry.second) * Milliseconds.second <= latest {
            if isCancelled() { return }
            _ = snapshot.readTimeline(of: entry.session) { event in
                if event.timestamp >= oldest { events.append(event) }
            }
            guard events.count >= 4_096 else { continue }
            batch.add(events[...], into: &self)
            batch.settle(into: &self, sessions: .max)
            events.removeAll(keepingCapacity: true)
        }
        batch.add(events[...], into: &self)
        batch.settle(into: &self, sessions: .max)
        for entry in directory.newest {
            for instant in entry.instants {
                restoreNewest(bot: entry.bot, channel: entry.channel, instant: instant)
            }
        }
    }
}

/// The journal and the store of one data directory.
struct Storage: Sendable {
    let directory: DataDirectory
    let journal: Journal
    let store: Store
    let durability: EnvironmentOptions.Durability

    /// Opens or makes both.
    init(_ configuration: DaemonConfiguration, zone: ZoneRules) throws(StoreError) {
        durability = configuration.durability
        directory = try DataDirectory(configuration.dataDirectory)
        journal = try Journal(
            path: directory.journalPath,
            options: EnvironmentOptions(
                mapSize: 4 << 30,
                durability: configuration.durability
            ),
            newIdentity: UUID128.random()
        )
        store = try Store(
            path: directory.storePath,
            options: EnvironmentOptions(
                mapSize: configuration.mapSize,
                durability: configuration.durability
            ),
            settings: Store.Settings(
                timeoutMilliseconds: Int64(configuration.sessionTimeoutSeconds)
                    * Milliseconds.second,
                zone: configuration.timezone
            ),
            days: DayTable(zone: zone),
            retention: configuration.retention
        )
        for environment in [journal.environment, store.environment] {
            do throws(LMDBError) {
                _ = try environment.readerCheck()
            } catch {
                throw .lmdb(error)
            }
        }
    }
}

extension UUID128 {
    /// A random UUID, version 4.
    static func random() -> UUID128 {
        var generator = SystemRandomNumberGenerator()
        return UUID128(
            high: generator.next() & ~0xf000 | 0x4000,
            low: generator.next() & ~(0b11 << 62) | 0b10 << 62
        )
    }
}

extension DayTable {
    /// The days of a zone, from 2000 through 2100.
    init(zone: ZoneRules) {
        let first = LocalCalendar(rules: zone).date(of: Limits.earliestMilliseconds)
        let quarters = (0...36_600).map { day in
            Quarters.containing(zone.firstInstant(of: first.adding(days: day)))
        }
        self.init(starts: quarters)
    }
}
