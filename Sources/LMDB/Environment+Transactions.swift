internal import Synchronization

extension Environment {
    /// Begins a read transaction.
    ///
    /// A thread holds at most one transaction of an environment when it may grow meanwhile:
    /// growth waits for the first and lets no second one in.
    ///
    /// - Returns: A transaction that ends when it is dropped.
    /// - Throws: ``LMDBError``, above all ``LMDBError/Kind/readersFull``.
    @available(*, noasync, message: "a transaction must not be held across an await")
    public func beginRead() throws(LMDBError) -> ReadTransaction {
        try ReadTransaction(in: self)
    }

    /// Begins the write transaction, after the one that is open.
    ///
    /// - Returns: A transaction that aborts when it is dropped; use it on this thread only.
    /// - Throws: ``LMDBError``, as ``LMDBError/Kind/accessDenied`` when read-only.
    @available(*, noasync, message: "a transaction must not be held across an await")
    public func beginWrite() throws(LMDBError) -> WriteTransaction {
        try WriteTransaction(in: self)
    }

    /// Runs a closure with a snapshot.
    ///
    /// - Parameter body: What to read.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the ``LMDBError`` of beginning.
    @inlinable
    public func withRead<R: ~Copyable>(
        _ body: (borrowing ReadTransaction) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        let transaction = try beginRead()
        return try body(transaction)
    }

    /// Runs a closure with a snapshot; the closure has an error type of its own.
    ///
    /// - Parameters:
    ///   - mapError: Makes that error of LMDB's, as `StoreError.init(lmdb:)`.
    ///   - body: What to read.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the mapped error of beginning.
    @inlinable
    public func withRead<R: ~Copyable, E: Error>(
        mapError: (LMDBError) -> E,
        _ body: (borrowing ReadTransaction) throws(E) -> R
    ) throws(E) -> R {
        let transaction: ReadTransaction
        do throws(LMDBError) { transaction = try beginRead() } catch { throw mapError(error) }
        return try body(transaction)
    }

    /// Runs a closure that changes the environment and commits when it returns.
    ///
    /// When the closure throws, nothing is changed.
    ///
    /// - Parameter body: What to change.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the ``LMDBError`` of beginning or committing.
    @inlinable
    public func withWrite<R: ~Copyable>(
        _ body: (inout WriteTransaction) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        var transaction = try beginWrite()
        let result = try body(&transaction)
        try transaction.commit()
        return result
    }

    /// Runs a closure that changes the environment; it has an error type of its own.
    ///
    /// When the closure throws, nothing is changed.
    ///
    /// - Parameters:
    ///   - mapError: Makes that error of LMDB's, as `StoreError.init(lmdb:)`.
    ///   - body: What to change.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure threw, or the mapped error of beginning or committing.
    @inlinable
    public func withWrite<R: ~Copyable, E: Error>(
        mapError: (LMDBError) -> E,
        _ body: (inout WriteTransaction) throws(E) -> R
    ) throws(E) -> R {
        var transaction: WriteTransaction
        do throws(LMDBError) { transaction = try beginWrite() } catch { throw mapError(error) }
        let result = try body(&transaction)
        do throws(LMDBError) { try transaction.commit() } catch { throw mapError(error) }
        return result
    }

    /// Opens a table in a transaction of its own.
    ///
    /// Call it without a write transaction of this thread, which would wait for itself.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - create: Whether to create it when it is missing.
    /// - Returns: The table.
    /// - Throws: ``LMDBError/Kind/notFound`` when it is missing, or another ``LMDBError``.
    public func table(named name: String, create: Bool = true) throws(LMDBError) -> Table {
        // LMDB forbids opening tables in two transactions at once. Write transactions wait for
        // each other; a read-only environment is guarded by a lock instead.
        guard isReadOnly else {
            return try withWrite { transaction throws(LMDBError) in
                try transaction.table(named: name, create: create)
            }
        }
        let result: Result<Table, LMDBError> = tableOpening.withLock { _ in
            Result { () throws(LMDBError) in try beginRead().openTable(named: name) }
        }
        return try result.get()
    }
}
