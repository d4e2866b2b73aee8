internal import CLMDB

/// A position in a table, moved in the order of the keys.
///
/// ```swift
/// try transaction.withCursor(in: table) { cursor throws(LMDBError) in
///     var found = try cursor.seek(atOrAfter: start)
///     while found, cursor.key.starts(with: prefix.bytes) {
///         use(cursor.value)
///         found = try cursor.next()
///     }
/// }
/// ```
///
/// Safe, because it cannot outlive the transaction it borrows, and it closes its handle before.
@safe
public struct Cursor: ~Copyable, ~Escapable {
    private let environment: Environment
    let pointer: OpaquePointer
    private var currentKey = MappedBytes()
    private var currentValue = MappedBytes()

    /// Whether it is at an entry.
    public private(set) var isAtEntry = false

    @_lifetime(borrow owner)
    init<Owner: ~Copyable>(
        handle: TransactionHandle,
        table: Table,
        owner: borrowing Owner
    ) throws(LMDBError) {
        var pointer: OpaquePointer?
        // The transaction is live; a wrong table is refused with a code.
        let code = unsafe mdb_cursor_open(handle.pointer, table.number, &pointer)
        guard code == 0, let pointer = unsafe pointer else {
            throw handle.error(code, "open a cursor")
        }
        unsafe self.pointer = pointer
        environment = handle.environment
    }

    deinit {
        // The transaction is still borrowed, so the cursor is open.
        unsafe mdb_cursor_close(pointer)
    }

    /// The key of the entry, until the cursor moves; traps when it is at none.
    public var key: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            precondition(isAtEntry, "the cursor is at no entry")
            return currentKey.span(in: self)
        }
    }

    /// The value of the entry, until the cursor moves; traps when it is at none.
    public var value: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            precondition(isAtEntry, "the cursor is at no entry")
            return currentValue.span(in: self)
        }
    }

    /// Moves to the first entry.
    ///
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func first() throws(LMDBError) -> Bool {
        try move(MDB_FIRST)
    }

    /// Moves to the last entry.
    ///
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func last() throws(LMDBError) -> Bool {
        try move(MDB_LAST)
    }

    /// Moves to the next entry, or to the first when it has not been moved before.
    ///
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func next() throws(LMDBError) -> Bool {
        try move(MDB_NEXT)
    }

    /// Moves to the previous entry, or to the last when it has not been moved before.
    ///
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func previous() throws(LMDBError) -> Bool {
        try move(MDB_PREV)
    }

    /// Moves to the first entry whose key is not before the one given.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func seek(atOrAfter key: Key) throws(LMDBError) -> Bool {
        try move(MDB_SET_RANGE, to: key.bytes)
    }

    /// Moves to the first entry whose key is not before the one given, of any length.
    ///
    /// - Parameter key: The key's bytes.
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func seek(atOrAfter key: RawSpan) throws(LMDBError) -> Bool {
        try move(MDB_SET_RANGE, to: key)
    }

    /// Moves to the last entry whose key is before the one given.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether there is one.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func seek(before key: Key) throws(LMDBError) -> Bool {
        // Past the end LMDB leaves the cursor nowhere, so the last entry is the one before.
        if try move(MDB_SET_RANGE, to: key.bytes) { return try move(MDB_PREV) }
        return try move(MDB_LAST)
    }

    /// Moves to exactly this key.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether it exists.
    /// - Throws: ``LMDBError`` when the file is damaged.
    @discardableResult
    public mutating func seek(to key: Key) throws(LMDBError) -> Bool {
        try move(MDB_SET_KEY, to: key.bytes)
    }

    /// Reads the entry again, after its value was replaced.
    mutating func refresh() throws(LMDBError) {
        _ = try move(MDB_GET_CURRENT)
    }

    /// Marks the entry as gone, after a deletion.
    mutating func forgetEntry() {
        isAtEntry = false
    }

    func error(_ code: Int32, _ operation: String) -> LMDBError {
        environment.error(code, operation)
    }

    private mutating func move(
        _ operation: MDB_cursor_op,
        to target: RawSpan? = nil
    ) throws(LMDBError) -> Bool {
        var key = unsafe MDB_val()
        var value = unsafe MDB_val()
        // The cursor is open; LMDB reads the target during the call and then sets both values.
        let code: Int32
        if let target {
            code = unsafe target.withMDBValue {
                let code = unsafe mdb_cursor_get(pointer, $0, &value, operation)
                unsafe key = $0.pointee
                return code
            }
        } else {
            code = unsafe mdb_cursor_get(pointer, &key, &value, operation)
        }
        guard code == 0 else {
            isAtEntry = false
            guard code == MDB_NOTFOUND else { throw error(code, "move a cursor") }
            return false
        }
        currentKey = unsafe MappedBytes(key)
        currentValue = unsafe MappedBytes(value)
        isAtEntry = true
        return true
    }
}
