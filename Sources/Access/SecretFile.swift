internal import Glibc

/// The file of the secret that this daemon shares with those who make tokens.
///
/// The key is the file's text without the final newline. It is never logged.
public enum SecretFile {
    /// Characters a secret has at least: as many as botserver demands.
    public static let characterCountMinimum = 32
    private static let byteCountMaximum = 4_096
    private static let option = "--jwt-secret-file"

    /// Reads a secret.
    ///
    /// - Parameter path: The file.
    /// - Returns: The key's bytes.
    /// - Throws: ``AccessFailure/file(option:path:reason:)`` where it is missing, may be read by
    ///   every user of the machine, is no text, or is too short.
    public static func read(_ path: String) throws(AccessFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, "cannot be read: \(systemReason())") }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "is no file")
        }
        guard information.st_mode & 0o007 == 0 else {
            throw failure(path, "is open to every user of this machine; run chmod 600 on it")
        }
        var bytes = try contents(of: file, path)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(path, "is no UTF-8 text")
        }
        guard text.unicodeScalars.count >= characterCountMinimum else {
            throw failure(
                path,
                "has fewer than \(characterCountMinimum) characters; a secret needs that many"
            )
        }
        return bytes
    }

    /// Makes a secret where there is none.
    ///
    /// It appears whole or not at all, readable for its owner only.
    ///
    /// - Parameter path: The file, in a directory that exists.
    /// - Throws: ``AccessFailure/file(option:path:reason:)`` where it cannot be written.
    public static func makeIfMissing(_ path: String) throws(AccessFailure) {
        guard access(path, F_OK) != 0 else { return }
        let draft = path + ".new-\(getpid())"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path, "cannot be made: \(systemReason())") }
        defer {
            close(file)
            unlink(draft)
        }
        // 64 hexadecimal digits, 256 random bits of the system's generator.
        let text = (0..<4).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let bytes = Array((text.joined() + "\n").utf8)
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        // A link, not a rename: one that somebody else has made meanwhile stays.
        guard written == bytes.count, fsync(file) == 0,
            link(draft, path) == 0 || errno == EEXIST
        else { throw failure(path, "cannot be made: \(systemReason())") }
    }

    private static func contents(
        of file: Int32,
        _ path: String
    ) throws(AccessFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCountMaximum + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            guard more >= 0 else { throw failure(path, "cannot be read: \(systemReason())") }
            if more == 0 { break }
            count += more
        }
        guard count <= byteCountMaximum else {
            throw failure(path, "is longer than \(byteCountMaximum) bytes")
        }
        return Array(bytes.prefix(count))
    }

    private static func failure(_ path: String, _ reason: String) -> AccessFailure {
        .file(option: option, path: path, reason: reason)
    }

    private static func systemReason() -> String { String(cString: strerror(errno)) }
}
