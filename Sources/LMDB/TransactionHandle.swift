internal import CLMDB
internal import Glibc

/// A live transaction of LMDB and what both kinds of transaction do with it.
///
/// Safe to hold, because ``ReadTransaction`` and ``WriteTransaction`` own it, drop it when they
/// end it, and never hand it out.
@safe
struct TransactionHandle {
    let environment: Environment
    let pointer: OpaquePointer

    /// Begins a transaction; the caller has entered the environment's gate.
    static func begin(
        in environment: Environment,
        flags: Int32
    ) throws(LMDBError) -> TransactionHandle {
        var pointer: OpaquePointer?
        // The environment is open as long as the object lives.
        let code = unsafe mdb_txn_begin(environment.pointer, nil, UInt32(flags), &pointer)
        guard code == 0, let pointer = unsafe pointer else {
            throw environment.error(code, "begin a transaction")
        }
        return unsafe TransactionHandle(environment: environment, pointer: pointer)
    }

    func error(_ code: Int32, _ operation: String) -> LMDBError {
        // LMDB answers EINVAL to a table that the transaction does not know.
        code == EINVAL
            ? environment.error(MDB_BAD_DBI, operation) : environment.error(code, operation)
    }

    func value(for key: RawSpan, in table: Table) throws(LMDBError) -> MappedBytes? {
        var value = unsafe MDB_val()
        // The transaction is live, and LMDB copies neither key nor value.
        let code = unsafe key.withMDBValue { unsafe mdb_get(pointer, table.number, $0, &value) }
        switch code {
        case 0: return unsafe MappedBytes(value)
        case MDB_NOTFOUND: return nil
        default: throw error(code, "get a value")
        }
    }

    func statistics(of table: Table) throws(LMDBError) -> Table.Statistics {
        var stat = MDB_stat()
        // The transaction is live; a wrong table is refused with a code.
        let code = unsafe mdb_stat(pointer, table.number, &stat)
        guard code == 0 else { throw error(code, "read the statistics of a table") }
        return Table.Statistics(
            entryCount: stat.ms_entries,
            depth: Int(stat.ms_depth),
            branchPageCount: stat.ms_branch_pages,
            leafPageCount: stat.ms_leaf_pages,
            overflowPageCount: stat.ms_overflow_pages
        )
    }

    func openTable(named name: String, create: Bool) throws(LMDBError) -> Table {
        var number: MDB_dbi = 0
        // The name is a C string for the call; LMDB copies it.
        let code = unsafe mdb_dbi_open(pointer, name, create ? UInt32(MDB_CREATE) : 0, &number)
        guard code == 0 else { throw error(code, "open the table '\(name)'") }
        return Table(number: number)
    }
}
