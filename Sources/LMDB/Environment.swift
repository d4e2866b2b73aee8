internal import CLMDB
internal import Synchronization

/// One LMDB environment: a directory with a data file and a lock file.
///
/// Open it once in a process and share it. Transactions keep it alive; it closes with the last
/// reference.
///
/// Safe, because it owns the handle it hides, and closes it when nothing can use it any more.
@safe
// @unchecked because LMDB environments are thread-safe and the stored properties never change.
public final class Environment: @unchecked Sendable {
    /// The directory.
    public let path: String

    /// Whether write transactions are refused.
    public let isReadOnly: Bool

    let pointer: OpaquePointer
    let gate = TransactionGate()
    let tableOpening = Mutex<Void>(())
    private let identity: OpenDirectories.Identity

    /// Opens an environment.
    ///
    /// - Parameters:
    ///   - path: The directory, which must exist.
    ///   - options: How to open it.
    /// - Throws: ``LMDBError/Kind/notFound`` without a directory,
    ///   ``LMDBError/Kind/alreadyOpen`` when this process has it open, or another ``LMDBError``.
    public init(path: String, options: EnvironmentOptions = .init()) throws(LMDBError) {
        let identity = try OpenDirectories.insert(path: path)
        do throws(LMDBError) {
            unsafe pointer = try Self.open(path: path, options: options)
        } catch {
            OpenDirectories.remove(identity)
            throw error
        }
        self.path = path
        self.identity = identity
        isReadOnly = options.readOnly
    }

    deinit {
        // No transaction is left: each holds a reference to this object.
        unsafe mdb_env_close(pointer)
        OpenDirectories.remove(identity)
    }

    func error(_ code: Int32, _ operation: String) -> LMDBError {
        LMDBError(code: code, operation: operation, path: path)
    }

    private static func open(
        path: String,
        options: EnvironmentOptions
    ) throws(LMDBError) -> OpaquePointer {
        var pointer: OpaquePointer?
        // Receives the handle, which is closed below or by deinit.
        var code = unsafe mdb_env_create(&pointer)
        guard code == 0, let pointer = unsafe pointer else {
            throw LMDBError(code: code, operation: "open", path: path)
        }
        // MDB_NOTLS ties a reader slot to the transaction and not to the thread. MDB_WRITEMAP is
        // never set: with it a full disk ends the process with SIGBUS.
        var flags = MDB_NOTLS
        if options.durability == .process { flags |= MDB_NOSYNC }
        if options.readOnly { flags |= MDB_RDONLY }
        // The handle is live and not open yet, as these calls demand.
        code = unsafe mdb_env_set_maxdbs(pointer, UInt32(clamping: options.maxTables))
        if code == 0 {
            code = unsafe mdb_env_set_maxreaders(pointer, UInt32(clamping: options.maxReaders))
        }
        if code == 0 { code = unsafe mdb_env_set_mapsize(pointer, options.mapSize) }
        if code == 0 { code = unsafe mdb_env_open(pointer, path, UInt32(flags), 0o640) }
        guard code == 0 else {
            unsafe mdb_env_close(pointer)
            throw LMDBError(code: code, operation: "open", path: path)
        }
        return unsafe pointer
    }
}
