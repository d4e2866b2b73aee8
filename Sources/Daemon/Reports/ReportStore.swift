internal import Core
internal import Glibc
internal import JSON
internal import LMDB
internal import Store

/// Where reports live: two LMDB environments of their own, so that no report is waited for by
/// ingest or by the store, and the few bytes of a record not by another report's megabytes.
final class ReportStore: Sendable {
    private static let format: UInt32 = 1
    /// At 2 KB a record several times what all of them take.
    private static let catalogMapSize = 128 << 20

    private let catalog: Environment
    private let content: Environment
    private let meta: Table
    private let records: Table
    private let bytes: Table
    private let figures: Table

    /// Opens the reports of a data directory, made where they are missing.
    ///
    /// - Parameters:
    ///   - dataDirectory: The directory, locked by the caller.
    ///   - budgetBytes: What all contents may take.
    ///   - durability: What a commit survives.
    /// - Throws: ``StoreError`` where they cannot be opened.
    init(
        dataDirectory: String,
        budgetBytes: Int,
        durability: EnvironmentOptions.Durability
    ) throws(StoreError) {
        let path = dataDirectory + "/reports"
        for directory in [path, path + "/catalog", path + "/content"] {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                let reason = String(cString: strerror(errno))
                throw .unusableDirectory(path: directory, reason: reason)
            }
        }
        do throws(LMDBError) {
            catalog = try Environment(
                path: path + "/catalog",
                options: EnvironmentOptions(
                    mapSize: Self.catalogMapSize,
                    maxTables: 4,
                    maxReaders: 16,
                    durability: durability
                )
            )
            // Pages of what was deleted are used again, but not each hole fits: room for twice
            // the budget, and for the largest report that makes place for itself afterwards.
            content = try Environment(
                path: path + "/content",
                options: EnvironmentOptions(
                    mapSize: 2 * budgetBytes + 4 * Limits.reportBytesMaximum,
                    maxTables: 4,
                    maxReaders: 16,
                    durability: durability
                )
            )
            meta = try catalog.table(named: "meta")
            records = try catalog.table(named: "reports")
            bytes = try content.table(named: "bytes")
            figures = try content.table(named: "figures")
        } catch {
            throw .lmdb(error)
        }
        try checkFormat(path)
    }

    private func checkFormat(_ path: String) throws(StoreError) {
        let found: UInt32
        do throws(LMDBError) {
            found = try catalog.format(orNew: Self.format, in: meta)
        } catch {
            throw .lmdb(error)
        }
        guard found <= Self.format else {
            throw .unusableDirectory(
                path: path,
                reason: "its reports have format \(found), of a newer botstats; run that one"
            )
        }
    }

    // MARK: - Records

    /// All records; one that cannot be read is left out.
    func all() throws(StoreError) -> [ReportRecord] {
        do throws(LMDBError) {
            return try catalog.withRead { transaction throws(LMDBError) in
                try transaction.withCursor(in: records) { cursor throws(LMDBError) in
                    var found: [ReportRecord] = []
                    var isAtEntry = try cursor.first()
                    while isAtEntry {
                        let id = Self.id(cursor.key)
                        if let stored = try? JSONValue(parsing: cursor.value.copied()),
                            let record = ReportRecord(id: id, stored: stored)
                        {
                            found.append(record)
                        }
                        isAtEntry = try cursor.next()
                    }
                    return found
                }
            }
        } catch {
            throw .lmdb(error)
        }
    }

    /// Stores records and forgets others, in one durable commit.
    func write(
        _ changed: [ReportRecord],
        forgetting forgotten: [UUID128] = []
    ) throws(StoreError) {
        do throws(LMDBError) {
            try catalog.withWrite { transaction throws(LMDBError) in
                for id in forgotten { _ = try transaction.delete(Self.key(id), in: records) }
                for record in changed {
                    let value = record.stored.serializedBytes()
                    try transaction.put(value.span.bytes, for: Self.key(record.id), in: records)
                }
            }
        } catch {
            throw .lmdb(error)
        }
    }

    // MARK: - Contents

    /// Stores a report's bytes and figures.
    func writeContent(_ file: [UInt8], _ data: [UInt8], of id: UUID128) throws(StoreError) {
        do throws(LMDBError) {
            try content.withWrite { transaction throws(LMDBError) in
                try transaction.put(file.span.bytes, for: Self.key(id), in: bytes)
                try transaction.put(data.span.bytes, for: Self.key(id), in: figures)
            }
        } catch {
            throw .lmdb(error)
        }
    }

    /// Deletes contents; those that are not there are passed over.
    func deleteContents(of ids: [UUID128]) throws(StoreError) {
        guard !ids.isEmpty else { return }
        do throws(LMDBError) {
            try content.withWrite { transaction throws(LMDBError) in
                for id in ids {
                    _ = try transaction.delete(Self.key(id), in: bytes)
                    _ = try transaction.delete(Self.key(id), in: figures)
                }
            }
        } catch {
            throw .lmdb(error)
        }
    }

    /// The reports whose contents are there.
    func contents() throws(StoreError) -> [UUID128] {
        do throws(LMDBError) {
            return try content.withRead { transaction throws(LMDBError) in
                try transaction.withCursor(in: bytes) { cursor throws(LMDBError) in
                    var found: [UUID128] = []
                    var isAtEntry = try cursor.first()
                    while isAtEntry {
                        found.append(Self.id(cursor.key))
                        isAtEntry = try cursor.next()
                    }
                    return found
                }
            }
        } catch {
            throw .lmdb(error)
        }
    }

    /// A part of a report's bytes; nil where it has none.
    func file(of id: UUID128, _ range: Range<Int>) throws(StoreError) -> [UInt8]? {
        try read(id, in: bytes, range)
    }

    /// A report's figures as JSON text; nil where it has none.
    func data(of id: UUID128) throws(StoreError) -> [UInt8]? {
        try read(id, in: figures, 0..<Int.max)
    }

    private func read(
        _ id: UUID128,
        in table: Table,
        _ range: Range<Int>
    ) throws(StoreError) -> [UInt8]? {
        do throws(LMDBError) {
            return try content.withRead { transaction throws(LMDBError) in
                guard let value = try transaction.value(for: Self.key(id), in: table) else {
                    return nil
                }
                let part = range.clamped(to: 0..<value.byteCount)
                return value.extracting(part).copied()
            }
        } catch {
            throw .lmdb(error)
        }
    }

    private static func key(_ id: UUID128) -> Key {
        var key = Key()
        key.append(id.high)
        key.append(id.low)
        return key
    }

    private static func id(_ key: RawSpan) -> UUID128 {
        UUID128(high: key.readUInt64BigEndian(at: 0), low: key.readUInt64BigEndian(at: 8))
    }
}
