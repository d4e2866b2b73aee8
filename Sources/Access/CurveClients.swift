internal import Certificates
internal import Glibc

/// The CURVE keys that may connect, as the files of a directory say; read again when they change.
///
/// A file that is not good allows nothing, and the others stay as they are.
public struct CurveClients: Sendable {
    /// What tells one state of a file or directory from another.
    private struct Stamp: Sendable, Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            inode = UInt(information.st_ino)
            size = Int(information.st_size)
            seconds = information.st_mtim.tv_sec
            nanoseconds = information.st_mtim.tv_nsec
        }
    }

    /// How often every file is looked at, at most; the directory is at each call.
    private static let fileIntervalMilliseconds: Int64 = 100

    /// The clients by public key, 40 characters of Z85.
    public private(set) var byKey: [String: CurveClient] = [:]

    private let directory: String
    private var directoryStamp: Stamp?
    private var fileStamps: [String: Stamp] = [:]
    private var filesLookedAt: Int64 = .min

    /// Begins to follow a directory.
    ///
    /// - Parameter directory: The directory; `*.key` in it are the files of keys.
    /// - Throws: ``AccessFailure/file(option:path:reason:)`` where it cannot be read.
    public init(directory: String) throws(AccessFailure) {
        self.directory = directory
        guard Self.names(in: directory) != nil else { throw Self.unreadable(directory) }
    }

    /// Reads the files again where something has changed.
    ///
    /// A new, renamed or removed file is noticed at once, another content of a file within
    /// a tenth of a second.
    ///
    /// - Parameter now: Milliseconds of a clock that does not go back.
    /// - Returns: nil where nothing has changed; else what is to be logged, which may be nothing.
    /// - Complexity: One system call, and one for each file ten times a second.
    public mutating func follow(now: Int64) -> [AccessFailure]? {
        let stamp = Stamp(directory)
        if stamp == directoryStamp, filesLookedAt != .min,
            now - filesLookedAt < Self.fileIntervalMilliseconds
        {
            return nil
        }
        let isFirst = filesLookedAt == .min
        filesLookedAt = now
        let names = stamp == nil ? nil : Self.names(in: directory)
        var stamps: [String: Stamp] = [:]
        for name in names ?? [] { stamps[name] = Stamp(directory + "/" + name) }
        guard isFirst || stamps != fileStamps || (stamp == nil) != (directoryStamp == nil) else {
            directoryStamp = stamp
            return nil
        }
        directoryStamp = stamp
        fileStamps = stamps
        guard let names else {
            byKey = [:]
            return [Self.unreadable(directory)]
        }
        return read(names)
    }

    private mutating func read(_ names: [String]) -> [AccessFailure] {
        var failures: [AccessFailure] = []
        var clients: [String: CurveClient] = [:]
        for name in names {
            let path = directory + "/" + name
            do throws(CertificateFileFailure) {
                let certificate = try CertificateFile.read(path)
                guard clients[certificate.publicKey] == nil else {
                    let reason = "has the same public-key as another file, which counts"
                    failures.append(Self.failure(path, reason))
                    continue
                }
                clients[certificate.publicKey] = CurveClient(
                    name: String(name.dropLast(CertificateFile.publicSuffix.count)),
                    producers: certificate.metadata["producers"]
                )
            } catch {
                failures.append(Self.failure(path, error.reason))
            }
        }
        byKey = clients
        return failures
    }

    /// The names of the files of keys, in order; nil where the directory cannot be read.
    private static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(CertificateFile.publicSuffix), !name.hasPrefix(".") {
                names.append(name)
            }
        }
        return names.sorted()
    }

    private static func unreadable(_ directory: String) -> AccessFailure {
        failure(directory, "cannot be read: \(String(cString: strerror(errno)))")
    }

    private static func failure(_ path: String, _ reason: String) -> AccessFailure {
        .file(option: "--curve-clients-dir", path: path, reason: reason)
    }
}
