public import Core
public import LMDB

/// The acknowledged commits that the store may not contain yet, and everything of producers.
///
/// A commit is one value, appended: its events as they lie in memory, the names it gave ordinals
/// and the time it followed. The watermarks and counts it moves change in the same transaction,
/// which is durable before it returns. What the store has folded is deleted a little with every
/// commit.
public final class Journal: Sendable {
    /// How far a producer is.
    public struct Producer: Sendable, Equatable {
        /// The epoch the daemon gave last.
        public var epoch: UInt64
        /// The last event committed in it.
        public var committed: UInt64
        /// The publisher's own position there.
        public var checkpoint: String?
        /// When it last committed.
        public var lastCommit: UnixMilliseconds

        /// Makes a producer's state.
        ///
        /// - Parameters:
        ///   - epoch: The epoch the daemon gave last.
        ///   - committed: The last event committed in it.
        ///   - checkpoint: The publisher's own position there.
        ///   - lastCommit: When it last committed.
        public init(
            epoch: UInt64,
            committed: UInt64 = 0,
            checkpoint: String? = nil,
            lastCommit: UnixMilliseconds = 0
        ) {
            self.epoch = epoch
            self.committed = committed
            self.checkpoint = checkpoint
            self.lastCommit = lastCommit
        }
    }

    /// The environment, for its size.
    public let environment: Environment
    /// The store's identity, made with it.
    public let identity: UUID128
    /// Grows when a backup is restored.
    public let incarnation: UInt64
    private let chunks: Table
    private let producers: Table
    private let meta: Table

    /// Opens or makes a journal.
    ///
    /// - Parameters:
    ///   - path: An existing directory.
    ///   - options: How its environment is opened.
    ///   - newIdentity: The identity of a store that does not exist yet.
    /// - Throws: ``StoreError/newerFormat(found:known:)`` or an error of the library.
    public init(
        path: String,
        options: EnvironmentOptions,
        newIdentity: UUID128
    ) throws(StoreError) {
        let environment = try mapped { () throws(LMDBError) in
            try Environment(path: path, options: options)
        }
        self.environment = environment
        let opened = try environment.withWrite(mapError: StoreError.lmdb) {
            transaction throws(StoreError) in
            let tables = try Self.openTables(&transaction)
            try StoreMeta.checkFormat(&transaction, tables.meta)
            return try JournalOpening(tables, newIdentity, in: &transaction)
        }
        chunks = opened.tables.chunks
        producers = opened.tables.producers
        meta = opened.tables.meta
        identity = opened.identity
        incarnation = opened.incarnation
    }

    private static func openTables(
        _ transaction: inout WriteTransaction
    ) throws(StoreError) -> JournalTables {
        do throws(LMDBError) {
            return JournalTables(
                chunks: try transaction.table(named: "chunks"),
                producers: try transaction.table(named: "producers"),
                meta: try transaction.table(named: "meta")
            )
        } catch {
            throw .lmdb(error)
        }
    }

    /// Makes a commit durable.
    ///
    /// - Parameters:
    ///   - changes: The commit; nil when only watermarks or counts moved.
    ///   - moved: Producers that moved, by name.
    ///   - counts: The counts of all time; see ``IngestCounts``.
    ///   - folded: Number of the last commit the store contains; older values go.
    /// - Throws: ``StoreError``; then nothing has changed. ``StoreError/isDiskFull`` tells that
    ///   it may work later.
    public func commit(
        _ changes: ChangeSet?,
        producers moved: [(name: ProducerName, state: Producer)],
        counts: IngestCounts,
        folded: UInt64
    ) throws(StoreError) {
        while true {
            do throws(StoreError) {
                return try environment.withWrite(mapError: StoreError.lmdb) {
                    transaction throws(StoreError) in
                    if let changes { try append(changes, in: &transaction) }
                    for (name, state) in moved {
                        let row = ProducerRow.encode(state)
                        try transaction.store(row, forName: name.utf8, in: producers)
                    }
                    try transaction.store(counts.encoded(), for: Key("counts"), in: meta)
                    _ = try removeFolded(through: folded, atMost: 4, in: &transaction)
                }
            } catch {
                guard case .lmdb(let cause) = error, cause.kind == .mapFull else { throw error }
                try mapped { () throws(LMDBError) in
                    try environment.grow(to: environment.mapSize * 2)
                }
            }
        }
    }

    private func append(
        _ changes: ChangeSet,
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        let header = JournalChunk.header(of: changes)
        let events = changes.events
        let byteCount = header.count + events.count * MemoryLayout<EventRecord>.stride
        do throws(LMDBError) {
            try transaction.put(
                byteCount: byteCount,
                for: Key(changes.number),
                in: chunks,
                mode: .append
            ) { span in
                JournalChunk.copy(header.span.bytes, to: &span, at: 0)
                JournalChunk.copy(events.span.bytes, to: &span, at: header.count)
            }
        } catch {
            throw .lmdb(error)
        }
    }

    /// Deletes values that the store contains: a few with every commit, so that a commit never
    /// waits for many.
    private func removeFolded(
        through folded: UInt64,
        atMost limit: Int,
        in transaction: inout WriteTransaction
    ) throws(StoreError) -> Int {
        let stale = try transaction.scan(chunks) { cursor throws(StoreError) in
            var numbers: [UInt64] = []
            var isAtEntry = try cursor.moveFirst()
            while isAtEntry, numbers.count < limit {
                let number = cursor.key.readUInt64BigEndian(at: 0)
                guard number <= folded else { break }
                numbers.append(number)
                isAtEntry = try cursor.moveNext()
            }
            return numbers
        }
        for number in stale { try transaction.remove(Key(number), in: chunks) }
        return stale.count
    }

    /// Deletes values that the store contains when no commit comes to do it.
    ///
    /// - Parameter folded: Number of the last commit the store contains.
    /// - Returns: Whether there were any, and there may be more.
    /// - Throws: ``StoreError``; then nothing has changed.
    public func removeFolded(through folded: UInt64) throws(StoreError) -> Bool {
        try environment.withWrite(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            try removeFolded(through: folded, atMost: 32, in: &transaction) > 0
        }
    }

    /// Makes a commit that says nothing new, so that pages which the one before freed can be used.
    ///
    /// - Throws: ``StoreError``.
    public func settle() throws(StoreError) {
        try environment.withWrite(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            try StoreMeta.writeFormat(in: &transaction, meta)
        }
    }

    /// Reads the commits that the store does not contain, oldest first.
    ///
    /// - Parameters:
    ///   - folded: Number of the last commit the store contains.
    ///   - body: Called for each commit.
    /// - Throws: ``StoreError/journalGap(folded:first:)`` when commits are missing, or an error
    ///   of the library.
    public func replay(
        after folded: UInt64,
        _ body: (JournalChunk) -> Void
    ) throws(StoreError) {
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            try transaction.scan(chunks) { cursor throws(StoreError) in
                var expected = folded + 1
                var isAtEntry = try cursor.move(atOrAfter: Key(expected))
                while isAtEntry {
                    let number = cursor.key.readUInt64BigEndian(at: 0)
                    guard number == expected else {
                        throw .journalGap(folded: expected - 1, first: number)
                    }
                    guard let chunk = JournalChunk(number: number, cursor.value) else {
                        throw .corrupt(table: "chunks", key: "\(number)")
                    }
                    body(chunk)
                    expected += 1
                    isAtEntry = try cursor.moveNext()
                }
            }
        }
    }

    /// Reads all producers and the counts.
    ///
    /// - Returns: The producers by name, and the counts.
    /// - Throws: An error of the library, or a damaged value.
    public func load() throws(StoreError) -> (
        producers: [ProducerName: Producer], counts: IngestCounts
    ) {
        try environment.withRead(mapError: StoreError.lmdb) { transaction throws(StoreError) in
            var found: [ProducerName: Producer] = [:]
            try transaction.forEach(in: producers) { key, value throws(StoreError) in
                let name = ProducerName(utf8: key.copied())
                guard let state = ProducerRow.decode(value) else {
                    throw .corrupt(table: "producers", key: "\(name)")
                }
                found[name] = state
            }
            guard let value = try transaction.stored(Key("counts"), in: meta) else {
                return (found, IngestCounts())
            }
            return (found, IngestCounts(decoding: value))
        }
    }
}

struct JournalTables {
    let chunks: Table
    let producers: Table
    let meta: Table
}

/// What opening a journal reads or makes.
private struct JournalOpening {
    let tables: JournalTables
    let identity: UUID128
    let incarnation: UInt64

    init(
        _ tables: JournalTables,
        _ newIdentity: UUID128,
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        self.tables = tables
        if let value = try transaction.stored(Key("identity"), in: tables.meta) {
            guard value.byteCount == 24 else { throw .corrupt(table: "meta", key: "identity") }
            identity = UUID128(
                high: value.readUInt64BigEndian(at: 0),
                low: value.readUInt64BigEndian(at: 8)
            )
            incarnation = value.readUInt64BigEndian(at: 16)
            return
        }
        identity = newIdentity
        incarnation = 1
        var writer = ByteWriter()
        writer.writeUInt64(identity.high)
        writer.writeUInt64(identity.low)
        writer.writeUInt64(incarnation)
        try transaction.store(writer.bytes, for: Key("identity"), in: tables.meta)
    }
}

extension WriteTransaction {
    fileprivate mutating func store(
        _ value: [UInt8],
        forName name: [UInt8],
        in table: Table
    ) throws(StoreError) {
        do throws(LMDBError) {
            try put(value.span.bytes, for: name.span.bytes, in: table)
        } catch {
            throw .lmdb(error)
        }
    }
}

/// The row of a producer.
enum ProducerRow {
    static func encode(_ state: Journal.Producer) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeVarint(state.epoch)
        writer.writeVarint(state.committed)
        writer.writeSigned(state.lastCommit)
        writer.writeUInt8(state.checkpoint == nil ? 0 : 1)
        writer.write(Array((state.checkpoint ?? "").utf8))
        return writer.bytes
    }

    static func decode(_ bytes: RawSpan) -> Journal.Producer? {
        var reader = ByteReader(bytes)
        var state = Journal.Producer(epoch: reader.readVarint())
        state.committed = reader.readVarint()
        state.lastCommit = reader.readSigned()
        if reader.readUInt8() == 1 {
            let text = bytes.copied().suffix(reader.remaining)
            state.checkpoint = String(decoding: text, as: UTF8.self)
        }
        return reader.failed ? nil : state
    }
}
