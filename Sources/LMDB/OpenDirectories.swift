internal import Glibc
internal import Synchronization

/// The directories whose environment is open in this process.
///
/// Opening one twice would silently drop its file locks: POSIX releases a process's locks on a
/// file when any descriptor of it closes (lmdb.h, "Caveats").
enum OpenDirectories {
    /// A directory's identity, whatever path leads to it.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    private static let open = Mutex<Set<Identity>>([])

    static func insert(path: String) throws(LMDBError) -> Identity {
        var status = stat()
        // The path is a C string for the call and `status` outlives it.
        guard unsafe stat(path, &status) == 0 else {
            throw LMDBError(code: errno, operation: "open the directory", path: path)
        }
        let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        guard open.withLock({ $0.insert(identity).inserted }) else {
            throw LMDBError(code: LMDBError.alreadyOpenCode, operation: "open", path: path)
        }
        return identity
    }

    static func remove(_ identity: Identity) {
        open.withLock { _ = $0.remove(identity) }
    }
}
