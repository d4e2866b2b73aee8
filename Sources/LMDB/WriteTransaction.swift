internal import CLMDB

/// The one transaction that changes the environment; others wait for their turn.
///
/// It begins, changes and commits on one thread, without calling out. Dropping it aborts it.
///
/// Safe, because it alone owns its handle, what it lends cannot outlive it, and every change needs
/// it exclusively: LMDB's "valid until a subsequent update" is an exclusivity error.
@safe
public struct WriteTransaction: ~Copyable, Transaction {
    private let handle: TransactionHandle
    private var isOpen = true

    init(in environment: Environment) throws(LMDBError) {
        environment.gate.enter()
        do throws(LMDBError) {
            handle = try TransactionHandle.begin(in: environment, flags: 0)
        } catch {
            environment.gate.leave()
            throw error
        }
    }

    deinit {
        // isOpen says that the handle is live; it is not used again.
        if isOpen { unsafe mdb_txn_abort(handle.pointer) }
        handle.environment.gate.leave()
    }

    /// The environment that is changed.
    public var environment: Environment { handle.environment }

    /// The number that the commit will have.
    public var transactionID: Int {
        // The handle is live.
        unsafe mdb_txn_id(handle.pointer)
    }

    /// Makes all changes visible and, with ``EnvironmentOptions/Durability/power``, durable.
    ///
    /// - Throws: ``LMDBError`` when nothing was written, above all
    ///   ``LMDBError/Kind/diskFull``.
    public consuming func commit() throws(LMDBError) {
        isOpen = false
        // The handle was live; a commit frees it even when it fails.
        let code = unsafe mdb_txn_commit(handle.pointer)
        guard code == 0 else { throw handle.error(code, "commit") }
    }

    /// Drops all changes.
    public consuming func abort() {}

    /// Opens a table.
    ///
    /// A table that was opened first in a transaction that is aborted must not be used again.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - create: Whether to create it when it is missing.
    /// - Returns: The table.
    /// - Throws: ``LMDBError/Kind/notFound`` when it is missing, or another ``LMDBError``.
    public mutating func table(
        named name: String,
        create: Bool = true
    ) throws(LMDBError) -> Table {
        try handle.openTable(named: name, create: create)
    }

    /// Looks up a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    /// - Returns: The value's bytes until the next change, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    public borrowing func value(for key: Key, in table: Table) throws(LMDBError) -> RawSpan? {
        try handle.value(for: key.bytes, in: table)?.span(in: self)
    }

    /// Looks up a key of any length.
    ///
    /// - Parameters:
    ///   - key: The key's bytes.
    ///   - table: The table.
    /// - Returns: The value's bytes until the next change, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    public borrowing func value(
        for key: RawSpan,
        in table: Table
    ) throws(LMDBError) -> RawSpan? {
        try handle.value(for: key, in: table)?.span(in: self)
    }

    /// Counts pages and entries of a table.
    ///
    /// - Parameter table: The table.
    /// - Returns: The counts.
    /// - Throws: ``LMDBError`` when the table is unknown.
    public borrowing func statistics(of table: Table) throws(LMDBError) -> Table.Statistics {
        try handle.statistics(of: table)
    }

    /// Opens a cursor, not yet at an entry.
    ///
    /// - Parameter table: The table.
    /// - Returns: A cursor that cannot outlive the transaction or see it change.
    /// - Throws: ``LMDBError`` when the table is unknown.
    @_lifetime(borrow self)
    public borrowing func cursor(in table: Table) throws(LMDBError) -> Cursor {
        try Cursor(handle: handle, table: table, owner: self)
    }

    /// Opens a cursor that can change entries, not yet at one.
    ///
    /// - Parameter table: The table.
    /// - Returns: A cursor that has the transaction to itself.
    /// - Throws: ``LMDBError`` when the table is unknown.
    @_lifetime(&self)
    public mutating func writeCursor(in table: Table) throws(LMDBError) -> WriteCursor {
        try WriteCursor(handle: handle, table: table, owner: &self)
    }

    /// Lends a cursor that can change entries to a closure.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - body: What to do with the cursor.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or ``LMDBError`` when the table is unknown.
    @inlinable
    public mutating func withWriteCursor<R: ~Copyable>(
        in table: Table,
        _ body: (inout WriteCursor) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        var cursor = try writeCursor(in: table)
        return try body(&cursor)
    }

    /// Lends a cursor that can change entries to a closure that has an error type of its own.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - mapError: Makes that error of LMDB's, as `StoreError.init(lmdb:)`.
    ///   - body: What to do with the cursor.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the mapped error of opening the cursor.
    @inlinable
    public mutating func withWriteCursor<R: ~Copyable, E: Error>(
        in table: Table,
        mapError: (LMDBError) -> E,
        _ body: (inout WriteCursor) throws(E) -> R
    ) throws(E) -> R {
        var cursor: WriteCursor
        do throws(LMDBError) { cursor = try writeCursor(in: table) } catch { throw mapError(error) }
        return try body(&cursor)
    }
}

extension WriteTransaction {
    /// Stores a value.
    ///
    /// - Parameters:
    ///   - value: The value's bytes.
    ///   - key: The key.
    ///   - table: The table.
    ///   - mode: What to do when the key exists, and whether it is known to be the greatest.
    /// - Throws: ``LMDBError/Kind/keyExists`` as the mode says, ``LMDBError/Kind/mapFull``, or
    ///   another ``LMDBError``.
    public mutating func put(
        _ value: RawSpan,
        for key: Key,
        in table: Table,
        mode: PutMode = .overwrite
    ) throws(LMDBError) {
        try put(value, for: key.bytes, in: table, mode: mode)
    }

    /// Stores a value for a key of any length.
    ///
    /// - Parameters:
    ///   - value: The value's bytes.
    ///   - key: The key's bytes.
    ///   - table: The table.
    ///   - mode: What to do when the key exists, and whether it is known to be the greatest.
    /// - Throws: ``LMDBError/Kind/keyExists`` as the mode says, ``LMDBError/Kind/mapFull``, or
    ///   another ``LMDBError``.
    public mutating func put(
        _ value: RawSpan,
        for key: RawSpan,
        in table: Table,
        mode: PutMode = .overwrite
    ) throws(LMDBError) {
        // The handle is live, and LMDB copies both byte strings.
        let code = unsafe key.withMDBValue { key in
            unsafe value.withMDBValue { value in
                unsafe mdb_put(handle.pointer, table.number, key, value, mode.flags)
            }
        }
        guard code == 0 else { throw handle.error(code, "put a value") }
    }

    /// Stores a value that is written in place.
    ///
    /// It saves building a large value in memory first.
    ///
    /// - Parameters:
    ///   - byteCount: The size of the value.
    ///   - key: The key.
    ///   - table: The table.
    ///   - mode: What to do when the key exists, and whether it is known to be the greatest.
    ///   - write: Fills the bytes; what it leaves untouched has no defined content.
    /// - Throws: ``LMDBError/Kind/keyExists`` as the mode says, ``LMDBError/Kind/mapFull``, or
    ///   another ``LMDBError``.
    public mutating func put(
        byteCount: Int,
        for key: Key,
        in table: Table,
        mode: PutMode = .overwrite,
        writing write: (inout MutableRawSpan) -> Void
    ) throws(LMDBError) {
        var value = unsafe MDB_val(mv_size: byteCount, mv_data: nil)
        let flags = mode.flags | UInt32(MDB_RESERVE)
        // The handle is live; with MDB_RESERVE LMDB sets the address of `byteCount` bytes.
        let code = unsafe key.bytes.withMDBValue {
            unsafe mdb_put(handle.pointer, table.number, $0, &value, flags)
        }
        guard code == 0 else { throw handle.error(code, "put a value") }
        // The bytes stay in place until the next update, which cannot happen inside the closure.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: byteCount)
        var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
        write(&span)
    }

    /// Deletes a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    /// - Returns: Whether the key existed.
    /// - Throws: ``LMDBError``; deleting needs pages too, so the map can be full.
    @discardableResult
    public mutating func delete(_ key: Key, in table: Table) throws(LMDBError) -> Bool {
        try delete(key.bytes, in: table)
    }

    /// Deletes a key of any length.
    ///
    /// - Parameters:
    ///   - key: The key's bytes.
    ///   - table: The table.
    /// - Returns: Whether the key existed.
    /// - Throws: ``LMDBError``; deleting needs pages too, so the map can be full.
    @discardableResult
    public mutating func delete(_ key: RawSpan, in table: Table) throws(LMDBError) -> Bool {
        // The handle is live and LMDB only reads the key.
        let code = unsafe key.withMDBValue {
            unsafe mdb_del(handle.pointer, table.number, $0, nil)
        }
        switch code {
        case 0: return true
        case MDB_NOTFOUND: return false
        default: throw handle.error(code, "delete a key")
        }
    }

    /// Deletes all entries of a table.
    ///
    /// - Parameter table: The table, which stays open.
    /// - Throws: ``LMDBError``.
    public mutating func clear(_ table: Table) throws(LMDBError) {
        // The handle is live.
        let code = unsafe mdb_drop(handle.pointer, table.number, 0)
        guard code == 0 else { throw handle.error(code, "clear a table") }
    }
}
