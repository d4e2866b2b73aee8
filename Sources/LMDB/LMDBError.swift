internal import CLMDB
internal import Glibc

/// Why an operation on an environment failed.
public struct LMDBError: Error, Sendable, Equatable {
    /// What kind of failure it is; the caller decides by it.
    public let kind: Kind

    /// The code that LMDB or the operating system returned, unchanged.
    public let code: Int32

    /// What was being done, as a verb: "commit", "get".
    public let operation: String

    /// The directory of the environment.
    public let path: String

    /// The failures a caller tells apart.
    public enum Kind: Sendable, Equatable {
        /// The key, table or directory does not exist.
        case notFound
        /// The key exists already, or an appended key is not the greatest.
        case keyExists
        /// The map is full: end the transaction, grow the map, try again.
        case mapFull
        /// Another process grew the map: call ``Environment/adoptMapSize()``.
        case mapResized
        /// Every reader slot is taken.
        case readersFull
        /// Every table slot is taken.
        case tablesFull
        /// The transaction changed too many pages.
        case transactionFull
        /// The disk or the quota is full; nothing of the transaction was written.
        case diskFull
        /// A failed write left the environment unusable: close it and open it again.
        case panic
        /// The file is damaged.
        case corrupted
        /// The file was written by another version of LMDB.
        case versionMismatch
        /// The file is no LMDB file.
        case invalidFile
        /// The transaction has failed or was reset and can only be ended.
        case badTransaction
        /// The transaction does not know the table: it is another environment's, or it was opened
        /// after the transaction began.
        case badTable
        /// The key is empty or longer than 511 bytes, or the value is too large.
        case badSize
        /// This process has the environment open already.
        case alreadyOpen
        /// The operating system refused access, or the environment is read-only.
        case accessDenied
        /// Anything else; ``LMDBError/code`` says what.
        case other
    }

    /// The code of ``Kind/alreadyOpen``, which LMDB itself does not detect.
    static let alreadyOpenCode: Int32 = EBUSY

    init(code: Int32, operation: String, path: String) {
        self.code = code
        self.operation = operation
        self.path = path
        kind = Self.kind(of: code)
    }

    private static func kind(of code: Int32) -> Kind {
        switch code {
        case MDB_NOTFOUND, ENOENT: .notFound
        case MDB_KEYEXIST: .keyExists
        case MDB_MAP_FULL: .mapFull
        case MDB_MAP_RESIZED: .mapResized
        case MDB_READERS_FULL: .readersFull
        case MDB_DBS_FULL: .tablesFull
        case MDB_TXN_FULL: .transactionFull
        case ENOSPC, EDQUOT: .diskFull
        case MDB_PANIC: .panic
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL, MDB_PAGE_FULL: .corrupted
        case MDB_VERSION_MISMATCH: .versionMismatch
        case MDB_INVALID: .invalidFile
        case MDB_BAD_TXN, MDB_BAD_RSLOT: .badTransaction
        case MDB_BAD_DBI, MDB_INCOMPATIBLE: .badTable
        case MDB_BAD_VALSIZE: .badSize
        case alreadyOpenCode: .alreadyOpen
        case EACCES, EPERM, EROFS: .accessDenied
        default: .other
        }
    }
}

extension LMDBError: CustomStringConvertible {
    /// One sentence for the operator: what failed, where, and what helps.
    public var description: String {
        "cannot \(operation) in the environment '\(path)': \(cause)"
    }

    private var cause: String {
        switch kind {
        case .notFound: "it does not exist, so create it first"
        case .keyExists: "the key exists already or is out of order"
        case .mapFull: "the map is full, so grow it and run the transaction again"
        case .mapResized: "another process grew the map, so adopt its size and try again"
        case .readersFull: "all reader slots are taken, so close readers or allow more of them"
        case .tablesFull: "all table slots are taken, so open it with a larger table maximum"
        case .transactionFull: "the transaction changed too many pages, so split it"
        case .diskFull: "the disk is full, so make room and try again"
        case .panic: "a failed write made it unusable, so close it and open it again"
        case .corrupted: "the file is damaged, so restore it from a backup"
        case .versionMismatch: "the file was written by another version of LMDB"
        case .invalidFile: "the file is no LMDB file"
        case .badTransaction: "the transaction has failed or was reset, so begin a new one"
        case .badTable: "the table is unknown here, so open it before the transaction"
        case .badSize: "the key must have 1 to 511 bytes and the value must fit"
        case .alreadyOpen: "this process has it open already, so share that one"
        case .accessDenied: "access was denied, so check permissions and read-only mode"
        case .other: "\(Self.text(of: code)) (code \(code))"
        }
    }

    private static func text(of code: Int32) -> String {
        // mdb_strerror returns a static string for every code, never nil for a known one.
        guard let text = unsafe mdb_strerror(code) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
