internal import CLMDB
internal import CPlatform
internal import Glibc

extension Environment {
    /// Gives the room of free pages back to the file system.
    ///
    /// LMDB never shortens its file: what one large commit copied stays in it as free pages. They
    /// become holes of the file, which read as zeros and take no room until LMDB uses them again.
    /// Only pages are touched that the next commit could overwrite, and none is written meanwhile,
    /// so neither a reader nor a crash can miss them. With ``EnvironmentOptions/Durability/process``
    /// call ``sync()`` before: otherwise a loss of power could bring back a commit that needs them.
    ///
    /// The pages that the last commit freed are not among them; those of the one before are.
    ///
    /// - Parameters:
    ///   - begin: Where to go on; 0 at first.
    ///   - limit: About how many holes to make, as other writers wait.
    /// - Returns: Where to go on, or nil at the end.
    /// - Throws: ``LMDBError``, as of kind ``LMDBError/Kind/other`` where the file system knows no
    ///   holes.
    /// - Complexity: O(free pages).
    public func releaseFreePages(from begin: Int = 0, limit: Int) throws(LMDBError) -> Int? {
        // Entered once for both transactions: a growth must not come between them.
        gate.enter()
        defer { gate.leave() }
        // It changes nothing: as long as it is open no other does.
        let writer = try TransactionHandle.begin(in: self, flags: 0)
        // Both handles are live until here, and not used again.
        defer { unsafe mdb_txn_abort(writer.pointer) }
        // LMDB lists free pages to read transactions only.
        let reader = try TransactionHandle.begin(in: self, flags: MDB_RDONLY)
        defer { unsafe mdb_txn_abort(reader.pointer) }
        let last = unsafe mdb_txn_id(reader.pointer)
        // As LMDB's mdb_find_oldest says: what commits before this one freed can be used again.
        let oldest = readerTransactionIDs().reduce(last) { min($0, $1) }
        let list = FreeList(reader)
        var file: Int32 = -1
        // The handle is live.
        try check(unsafe mdb_env_get_fd(pointer, &file), "release free pages")
        var holes = 0
        var next = begin
        while let record = try list.record(atOrAfter: next), record.transactionID < oldest {
            guard holes < limit else { return record.transactionID }
            for run in record.runs {
                let code = botstats_punch_hole(
                    file,
                    run.lowerBound * pageSize,
                    run.count * pageSize
                )
                guard code >= 0 else { throw error(Int32(-code), "release free pages") }
                if code > 0 { holes += 1 }
            }
            next = record.transactionID + 1
        }
        return nil
    }

    private var pageSize: Int {
        var statistics = MDB_stat()
        // The handle is live, so it cannot fail.
        unsafe mdb_env_stat(pointer, &statistics)
        return Int(statistics.ms_psize)
    }
}

/// The table of free pages: the pages that a commit freed, under its number.
private struct FreeList {
    /// The pages that one commit freed.
    struct Record {
        let transactionID: Int
        /// The pages in runs, ascending.
        let runs: [Range<Int>]
    }

    /// LMDB's FREE_DBI.
    private static let table = Table(number: 0)

    private let transaction: TransactionHandle

    /// - Parameter transaction: A read transaction that outlives this value.
    init(_ transaction: TransactionHandle) { self.transaction = transaction }

    /// The first record at or after a commit's number; nil at the end.
    func record(atOrAfter number: Int) throws(LMDBError) -> Record? {
        var cursor: OpaquePointer?
        // The transaction is live; the cursor is closed below.
        var code = unsafe mdb_cursor_open(transaction.pointer, Self.table.number, &cursor)
        guard code == 0, let cursor = unsafe cursor else {
            throw transaction.error(code, "read the list of free pages")
        }
        defer { unsafe mdb_cursor_close(cursor) }
        var id = number
        return try unsafe withUnsafeMutableBytes(of: &id) { number throws(LMDBError) in
            // The key lives as long as the call, which replaces it by the one that it found.
            var key = unsafe MDB_val(mv_size: number.count, mv_data: number.baseAddress)
            var value = unsafe MDB_val()
            code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
            if code == MDB_NOTFOUND { return nil }
            guard code == 0, let found = unsafe key.mv_data, let data = unsafe value.mv_data else {
                throw transaction.error(code, "read the list of free pages")
            }
            // A key is a number; a value is how many pages there are, then these, descending.
            // Neither need be aligned.
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: value.mv_size)
            return unsafe Record(
                transactionID: found.loadUnaligned(as: Int.self),
                runs: Self.runs(bytes)
            )
        }
    }

    private static func runs(_ bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        let width = MemoryLayout<Int>.size
        let count = bytes.count / width
        for index in (1..<max(1, count)).reversed() {
            let page = unsafe bytes.loadUnaligned(fromByteOffset: index * width, as: Int.self)
            if let last = runs.last, last.upperBound == page {
                runs[runs.count - 1] = last.lowerBound..<page + 1
            } else {
                runs.append(page..<page + 1)
            }
        }
        return runs
    }
}
