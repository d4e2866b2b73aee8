internal import CPlatform
internal import Glibc
internal import Store

/// The data directory: made, locked against a second daemon, watched for free space.
final class DataDirectory: Sendable {
    let path: String
    private let lock: Int32

    var journalPath: String { path + "/journal" }
    var storePath: String { path + "/store" }

    /// Makes the directory where it is missing and takes its lock until the process ends.
    init(_ path: String) throws(StoreError) {
        self.path = path
        for directory in [path, path + "/journal", path + "/store"] {
            if mkdir(directory, 0o700) != 0, errno != EEXIST {
                throw .unusableDirectory(path: directory, reason: Self.reason())
            }
        }
        try Self.refuseNetworkFile(path)
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .unusableDirectory(path: path, reason: Self.reason()) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .locked(path: path)
        }
    }

    deinit { close(lock) }

    /// LMDB's lock and map do not work over a network: its manual, "Caveats".
    static func refuseNetworkFile(_ path: String) throws(StoreError) {
        // NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P: the numbers of statfs(2).
        let network: [Int] = [
            0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x5346_414f, 0x00c3_6400, 0x0102_1997,
        ]
        if network.contains(botstats_file_system(path)) {
            throw .unusableDirectory(
                path: path,
                reason: "it lies on a network file system; use a local disk"
            )
        }
    }

    /// Bytes a process without privileges may still write.
    var freeBytes: Int {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return .max }
        return Int(information.f_bavail) * Int(information.f_frsize)
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
