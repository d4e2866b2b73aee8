internal import Glibc

/// An open file or standard input, read piece by piece.
final class InputFile {
    /// The name for messages.
    let name: String
    /// The size of a regular file.
    let byteCount: Int64?
    /// How many bytes were read so far.
    private(set) var readByteCount: Int64 = 0

    private let descriptor: Int32
    private let isOwned: Bool

    /// Opens a file for reading.
    ///
    /// - Parameter path: Its path, or `-` for standard input.
    /// - Throws: ``LineSourceError/cannotOpen(name:reason:)``.
    init(path: String) throws(LineSourceError) {
        isOwned = path != "-"
        name = isOwned ? path : "standard input"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw .cannotOpen(name: name, reason: Self.reason())
        }
        let kind = status.st_mode & S_IFMT
        byteCount = kind == S_IFREG ? Int64(status.st_size) : nil
        if kind == S_IFDIR {
            close(descriptor)
            throw .cannotOpen(name: name, reason: "it is a directory")
        }
    }

    deinit { if isOwned { close(descriptor) } }

    /// Reads once.
    ///
    /// - Parameters:
    ///   - bytes: Where the bytes are appended.
    ///   - limit: How many bytes to read at most.
    /// - Returns: false at the end of the file.
    /// - Throws: ``LineSourceError/cannotRead(name:reason:)``.
    func read(into bytes: inout [UInt8], limit: Int) throws(LineSourceError) -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: limit))
        var count = 0
        repeat {
            count = bytes.withUnsafeMutableBytes { target in
                target.baseAddress.map { Glibc.read(descriptor, $0 + start, limit) } ?? 0
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .cannotRead(name: name, reason: Self.reason()) }
        bytes.removeLast(limit - count)
        readByteCount += Int64(count)
        return count > 0
    }

    /// Waits until reading would not block.
    ///
    /// - Parameter milliseconds: How long to wait at most.
    /// - Returns: Whether reading would not block; false also after a signal.
    func waitUntilReadable(milliseconds: Int) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(clamping: milliseconds)) > 0
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
