public import Core
internal import LMDB

/// A consistent view of the folded store, renewed by its owner; used on one thread.
///
/// The protocols it serves have no errors, because the core does no I/O: a read that fails gives
/// nothing and leaves the reason in ``failure``, which the owner looks at before it uses what
/// came out.
public final class StoreSnapshot: GroundReader {
    private let store: Store
    private var transaction: ReadTransaction
    private var isActive = false

    /// Where the snapshot stands.
    public private(set) var position = Fold.Position()
    /// Why a read failed, since the last renewal.
    public private(set) var failure: StoreError?
    /// Commits that are added to what is read, oldest first; those the snapshot contains are
    /// passed over.
    public var tail: [ChangeSet] = [] {
        didSet { unfoldedFirsts = nil }
    }
    /// First messages that ``unfolded`` states, by bot and user, once somebody asked for one.
    private var unfoldedFirsts: [UInt64: FirstMessage]?
    /// Where figures begin; nothing before is read.
    public var cutoffs = Cutoffs()

    /// Makes a snapshot of the present state.
    ///
    /// - Parameter store: The store.
    /// - Throws: An error of the library.
    public init(_ store: Store) throws(StoreError) {
        self.store = store
        do throws(LMDBError) {
            transaction = try store.environment.beginRead()
        } catch {
            throw .lmdb(error)
        }
        transaction.reset()
    }

    /// Takes the present state.
    ///
    /// Costs a fraction of a microsecond.
    ///
    /// - Throws: An error of the library.
    public func renew() throws(StoreError) {
        failure = nil
        unfoldedFirsts = nil
        do throws(LMDBError) { try transaction.renew() } catch { throw .lmdb(error) }
        isActive = true
        position = try StoreMeta(transaction, store.tables.meta).position
    }

    /// Gives the state up, so that its pages can be used again and the map can grow.
    public func release() {
        guard isActive else { return }
        isActive = false
        transaction.reset()
    }

    /// Position after the last event the snapshot contains.
    public var foldedPosition: UInt64 { position.events }

    /// The commits of ``tail`` that the snapshot does not contain.
    public var unfolded: ArraySlice<ChangeSet> {
        tail[tail.lowerBound { $0.number <= position.commit }...]
    }

    /// Runs a read and keeps its error.
    private func attempt<R>(
        _ fallback: R,
        _ body: (borrowing ReadTransaction) throws(StoreError) -> R
    ) -> R {
        guard isActive else { preconditionFailure("a snapshot is renewed before it is read") }
        do throws(StoreError) {
            return try body(transaction)
        } catch {
            failure = error
            return fallback
        }
    }

    // MARK: - Identities

    /// Looks a session up; see ``GroundReader/session(_:bot:)``.
    public func session(_ identity: UUID128, bot: UInt32) -> UInt32? {
        attempt(nil) { transaction throws(StoreError) in
            let key = Key(bot: bot, session: identity)
            guard let value = try transaction.stored(key, in: store.tables.sessions) else {
                return nil
            }
            return value.readUInt32BigEndian(at: 0)
        }
    }

    /// Looks a user up; see ``GroundReader/user(_:)``.
    public func user(_ identity: UUID128) -> UInt32? {
        attempt(nil) { transaction throws(StoreError) in
            let table = store.tables.usersByIdentity
            guard let value = try transaction.stored(Key(identity), in: table) else { return nil }
            return value.readUInt32BigEndian(at: 0)
        }
    }

    /// The identity behind a user's ordinal; see ``GroundReader/userIdentity(_:)``.
    public func userIdentity(_ ordinal: UInt32) -> UUID128? {
        attempt(nil) { transaction throws(StoreError) in
            let table = store.tables.usersByOrdinal
            guard let value = try transaction.stored(Key(ordinal), in: table) else { return nil }
            return UUID128(
                high: value.readUInt64BigEndian(at: 0),
                low: value.readUInt64BigEndian(at: 8)
            )
        }
    }

    /// A user's first incoming message; see ``GroundReader/firstMessage(of:to:)``.
    public func firstMessage(of user: UInt32, to bot: UInt32) -> FirstMessage? {
        attempt(nil) { transaction throws(StoreError) in
            let table = store.tables.firstSeen
            guard let value = try transaction.stored(Key(bot, user), in: table) else { return nil }
            return FirstMessage(
                word: UInt64(value.readUInt32BigEndian(at: 0)) << 16
                    | UInt64(value.readUInt16BigEndian(at: 4))
            )
        }
    }

    // MARK: - Sessions

    /// Reads a session's timeline; see ``GroundReader/readTimeline(of:_:)``.
    public func readTimeline(of session: UInt32, _ body: (EventRecord) -> Void) -> UInt32? {
        attempt(nil) { transaction throws(StoreError) in
            try transaction.scan(store.tables.timelines) { cursor throws(StoreError) in
                var bot: UInt32?
                var isAtEntry = try cursor.move(atOrAfter: Key(session, 0))
                while isAtEntry, cursor.key.readUInt32BigEndian(at: 0) == session {
                    let chunk = cursor.key.readUInt32BigEndian(at: 4)
                    var reader = TimelineReader(
                        cursor.value,
                        chunk: chunk,
                        session: session,
                        bot: bot ?? 0
                    )
                    bot = reader.bot
                    while let event = reader.next() { body(event) }
                    if reader.failed {
                        throw .corrupt(table: Schema.timelines, key: "\(session)/\(chunk)")
                    }
                    isAtEntry = try cursor.moveNext()
                }
                return bot
            }
        }
    }

    /// The sessions of a bot; see ``GroundReader/sessions(of:)``.
    public func sessions(of bot: UInt32) -> [UInt32] {
        attempt([]) { transaction throws(StoreError) in
            try transaction.scan(store.tables.sessions) { cursor throws(StoreError) in
                var sessions: [UInt32] = []
                var isAtEntry = try cursor.move(atOrAfter: Key(bot))
                while isAtEntry, cursor.key.readUInt32BigEndian(at: 0) == bot {
                    sessions.append(cursor.value.readUInt32BigEndian(at: 0))
                    isAtEntry = try cursor.moveNext()
                }
                return sessions
            }
        }
    }

    /// The sessions a user took part in, as far as the snapshot contains them.
    ///
    /// - Parameter user: The user's ordinal.
    /// - Returns: Their ordinals, ascending.
    public func sessions(ofUser user: UInt32) -> [UInt32] {
        attempt([]) { transaction throws(StoreError) in
            try transaction.scan(store.tables.userSessions) { cursor throws(StoreError) in
                var sessions: [UInt32] = []
                var isAtEntry = try cursor.move(atOrAfter: Key(user))
                while isAtEntry, cursor.key.readUInt32BigEndian(at: 0) == user {
                    sessions.append(cursor.key.readUInt32BigEndian(at: 4))
                    isAtEntry = try cursor.moveNext()
                }
                return sessions
            }
        }
    }
}

extension StoreSnapshot: RollupSource {
    /// Adds the rows of a scope and range, then the unfolded commits.
    ///
    /// Whole days of the daemon's zone are read from day rows, the rest from hour rows.
    public func accumulate(
        _ scope: RollupScope,
        _ quarters: Range<Quarter>,
        into accumulator: inout SlotAccumulator
    ) {
        let parts = Self.parts(of: quarters, days: store.days, cutoffs)
        for part in parts {
            for channel in scope.rowChannels {
                let row = (bot: scope.rowBot, channel: channel)
                if let days = part.days {
                    addDays(row, days, &accumulator)
                } else {
                    addHours(row, part.quarters, &accumulator)
                }
            }
        }
        let ranges = parts.map(\.quarters)
        for changes in unfolded { accumulator.add(changes, scope: scope, ranges: ranges) }
    }

    /// When a user first wrote to a bot; see ``RollupSource/firstQuarter(of:to:)``.
    ///
    /// An unfolded commit replaces what the table says, a later one what an earlier one says.
    public func firstQuarter(of user: UInt32, to bot: UInt32) -> Quarter? {
        if unfoldedFirsts == nil {
            var firsts: [UInt64: FirstMessage] = [:]
            for changes in unfolded {
                for seen in changes.firstSeen {
                    firsts[UInt64(seen.bot) << 32 | UInt64(seen.user)] = seen.first
                }
            }
            unfoldedFirsts = firsts
        }
        let first = unfoldedFirsts?[UInt64(bot) << 32 | UInt64(user)]
        return (first ?? firstMessage(of: user, to: bot))?.quarter
    }

    /// A part of a range: whole days of the daemon's zone, or quarters.
    private struct Part {
        var quarters: Range<Quarter>
        var days: Range<Int>?
    }

    /// Splits a range into what is read from hour rows and what from day rows, and leaves out
    /// what is no longer kept.
    private static func parts(
        of quarters: Range<Quarter>,
        days: DayTable,
        _ cutoffs: Cutoffs
    ) -> [Part] {
        var parts: [Part] = []
        func addHours(_ low: Quarter, _ high: Quarter) {
            let low = max(low, cutoffs.hours)
            if low < high { parts.append(Part(quarters: low..<high, days: nil)) }
        }
        let firstDay = max(days.firstDay(atOrAfter: quarters.lowerBound), cutoffs.day)
        var endDay = days.firstDay(atOrAfter: quarters.upperBound)
        if endDay > 0, days.start(of: endDay) > quarters.upperBound { endDay -= 1 }
        guard firstDay < endDay else {
            addHours(quarters.lowerBound, quarters.upperBound)
            return parts
        }
        let start = days.start(of: firstDay)
        let end = days.start(of: endDay)
        addHours(quarters.lowerBound, start)
        parts.append(Part(quarters: start..<end, days: firstDay..<endDay))
        addHours(end, quarters.upperBound)
        return parts
    }

    private func addHours(
        _ row: (bot: UInt32, channel: UInt16),
        _ quarters: Range<Quarter>,
        _ accumulator: inout SlotAccumulator
    ) {
        guard !quarters.isEmpty else { return }
        let first = quarters.lowerBound / Quarters.perHour
        let last = (quarters.upperBound - 1) / Quarters.perHour
        let begin = Key(bot: row.bot, channel: row.channel, period: first)
        let end = Key(bot: row.bot, channel: row.channel, period: last + 1)
        attempt(()) { transaction throws(StoreError) in
            try transaction.scan(store.tables.hours) { cursor throws(StoreError) in
                var isAtEntry = try cursor.move(atOrAfter: begin)
                while isAtEntry, !cursor.key.isAtOrAfter(end) {
                    let hour = Int32(bitPattern: cursor.key.readUInt32BigEndian(at: 6))
                    let wanted = HourRow.quarterMask(of: hour, in: quarters)
                    if !HourRow.accumulate(cursor.value, wanted: wanted, into: &accumulator) {
                        throw .corrupt(
                            table: Schema.hours,
                            key: "\(row.bot)/\(row.channel)/\(hour)"
                        )
                    }
                    isAtEntry = try cursor.moveNext()
                }
            }
        }
    }

    /// Adds whole days: those that have a row from it, those between from their hours.
    private func addDays(
        _ row: (bot: UInt32, channel: UInt16),
        _ range: Range<Int>,
        _ accumulator: inout SlotAccumulator
    ) {
        var next = range.lowerBound
        let begin = Key(bot: row.bot, channel: row.channel, period: Int32(range.lowerBound))
        let end = Key(bot: row.bot, channel: row.channel, period: Int32(range.upperBound))
        attempt(()) { transaction throws(StoreError) in
            try transaction.scan(store.tables.days) { cursor throws(StoreError) in
                var isAtEntry = try cursor.move(atOrAfter: begin)
                while isAtEntry, !cursor.key.isAtOrAfter(end) {
                    let day = Int(cursor.key.readUInt32BigEndian(at: 6))
                    addHoursOfDays(row, next..<day, &accumulator)
                    next = day + 1
                    var reader = ByteReader(cursor.value)
                    if !accumulator.add(encoded: &reader) {
                        throw .corrupt(table: Schema.days, key: "\(row.bot)/\(row.channel)/\(day)")
                    }
                    isAtEntry = try cursor.moveNext()
                }
            }
        }
        addHoursOfDays(row, next..<range.upperBound, &accumulator)
    }

    private func addHoursOfDays(
        _ row: (bot: UInt32, channel: UInt16),
        _ range: Range<Int>,
        _ accumulator: inout SlotAccumulator
    ) {
        guard !range.isEmpty else { return }
        let start = store.days.start(of: range.lowerBound)
        addHours(row, start..<store.days.start(of: range.upperBound), &accumulator)
    }
}
