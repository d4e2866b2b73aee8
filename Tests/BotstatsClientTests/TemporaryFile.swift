import CZlib
import Foundation

@testable import BotstatsClient

/// A file that is gone when its owner is.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appendingPathComponent("botstats-\(UUID().uuidString)").path
        try write(bytes)
    }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Opens the file; it exists at least that long, which its path alone would not ensure.
    func open(lineByteCountMaximum: Int = 1 << 20) throws -> LineSource {
        try LineSource(path: path, lineByteCountMaximum: lineByteCountMaximum)
    }

    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

/// A pipe whose reading end has a path.
final class TestPipe {
    private let pipe = Pipe()

    var path: String { "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)" }

    /// Writes what must fit the pipe's buffer, 64 KiB.
    func write(_ bytes: [UInt8]) { pipe.fileHandleForWriting.write(Data(bytes)) }

    func closeWriting() { pipe.fileHandleForWriting.closeFile() }
}

/// One gzip member that holds these bytes.
func gzipMember(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    let code = deflateInit2_(
        &stream,
        Z_DEFAULT_COMPRESSION,
        Z_DEFLATED,
        15 + 16,
        8,
        Z_DEFAULT_STRATEGY,
        ZLIB_VERSION,
        size
    )
    precondition(code == Z_OK, "zlib must be able to start")
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let count = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            let code = deflate(&stream, Z_FINISH)
            precondition(code == Z_STREAM_END, "deflateBound allows for the whole member")
            return target.count - Int(stream.avail_out)
        }
    }
    return Array(output.prefix(count))
}
