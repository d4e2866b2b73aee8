internal import Core
internal import LMDB

/// Writes commits into the tables, each key once, in the order of keys.
struct StoreWriter: ~Copyable {
    private let tables: Tables
    private let days: DayTable
    private let cutoffs: Cutoffs
    private var position: Fold.Position

    init(tables: Tables, days: DayTable, cutoffs: Cutoffs, position: Fold.Position) {
        self.tables = tables
        self.days = days
        self.cutoffs = cutoffs
        self.position = position
    }

    mutating func write(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        try writeNames(changes, in: &transaction)
        try writeTimelines(changes, in: &transaction)
        try writeUsers(changes, in: &transaction)
        try writeSchedule(changes, in: &transaction)
        try writeNewest(changes, in: &transaction)
        var rollups = RollupWriter(tables: tables, days: days, cutoffs: cutoffs)
        try rollups.apply(ChangeSum(changes), in: &transaction)
        advance(over: changes)
        try StoreMeta.write(position, in: &transaction, tables.meta)
    }

    private mutating func advance(over changes: [ChangeSet]) {
        for set in changes {
            position.nextUser += UInt32(set.names.users.count)
            position.nextSession += UInt32(set.names.sessions.count)
        }
        guard let last = changes.last else { return }
        position.commit = last.number
        position.dataVersion = last.dataVersion
        position.events = last.endPosition
        position.now = last.now
    }

    // MARK: - Names

    private func writeNames(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        var users: [(ordinal: UInt32, identity: UUID128)] = []
        var sessions: [ChangeSet.NewSession] = []
        for set in changes {
            for channel in set.names.channels {
                let key = Key(channel.ordinal)
                try transaction.store(Array(channel.name.utf8), for: key, in: tables.channels)
            }
            users += set.names.users
            sessions += set.names.sessions + set.names.returning
        }
        try writeBots(changes, in: &transaction)
        for user in users {
            let value = identityBytes(user.identity)
            try transaction.store(value, for: Key(user.ordinal), in: tables.usersByOrdinal)
        }
        users.sort { $0.identity < $1.identity }
        for user in users {
            let value = ordinalBytes(user.ordinal)
            try transaction.store(value, for: Key(user.identity), in: tables.usersByIdentity)
        }
        sessions.sort { $0.bot != $1.bot ? $0.bot < $1.bot : $0.identity < $1.identity }
        for session in sessions {
            let key = Key(bot: session.bot, session: session.identity)
            try transaction.store(ordinalBytes(session.ordinal), for: key, in: tables.sessions)
        }
    }

    private func writeBots(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        var changed: [UInt32: BotRecord] = [:]
        for set in changes {
            for bot in set.names.bots { changed[bot.ordinal] = BotRecord(identity: bot.identity) }
            for use in set.botChannels {
                if changed[use.bot] == nil {
                    changed[use.bot] = try storedBot(use.bot, in: transaction)
                }
                changed[use.bot]?.channels.append(use.channel)
            }
            for outcome in set.firstOutcomes {
                if changed[outcome.bot] == nil {
                    changed[outcome.bot] = try storedBot(outcome.bot, in: transaction)
                }
                changed[outcome.bot]?.firstOutcome = outcome.instant
            }
        }
        for (ordinal, bot) in changed {
            try transaction.store(BotRow.encode(bot), for: Key(ordinal), in: tables.bots)
        }
    }

    private func storedBot(
        _ ordinal: UInt32,
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) -> BotRecord {
        guard let value = try transaction.stored(Key(ordinal), in: tables.bots),
            let bot = BotRow.decode(value)
        else { throw .corrupt(table: Schema.bots, key: "\(ordinal)") }
        return bot
    }

    private func identityBytes(_ identity: UUID128) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 16)
        writer.writeUInt64(identity.high)
        writer.writeUInt64(identity.low)
        return writer.bytes
    }

    private func ordinalBytes(_ ordinal: UInt32) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 4)
        writer.writeUInt32(ordinal)
        return writer.bytes
    }

    // MARK: - Timelines

    private func writeTimelines(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        // One array, so that an event is found by its number; sorted by session, then as they
        // came.
        var events: [EventRecord] = []
        events.reserveCapacity(changes.reduce(0) { $0 + $1.events.count })
        for set in changes { events += set.events }
        let order = RadixSort.positions(of: events)
        var timeline = TimelineWriter()
        var next = 0
        while next < order.count {
            let session = events[Int(order[next])].session
            var end = next + 1
            while end < order.count, events[Int(order[end])].session == session { end += 1 }
            var chunk = try openTimeline(of: session, &timeline, in: transaction)
            for position in order[next..<end] {
                let event = events[Int(position)]
                if chunk == nil {
                    timeline.begin(bot: event.bot)
                    chunk = 0
                } else if timeline.isFull {
                    try putTimeline(timeline, session, chunk ?? 0, in: &transaction)
                    chunk = (chunk ?? 0) + 1
                    timeline.begin(bot: nil)
                }
                timeline.append(event)
            }
            try putTimeline(timeline, session, chunk ?? 0, in: &transaction)
            next = end
        }
    }

    /// Resumes a session's last chunk; returns its number, or nil for a session without one.
    private func openTimeline(
        of session: UInt32,
        _ timeline: inout TimelineWriter,
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) -> UInt32? {
        // Ordinals are given in order: what the store has not counted has no timeline yet.
        guard session < position.nextSession else { return nil }
        return try transaction.scan(tables.timelines) { cursor throws(StoreError) in
            guard try cursor.move(before: Key(session + 1, 0)),
                cursor.key.readUInt32BigEndian(at: 0) == session
            else { return nil }
            let chunk = cursor.key.readUInt32BigEndian(at: 4)
            guard timeline.resume(cursor.value, chunk: chunk, session: session) else {
                throw .corrupt(table: Schema.timelines, key: "\(session)/\(chunk)")
            }
            return chunk
        }
    }

    private func putTimeline(
        _ timeline: TimelineWriter,
        _ session: UInt32,
        _ chunk: UInt32,
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        // New sessions come last and their keys ascend, so that pages fill up.
        let mode: PutMode = session < position.nextSession ? .overwrite : .append
        let key = Key(session, chunk)
        try transaction.store(timeline.writer.bytes, for: key, in: tables.timelines, mode: mode)
    }

    // MARK: - Users, schedule, newest events

    func writeUsers(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        var pairs: [UInt64] = []
        var first: [UInt64: FirstMessage] = [:]
        for set in changes {
            for pair in set.userSessions {
                pairs.append(UInt64(pair.user) << 32 | UInt64(pair.session))
            }
            for seen in set.firstSeen {
                first[UInt64(seen.bot) << 32 | UInt64(seen.user)] = seen.first
            }
        }
        pairs.sort()
        for pair in pairs {
            let key = Key(UInt32(pair >> 32), UInt32(truncatingIfNeeded: pair))
            try transaction.store([], for: key, in: tables.userSessions)
        }
        for (id, message) in first.sorted(by: { $0.key < $1.key }) {
            var writer = ByteWriter(reservingCapacity: 6)
            writer.writeUInt32(UInt32(truncatingIfNeeded: message.word >> 16))
            writer.writeUInt16(UInt16(truncatingIfNeeded: message.word))
            let key = Key(UInt32(id >> 32), UInt32(truncatingIfNeeded: id))
            try transaction.store(writer.bytes, for: key, in: tables.firstSeen)
        }
    }

    func writeSchedule(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        // A session moves many times in a fold; only where it was and where it is counts.
        var moves: [UInt32: (old: UInt32, new: UInt32)] = [:]
        for set in changes {
            for move in set.schedule {
                let old = moves[move.session]?.old ?? move.oldSecond
                moves[move.session] = (old, move.newSecond)
            }
        }
        var entries: [(key: UInt64, isAdded: Bool)] = []
        for (session, move) in moves where move.old != move.new {
            if move.old != 0 { entries.append((UInt64(move.old) << 32 | UInt64(session), false)) }
            if move.new != 0 { entries.append((UInt64(move.new) << 32 | UInt64(session), true)) }
        }
        entries.sort { $0.key < $1.key }
        for entry in entries {
            let key = Key(UInt32(entry.key >> 32), UInt32(truncatingIfNeeded: entry.key))
            if entry.isAdded {
                try transaction.store([], for: key, in: tables.schedule)
            } else {
                try transaction.remove(key, in: tables.schedule)
            }
        }
    }

    private func writeNewest(
        _ changes: [ChangeSet],
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        guard let now = changes.last?.now else { return }
        var newest: [UInt64: [UnixMilliseconds]] = [:]
        var reached: [UInt64: UnixMilliseconds] = [:]
        for set in changes {
            for event in set.events {
                let id = UInt64(event.bot) << 16 | UInt64(event.channel)
                if event.timestamp >= now {
                    newest[id, default: []].append(event.timestamp)
                } else {
                    reached[id] = max(reached[id] ?? .min, event.timestamp)
                }
            }
        }
        for (id, instant) in reached { newest[id, default: []].append(instant) }
        for (id, instants) in newest {
            let key = Key(
                bot: UInt32(truncatingIfNeeded: id >> 16),
                channel: UInt16(truncatingIfNeeded: id)
            )
            var known: [UnixMilliseconds] = []
            if let value = try transaction.stored(key, in: tables.newest) {
                known = NewestRow.decode(value)
            }
            let kept = NewestRow.reduce(known + instants, now: now)
            try transaction.store(NewestRow.encode(kept), for: key, in: tables.newest)
        }
    }
}
