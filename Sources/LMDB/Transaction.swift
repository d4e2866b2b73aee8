/// What read and write transactions have in common: reading.
///
/// Code that only reads can take `borrowing some Transaction & ~Copyable` and serve both.
public protocol Transaction: ~Copyable {
    /// The environment that is read.
    var environment: Environment { get }

    /// Looks up a key.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - table: The table.
    /// - Returns: The value's bytes inside the map, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    borrowing func value(for key: Key, in table: Table) throws(LMDBError) -> RawSpan?

    /// Looks up a key of any length.
    ///
    /// - Parameters:
    ///   - key: The key's bytes.
    ///   - table: The table.
    /// - Returns: The value's bytes inside the map, or nil when the key is missing.
    /// - Throws: ``LMDBError`` when the table is unknown or the file damaged.
    @_lifetime(borrow self)
    borrowing func value(for key: RawSpan, in table: Table) throws(LMDBError) -> RawSpan?

    /// Counts pages and entries of a table.
    ///
    /// - Parameter table: The table.
    /// - Returns: The counts.
    /// - Throws: ``LMDBError`` when the table is unknown.
    borrowing func statistics(of table: Table) throws(LMDBError) -> Table.Statistics

    /// Opens a cursor, not yet at an entry.
    ///
    /// - Parameter table: The table.
    /// - Returns: A cursor that cannot outlive the transaction.
    /// - Throws: ``LMDBError`` when the table is unknown.
    @_lifetime(borrow self)
    borrowing func cursor(in table: Table) throws(LMDBError) -> Cursor
}

extension Transaction where Self: ~Copyable {
    /// Counts the entries of a table.
    ///
    /// - Parameter table: The table.
    /// - Returns: How many there are.
    /// - Throws: ``LMDBError`` when the table is unknown.
    /// - Complexity: O(1).
    public borrowing func entryCount(in table: Table) throws(LMDBError) -> Int {
        try statistics(of: table).entryCount
    }

    /// Lends a cursor to a closure.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - body: What to do with the cursor.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or ``LMDBError`` when the table is unknown.
    @inlinable
    public borrowing func withCursor<R: ~Copyable>(
        in table: Table,
        _ body: (inout Cursor) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        var cursor = try cursor(in: table)
        return try body(&cursor)
    }

    /// Lends a cursor to a closure that has an error type of its own.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - mapError: Makes that error of LMDB's, as `StoreError.init(lmdb:)`.
    ///   - body: What to do with the cursor.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the mapped error of opening the cursor.
    @inlinable
    public borrowing func withCursor<R: ~Copyable, E: Error>(
        in table: Table,
        mapError: (LMDBError) -> E,
        _ body: (inout Cursor) throws(E) -> R
    ) throws(E) -> R {
        var cursor: Cursor
        do throws(LMDBError) { cursor = try self.cursor(in: table) } catch { throw mapError(error) }
        return try body(&cursor)
    }
}
