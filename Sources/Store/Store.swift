public import Core
public import LMDB

/// Conversations, rollups and what it takes to find them: the folded state.
///
/// One thread writes, through ``fold(_:)``; any thread reads through a ``StoreSnapshot`` of its
/// own. Everything a fold changes, with the position it reaches, is one transaction.
public final class Store: Sendable {
    /// What derived rows depend on besides events.
    public struct Settings: Sendable, Equatable {
        /// The session timeout.
        public var timeoutMilliseconds: Int64
        /// The zone of the day tier, an IANA name.
        public var zone: String

        /// Makes settings.
        ///
        /// - Parameters:
        ///   - timeoutMilliseconds: The session timeout.
        ///   - zone: The zone of the day tier, an IANA name.
        public init(timeoutMilliseconds: Int64, zone: String) {
            self.timeoutMilliseconds = timeoutMilliseconds
            self.zone = zone
        }
    }

    /// The environment, for its size and readers.
    public let environment: Environment
    /// The days of the settings' zone.
    public let days: DayTable
    /// What the rows are made for.
    public let settings: Settings
    /// How long they are kept.
    public let retention: Retention
    let tables: Tables

    /// Opens or makes a store.
    ///
    /// - Parameters:
    ///   - path: An existing directory.
    ///   - options: How its environment is opened.
    ///   - settings: The session timeout and zone.
    ///   - days: The days of the settings' zone.
    ///   - retention: How long rows and conversations are kept.
    /// - Throws: ``StoreError/newerFormat(found:known:)`` or an error of the library.
    public init(
        path: String,
        options: EnvironmentOptions,
        settings: Settings,
        days: DayTable,
        retention: Retention = Retention()
    ) throws(StoreError) {
        self.retention = retention
        let environment = try mapped { () throws(LMDBError) in
            try Environment(path: path, options: options)
        }
        self.environment = environment
        self.days = days
        self.settings = settings
        tables = try environment.withWrite(mapError: StoreError.lmdb) {
            transaction throws(StoreError) in
            let tables = try Self.openTables(&transaction)
            try StoreMeta.checkFormat(&transaction, tables.meta)
            return tables
        }
    }

    /// The settings a store's rows were made for, without opening it for use.
    ///
    /// - Parameter path: The store's directory.
    /// - Returns: The settings and how long rows are kept; nil when there is no store, or one
    ///   whose rows are unfinished.
    /// - Throws: An error of the library, or a damaged value.
    public static func settings(
        at path: String
    ) throws(StoreError) -> (settings: Settings, retention: Retention)? {
        guard let (environment, table) = try openedMeta(at: path) else { return nil }
        return try environment.withRead(mapError: StoreError.lmdb) {
            transaction throws(StoreError) in
            guard let settings = try StoreMeta.settings(transaction, table) else { return nil }
            return (settings, try StoreMeta.retention(transaction, table))
        }
    }

    /// Refuses a store or journal of a newer format, without opening it for use.
    ///
    /// - Parameter path: The directory of one of the two; it may be empty or missing.
    /// - Throws: ``StoreError/newerFormat(found:known:)`` or an error of the library.
    public static func verifyFormat(at path: String) throws(StoreError) {
        guard let (environment, table) = try openedMeta(at: path) else { return }
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            _ = try StoreMeta.format(transaction, table)
        }
    }

    /// Opens an environment to read its table of settings; nil where there is none.
    private static func openedMeta(
        at path: String
    ) throws(StoreError) -> (environment: Environment, table: Table)? {
        do throws(LMDBError) {
            let environment = try Environment(
                path: path,
                options: EnvironmentOptions(readOnly: true)
            )
            return (environment, try environment.table(named: Schema.meta, create: false))
        } catch {
            // ENOENT: the directory has no environment yet.
            if error.code == 2 || error.kind == .notFound { return nil }
            throw .lmdb(error)
        }
    }

    private static func openTables(
        _ transaction: inout WriteTransaction
    ) throws(StoreError) -> Tables {
        do throws(LMDBError) { return try Tables(&transaction) } catch { throw .lmdb(error) }
    }

    /// Adds commits to the rows, in one transaction.
    ///
    /// - Parameter changes: Commits in the order of their numbers; the first follows the store's.
    /// - Throws: ``StoreError``; then nothing has changed.
    /// - Complexity: O(n log n) in what the commits changed, plus a put for each row touched.
    public func fold(_ changes: [ChangeSet]) throws(StoreError) {
        guard let last = changes.last else { return }
        let cutoffs = retention.cutoffs(now: last.now, days: days)
        while true {
            do throws(StoreError) {
                return try environment.withWrite(mapError: StoreError.lmdb) {
                    transaction throws(StoreError) in
                    let meta = try StoreMeta(transaction, tables.meta)
                    var writer = StoreWriter(
                        tables: tables,
                        days: days,
                        cutoffs: cutoffs,
                        position: meta.position
                    )
                    try writer.write(changes, in: &transaction)
                }
            } catch {
                // The map grows outside transactions, and the fold is done again.
                guard case .lmdb(let cause) = error, cause.kind == .mapFull else { throw error }
                try grow()
            }
        }
    }

    /// Makes a commit that says nothing new, so that pages which the last fold freed can be used.
    ///
    /// LMDB uses what a commit freed from the second one after it on. Without one in between, a
    /// fold could not use the pages of the fold before, and the file would hold two folds' worth.
    ///
    /// - Throws: ``StoreError``.
    public func settle() throws(StoreError) {
        try write { transaction throws(StoreError) in
            let position = try StoreMeta(transaction, tables.meta).position
            try StoreMeta.write(position, in: &transaction, tables.meta)
        }
    }

    /// Doubles the map.
    func grow() throws(StoreError) {
        try mapped { () throws(LMDBError) in try environment.grow(to: environment.mapSize * 2) }
    }

    /// Where the store stands, and its settings.
    ///
    /// - Returns: The position of the last fold.
    /// - Throws: An error of the library, or a damaged value.
    public func position() throws(StoreError) -> Fold.Position {
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            try StoreMeta(transaction, tables.meta).position
        }
    }

    /// Bots, channels and the schedule, as the fold starts with them.
    public struct Directory: Sendable {
        /// All bots, by ordinal.
        public var bots: [BotRecord]
        /// All channels, by ordinal.
        public var channels: [String]
        /// A second and a session each.
        public var schedule: [(second: UInt32, session: UInt32)]
        /// Times of the newest events of each bot and channel.
        public var newest: [(bot: UInt32, channel: UInt16, instants: [UnixMilliseconds])]
    }

    /// Reads bots, channels and the schedule.
    ///
    /// - Returns: All of them.
    /// - Throws: An error of the library, or a damaged value.
    /// - Complexity: O(bots + sessions that are open, recent or watched).
    public func directory() throws(StoreError) -> Directory {
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            var directory = Directory(bots: [], channels: [], schedule: [], newest: [])
            try transaction.forEach(in: tables.bots) { key, value throws(StoreError) in
                guard let bot = BotRow.decode(value) else {
                    throw .corrupt(table: Schema.bots, key: "\(directory.bots.count)")
                }
                directory.bots.append(bot)
            }
            try transaction.forEach(in: tables.channels) { _, value in
                directory.channels.append(String(decoding: value.copied(), as: UTF8.self))
            }
            try transaction.forEach(in: tables.schedule) { key, _ in
                directory.schedule.append(
                    (key.readUInt32BigEndian(at: 0), key.readUInt32BigEndian(at: 4))
                )
            }
            try transaction.forEach(in: tables.newest) { key, value in
                directory.newest.append(
                    (
                        key.readUInt32BigEndian(at: 0), key.readUInt16BigEndian(at: 4),
                        NewestRow.decode(value)
                    )
                )
            }
            return directory
        }
    }
}

extension Store {
    /// Reads which sessions and first messages there are.
    ///
    /// - Returns: Filters with room for as many again.
    /// - Throws: An error of the library.
    /// - Complexity: O(sessions + users of each bot), some 50 ns each.
    public func knownKeys() throws(StoreError) -> KnownKeys {
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            var known = KnownKeys(
                sessions: 2 * (try transaction.count(of: tables.sessions)),
                firstMessages: 2 * (try transaction.count(of: tables.firstSeen))
            )
            try transaction.forEach(in: tables.sessions) { key, _ in
                let identity = UUID128(
                    high: key.readUInt64BigEndian(at: 4),
                    low: key.readUInt64BigEndian(at: 12)
                )
                known.sessions.insert(
                    MembershipFilter.hash(identity, bot: key.readUInt32BigEndian(at: 0))
                )
            }
            try transaction.forEach(in: tables.firstSeen) { key, _ in
                known.firstMessages.insert(
                    MembershipFilter.hash(
                        user: key.readUInt32BigEndian(at: 4),
                        bot: key.readUInt32BigEndian(at: 0)
                    )
                )
            }
            return known
        }
    }
}

extension Transaction where Self: ~Copyable {
    /// Counts the entries of a table; as the library's function, with the store's error.
    borrowing func count(of table: Table) throws(StoreError) -> Int {
        do throws(LMDBError) { return try entryCount(in: table) } catch { throw .lmdb(error) }
    }

    /// Calls a closure for every entry of a table, in the order of keys.
    borrowing func forEach(
        in table: Table,
        _ body: (RawSpan, RawSpan) throws(StoreError) -> Void
    ) throws(StoreError) {
        try scan(table) { cursor throws(StoreError) in
            var isAtEntry = try cursor.moveFirst()
            while isAtEntry {
                try body(cursor.key, cursor.value)
                isAtEntry = try cursor.moveNext()
            }
        }
    }
}

/// The row of a bot: identity, first outcome, channels.
enum BotRow {
    static func encode(_ bot: BotRecord) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeUInt64(bot.identity.high)
        writer.writeUInt64(bot.identity.low)
        writer.writeUInt64(UInt64(bitPattern: bot.firstOutcome))
        writer.writeVarint(UInt64(bot.channels.count))
        for channel in bot.channels { writer.writeVarint(UInt64(channel)) }
        return writer.bytes
    }

    static func decode(_ bytes: RawSpan) -> BotRecord? {
        var reader = ByteReader(bytes)
        var bot = BotRecord(identity: UUID128(high: reader.readUInt64(), low: reader.readUInt64()))
        bot.firstOutcome = UnixMilliseconds(bitPattern: reader.readUInt64())
        let count = reader.readVarint()
        guard count <= UInt64(Limits.channelsMaximum) else { return nil }
        for _ in 0..<count {
            bot.channels.append(UInt16(truncatingIfNeeded: reader.readVarint()))
        }
        return reader.failed ? nil : bot
    }
}

/// Times of the newest events of a bot and channel: the newest that time has reached, then those
/// that lie ahead, one for each second.
enum NewestRow {
    static func encode(_ instants: [UnixMilliseconds]) -> [UInt8] {
        var writer = ByteWriter()
        for instant in instants { writer.writeSigned(instant) }
        return writer.bytes
    }

    static func decode(_ bytes: RawSpan) -> [UnixMilliseconds] {
        var reader = ByteReader(bytes)
        var instants: [UnixMilliseconds] = []
        while !reader.isAtEnd { instants.append(reader.readSigned()) }
        return instants
    }

    /// Keeps the newest at or before now and the last of each second ahead.
    static func reduce(
        _ instants: [UnixMilliseconds],
        now: UnixMilliseconds
    ) -> [UnixMilliseconds] {
        var kept: [UnixMilliseconds] = []
        for instant in instants.sorted() {
            if let last = kept.last {
                let isPassed = instant < now
                let isSameSecond = last / Milliseconds.second == instant / Milliseconds.second
                if isPassed || isSameSecond { kept.removeLast() }
            }
            kept.append(instant)
        }
        return kept
    }
}
