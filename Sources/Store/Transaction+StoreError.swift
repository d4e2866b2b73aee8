internal import LMDB

extension Transaction where Self: ~Copyable {
    /// Looks up a key; as the library's function, with the store's error.
    @_lifetime(borrow self)
    borrowing func stored(_ key: Key, in table: Table) throws(StoreError) -> RawSpan? {
        do throws(LMDBError) {
            return try value(for: key, in: table)
        } catch {
            throw .lmdb(error)
        }
    }

    /// Opens a cursor; as the library's function, with the store's error.
    @_lifetime(borrow self)
    borrowing func openCursor(in table: Table) throws(StoreError) -> Cursor {
        do throws(LMDBError) { return try cursor(in: table) } catch { throw .lmdb(error) }
    }

    /// Lends a cursor to a closure that throws the store's error.
    borrowing func scan<R>(
        _ table: Table,
        _ body: (inout Cursor) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        try withCursor(in: table, mapError: StoreError.lmdb, body)
    }
}

extension WriteTransaction {
    /// Stores a value; as the library's function, with the store's error.
    mutating func store(
        _ value: [UInt8],
        for key: Key,
        in table: Table,
        mode: PutMode = .overwrite
    ) throws(StoreError) {
        do throws(LMDBError) {
            try put(value.span.bytes, for: key, in: table, mode: mode)
        } catch {
            throw .lmdb(error)
        }
    }

    /// Deletes a key; as the library's function, with the store's error.
    mutating func remove(_ key: Key, in table: Table) throws(StoreError) {
        do throws(LMDBError) {
            try delete(key, in: table)
        } catch {
            throw .lmdb(error)
        }
    }
}

extension Cursor {
    @_lifetime(self: copy self)
    mutating func move(atOrAfter key: Key) throws(StoreError) -> Bool {
        do throws(LMDBError) { return try seek(atOrAfter: key) } catch { throw .lmdb(error) }
    }

    @_lifetime(self: copy self)
    mutating func move(before key: Key) throws(StoreError) -> Bool {
        do throws(LMDBError) { return try seek(before: key) } catch { throw .lmdb(error) }
    }

    @_lifetime(self: copy self)
    mutating func moveFirst() throws(StoreError) -> Bool {
        do throws(LMDBError) { return try first() } catch { throw .lmdb(error) }
    }

    @_lifetime(self: copy self)
    mutating func moveNext() throws(StoreError) -> Bool {
        do throws(LMDBError) { return try next() } catch { throw .lmdb(error) }
    }
}
