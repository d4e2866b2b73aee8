public import Core
internal import LMDB

/// Where pruning goes on: it walks the tables in slices, so that no transaction is long.
public struct PruningProgress: Sendable {
    var hour: [UInt8] = []
    var day: [UInt8] = []
    var session: [UInt8] = []

    /// Begins at the first row.
    public init() {}
}

extension Store {
    /// Keys one slice looks at; a slice takes some milliseconds.
    private static let sliceKeys = 2_000

    /// Deletes a slice of what is no longer kept.
    ///
    /// - Parameters:
    ///   - progress: Where to go on.
    ///   - now: The end of the running second.
    /// - Returns: Whether a round over all tables has ended.
    /// - Throws: ``StoreError``; then nothing has changed.
    /// - Complexity: O(2,000 keys).
    public func prune(
        _ progress: inout PruningProgress,
        now: UnixMilliseconds
    ) throws(StoreError) -> Bool {
        let cutoffs = retention.cutoffs(now: now, days: days)
        var next = progress
        try write { transaction throws(StoreError) in
            if retention.hourDays > 0 {
                // Rows that begin before the cutoff and end behind it are kept, and read in part.
                let end = cutoffs.hours / Quarters.perHour
                let (stale, after) = try staleRows(
                    tables.hours,
                    before: end,
                    from: next.hour,
                    transaction
                )
                try keepDays(of: stale, cutoffs, &transaction)
                for key in stale { try transaction.remove(key, in: tables.hours) }
                next.hour = after
            }
            if retention.dayDays > 0 {
                let end = Int32(cutoffs.day)
                let (stale, after) = try staleRows(
                    tables.days,
                    before: end,
                    from: next.day,
                    transaction
                )
                for key in stale { try transaction.remove(key, in: tables.days) }
                next.day = after
            }
            if retention.conversationDays > 0 {
                let end = Quarters.start(of: cutoffs.conversations)
                next.session = try pruneSessions(before: end, from: next.session, &transaction)
            }
        }
        progress = next
        return next.hour.isEmpty && next.day.isEmpty && next.session.isEmpty
    }

    /// The rows of a period before another, and where to go on: nothing at the end.
    private func staleRows(
        _ table: Table,
        before end: Int32,
        from start: [UInt8],
        _ transaction: borrowing WriteTransaction
    ) throws(StoreError) -> (stale: [Key], next: [UInt8]) {
        try transaction.scan(table) { cursor throws(StoreError) in
            var stale: [Key] = []
            var isAtEntry = try cursor.begin(at: start)
            for _ in 0..<Self.sliceKeys {
                guard isAtEntry else { return (stale, []) }
                if Int32(bitPattern: cursor.key.readUInt32BigEndian(at: 6)) < end {
                    stale.append(Key(cursor.key))
                }
                isAtEntry = try cursor.moveNext()
            }
            return (stale, isAtEntry ? cursor.key.copied() : [])
        }
    }

    /// Gives rows to the days that so far were read from hours which are about to go.
    private func keepDays(
        of hours: [Key],
        _ cutoffs: Cutoffs,
        _ transaction: inout WriteTransaction
    ) throws(StoreError) {
        let rows = DayRows(tables: tables, days: days)
        var last: DayKey?
        for key in hours {
            let bytes = key.bytes
            let first = Int32(bitPattern: bytes.readUInt32BigEndian(at: 6)) * Quarters.perHour
            for quarter in [first, first + Quarters.perHour - 1] {
                let day = DayKey(
                    bot: bytes.readUInt32BigEndian(at: 0),
                    channel: bytes.readUInt16BigEndian(at: 4),
                    day: days.day(of: quarter)
                )
                if day == last || day.day < cutoffs.day { continue }
                last = day
                if try transaction.stored(day.rowKey, in: tables.days) != nil { continue }
                guard let sum = try rows.sum(of: day, in: transaction), !sum.isEmpty else {
                    continue
                }
                var writer = ByteWriter()
                sum.encode(into: &writer)
                try transaction.store(writer.bytes, for: day.rowKey, in: tables.days)
            }
        }
    }

    /// Deletes sessions whose last event lies before an instant.
    private func pruneSessions(
        before end: UnixMilliseconds,
        from start: [UInt8],
        _ transaction: inout WriteTransaction
    ) throws(StoreError) -> [UInt8] {
        typealias Candidate = (key: Key, session: UInt32)
        let (candidates, next): ([Candidate], [UInt8]) = try transaction.scan(tables.sessions) {
            cursor throws(StoreError) in
            var found: [Candidate] = []
            var isAtEntry = try cursor.begin(at: start)
            for _ in 0..<Self.sliceKeys {
                guard isAtEntry else { return (found, []) }
                found.append((Key(cursor.key), cursor.value.readUInt32BigEndian(at: 0)))
                isAtEntry = try cursor.moveNext()
            }
            return (found, isAtEntry ? cursor.key.copied() : [])
        }
        for candidate in candidates {
            guard let ended = try endedSession(candidate.session, before: end, transaction) else {
                continue
            }
            try transaction.remove(candidate.key, in: tables.sessions)
            for chunk in 0..<ended.chunks {
                try transaction.remove(Key(candidate.session, chunk), in: tables.timelines)
            }
            for user in ended.users {
                try transaction.remove(Key(user, candidate.session), in: tables.userSessions)
            }
        }
        return next
    }

    /// The chunks and users of a session whose last event lies before an instant; nil for others.
    private func endedSession(
        _ session: UInt32,
        before end: UnixMilliseconds,
        _ transaction: borrowing WriteTransaction
    ) throws(StoreError) -> (chunks: UInt32, users: Set<UInt32>)? {
        try transaction.scan(tables.timelines) { cursor throws(StoreError) in
            var chunks: UInt32 = 0
            var users: Set<UInt32> = []
            var isAtEntry = try cursor.move(atOrAfter: Key(session, 0))
            while isAtEntry, cursor.key.readUInt32BigEndian(at: 0) == session {
                let chunk = cursor.key.readUInt32BigEndian(at: 4)
                var reader = TimelineReader(cursor.value, chunk: chunk, session: session)
                while let event = reader.next() {
                    if event.timestamp >= end { return nil }
                    users.insert(event.user)
                }
                if reader.failed {
                    throw .corrupt(table: Schema.timelines, key: "\(session)/\(chunk)")
                }
                chunks = chunk + 1
                isAtEntry = try cursor.moveNext()
            }
            return (chunks, users)
        }
    }
}

extension Cursor {
    /// Stands at a key or behind it, or at the first entry for an empty key.
    @_lifetime(self: copy self)
    fileprivate mutating func begin(at key: [UInt8]) throws(StoreError) -> Bool {
        key.isEmpty ? try moveFirst() : try move(atOrAfter: Key(key.span.bytes))
    }
}
