internal import CLMDB

/// A snapshot of the environment, unchanged by later commits.
///
/// Keep it short: pages that it sees are not reused, so the file grows while it is held. A thread
/// that reads often keeps one, calls ``reset()`` after each use and ``renew()`` before the next.
///
/// Safe, because it alone owns its handle, and what it lends cannot outlive it.
@safe
public struct ReadTransaction: ~Copyable, Transaction {
    private let handle: TransactionHandle
    private var isOpen = true
    private var isActive = true

    init(in environment: Environment) throws(LMDBError) {
        environment.gate.enter()
        do throws(LMDBError) {
            handle = try TransactionHandle.begin(in: environment, flags: MDB_RDONLY)
        } catch {
            environment.gate.leave()
            throw error
        }
    }

    deinit {
        // isOpen says that the handle is live; it is not used again.
        if isOpen { unsafe mdb_txn_abort(handle.pointer) }
        if isActive { handle.environment.gate.leave() }
    }

    /// The environment that is read.
    public var environment: Environment { handle.environment }

    /// Gives up the snapshot but keeps the reader slot for ``renew()``.
    ///
    /// Until then, reading throws ``LMDBError/Kind/badTransaction``.
    public mutating func reset() {
        guard isActive else { return }
        // The handle is live; a span into the snapshot would forbid this mutation.
        unsafe mdb_txn_reset(handle.pointer)
        isActive = false
        handle.environment.gate.leave()
    }

    /// Takes a fresh snapshot, after ``reset()`` or instead of it.
    ///
    /// - Throws: ``LMDBError`` when the environment is unusable.
    public mutating func renew() throws(LMDBError) {
        reset()
        handle.environment.gate.enter()
        // The handle is live and was reset.
        let code = unsafe mdb_txn_renew(handle.pointer)
        guard code == 0 else {
            handle.environment.gate.leave()
            throw handle.error(code, "renew a read transaction")
        }
        isActive = true
    }

    /// The number of the last commit in the snapshot.
    public var transactionID: Int {
        // The handle is live.
        unsafe mdb_txn_id(handle.pointer)
    }

    /// Looks up a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    /// - Returns: The value's bytes inside the map, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    public borrowing func value(for key: Key, in table: Table) throws(LMDBError) -> RawSpan? {
        try active().value(for: key.bytes, in: table)?.span(in: self)
    }

    /// Looks up a key of any length.
    ///
    /// - Parameters:
    ///   - key: The key's bytes.
    ///   - table: The table.
    /// - Returns: The value's bytes inside the map, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    public borrowing func value(
        for key: RawSpan,
        in table: Table
    ) throws(LMDBError) -> RawSpan? {
        try active().value(for: key, in: table)?.span(in: self)
    }

    /// Counts pages and entries of a table.
    ///
    /// - Parameter table: The table.
    /// - Returns: The counts.
    /// - Throws: ``LMDBError`` when the table is unknown.
    public borrowing func statistics(of table: Table) throws(LMDBError) -> Table.Statistics {
        try active().statistics(of: table)
    }

    /// Opens a cursor, not yet at an entry.
    ///
    /// - Parameter table: The table.
    /// - Returns: A cursor that cannot outlive the transaction.
    /// - Throws: ``LMDBError`` when the table is unknown.
    @_lifetime(borrow self)
    public borrowing func cursor(in table: Table) throws(LMDBError) -> Cursor {
        try Cursor(handle: active(), table: table, owner: self)
    }

    /// Opens a table and ends the transaction in the way that keeps the table open.
    consuming func openTable(named name: String) throws(LMDBError) -> Table {
        let table = try handle.openTable(named: name, create: false)
        // The handle is live; a commit frees it even when it fails.
        let code = unsafe mdb_txn_commit(handle.pointer)
        isOpen = false
        guard code == 0 else { throw handle.error(code, "open the table '\(name)'") }
        return table
    }

    /// The handle, unless there is no snapshot behind it.
    private func active() throws(LMDBError) -> TransactionHandle {
        guard isActive else { throw handle.error(MDB_BAD_TXN, "read after a reset") }
        return handle
    }
}
