internal import CLMDB

/// A cursor of a write transaction that can change the entry it is at.
///
/// Move it and read through ``position``.
///
/// Safe, because it has the transaction to itself, so nothing else moves what it points at.
@safe
public struct WriteCursor: ~Copyable, ~Escapable {
    /// The cursor to move and to read.
    public var position: Cursor

    @_lifetime(&owner)
    init(
        handle: TransactionHandle,
        table: Table,
        owner: inout WriteTransaction
    ) throws(LMDBError) {
        position = try Cursor(handle: handle, table: table, owner: owner)
    }

    /// Deletes the entry; the next one is where ``Cursor/next()`` leads.
    ///
    /// - Throws: ``LMDBError``; deleting needs pages too, so the map can be full.
    public mutating func deleteCurrent() throws(LMDBError) {
        precondition(position.isAtEntry, "the cursor is at no entry")
        // The cursor is open and belongs to a write transaction.
        let code = unsafe mdb_cursor_del(position.pointer, 0)
        guard code == 0 else { throw position.error(code, "delete at a cursor") }
        position.forgetEntry()
    }

    /// Replaces the value of the entry.
    ///
    /// - Parameter value: The new value's bytes.
    /// - Throws: ``LMDBError``, above all ``LMDBError/Kind/mapFull``.
    public mutating func putCurrent(_ value: RawSpan) throws(LMDBError) {
        let key = position.key.copied()
        // The key is a copy, because the put may move the page it was on.
        let code = unsafe key.span.bytes.withMDBValue { key in
            unsafe value.withMDBValue { value in
                unsafe mdb_cursor_put(position.pointer, key, value, UInt32(MDB_CURRENT))
            }
        }
        guard code == 0 else { throw position.error(code, "put at a cursor") }
        try position.refresh()
    }
}
