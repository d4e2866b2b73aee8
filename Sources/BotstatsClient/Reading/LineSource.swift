internal import Glibc

/// Reads the lines of a plain or gzip-compressed file, or of standard input, in bounded memory.
///
/// A line ends with LF or CR LF; the last one may lack its end. An empty line is a line. The
/// format is told by the first two bytes, not by the name, and a byte order mark is skipped.
/// Use from one thread.
public final class LineSource {
    /// A line longer than this is cut by default: a megabyte.
    public static let defaultLineByteCountMaximum = 1 << 20

    /// One line, besides its bytes.
    public struct Line: Sendable, Equatable {
        /// How many bytes the line has, its end not counted.
        public let byteCount: Int
        /// Whether the line was longer than allowed and only its beginning was delivered.
        public let isCut: Bool
        /// Whether the line has an end; only the last one may lack it.
        public let isTerminated: Bool

        init(byteCount: Int, isCut: Bool, isTerminated: Bool = true) {
            self.byteCount = byteCount
            self.isCut = isCut
            self.isTerminated = isTerminated
        }
    }

    /// The file's size as stored, or nil for what is not a regular file.
    public var storedByteCount: Int64? { file.byteCount }
    /// How many stored (compressed, where the file is compressed) bytes were taken in so far; what
    /// is read and not inflated yet does not count.
    public var readByteCount: Int64 { file.readByteCount - Int64(compressed.count) }
    /// The name for messages: the path, or `standard input`.
    public var name: String { file.name }

    private static let chunkByteCount = 256 << 10

    private let file: InputFile
    private let lineByteCountMaximum: Int
    private var inflater: GzipInflater?
    private var hasBegun = false
    private var hasEnded = false
    /// Compressed bytes not yet inflated.
    private var compressed: ArraySlice<UInt8> = []
    /// Whether inflating may deliver bytes without reading any.
    private var mayHoldInflatedBytes = false
    /// Plain bytes; those before `start` were delivered, those before `searched` hold no LF.
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0

    /// Opens a source.
    ///
    /// - Parameters:
    ///   - path: A file's path, or `-` for standard input.
    ///   - lineByteCountMaximum: Longer lines are cut to this many bytes.
    /// - Throws: ``LineSourceError/cannotOpen(name:reason:)``.
    public convenience init(
        path: String,
        lineByteCountMaximum: Int = LineSource.defaultLineByteCountMaximum
    ) throws(LineSourceError) {
        self.init(file: try InputFile(path: path), lineByteCountMaximum: lineByteCountMaximum)
    }

    init(file: InputFile, lineByteCountMaximum: Int) {
        precondition(lineByteCountMaximum > 0, "a line needs at least one byte")
        self.file = file
        self.lineByteCountMaximum = lineByteCountMaximum
    }

    /// Delivers the next line.
    ///
    /// - Parameter line: Overwritten with the line's bytes without its end; hand in the same
    ///   array every time so that no memory is allocated.
    /// - Returns: What kind of line it is, or nil at the end.
    /// - Throws: ``LineSourceError`` when the file cannot be read or its compression is broken.
    public func next(into line: inout [UInt8]) throws(LineSourceError) -> Line? {
        line.removeAll(keepingCapacity: true)
        var droppedByteCount = 0
        while true {
            if let end = findLineEnd() {
                return deliver(upTo: end, dropped: droppedByteCount, to: &line)
            }
            if buffer.count - start > lineByteCountMaximum + 1 {
                droppedByteCount += keepBeginning(in: &line)
            }
            if hasEnded {
                guard buffer.count > start || !line.isEmpty else { return nil }
                return deliver(upTo: buffer.count, dropped: droppedByteCount, to: &line)
            }
            try refill()
        }
    }

    /// Whether ``next(into:)`` can deliver without reading, and so without waiting.
    public var hasBufferedLine: Bool { findLineEnd() != nil || hasEnded }

    /// Waits for a line, or for the end, and reads at most one piece of the file.
    ///
    /// Between two calls the caller can look after other things, which ``next(into:)`` on a
    /// pipe that delivers nothing would keep it from.
    ///
    /// - Parameter milliseconds: How long to wait at most for something to read.
    /// - Returns: Whether ``next(into:)`` would not wait; false also when what was read holds
    ///   no line end, or when a signal interrupted the waiting.
    /// - Throws: ``LineSourceError`` when the file cannot be read or its compression is broken.
    public func waitForLine(milliseconds: Int) throws(LineSourceError) -> Bool {
        if hasBufferedLine { return true }
        // What is longer than a line may be is not buffered: `next` drops it as it reads on.
        if buffer.count - start > lineByteCountMaximum + 1 { return true }
        guard mayHoldInflatedBytes || file.waitUntilReadable(milliseconds: milliseconds) else {
            return false
        }
        try refill()
        return hasBufferedLine
    }

    private func findLineEnd() -> Int? {
        guard searched < buffer.count else { return nil }
        let found = buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            return memchr(base + searched, 0x0A, bytes.count - searched).map {
                UnsafeRawPointer($0) - base
            }
        }
        searched = found ?? buffer.count
        return found
    }

    /// Moves what is buffered of an over-long line out of the way; returns how many bytes of it
    /// were dropped.
    private func keepBeginning(in line: inout [UInt8]) -> Int {
        let wanted = lineByteCountMaximum - line.count
        let end = buffer.count - 1  // One byte stays back: it may be the CR of a CR LF.
        line.append(contentsOf: buffer[start..<min(end, start + wanted)])
        let dropped = max(0, end - start - wanted)
        start = end
        return dropped
    }

    private func deliver(upTo lineEnd: Int, dropped: Int, to line: inout [UInt8]) -> Line {
        var end = lineEnd
        if end > start, buffer[end - 1] == 0x0D { end -= 1 }
        let wanted = min(end - start, lineByteCountMaximum - line.count)
        let byteCount = line.count + dropped + (end - start)
        line.append(contentsOf: buffer[start..<start + wanted])
        start = min(lineEnd + 1, buffer.count)
        searched = start
        return Line(
            byteCount: byteCount,
            isCut: byteCount > line.count,
            isTerminated: lineEnd < buffer.count
        )
    }

    private func refill() throws(LineSourceError) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        if !hasBegun {
            try begin()
            // A pipe may deliver nothing after these bytes for long, so they come first.
            if inflater == nil, !buffer.isEmpty { return }
        }
        guard let inflater else {
            hasEnded = try !file.read(into: &buffer, limit: Self.chunkByteCount)
            return
        }
        var fileHasEnded = false
        if compressed.isEmpty {
            var chunk: [UInt8] = []
            fileHasEnded = try !file.read(into: &chunk, limit: Self.chunkByteCount)
            compressed = chunk[...]
        }
        let byteCount = buffer.count
        do {
            try inflater.inflate(&compressed, into: &buffer, limit: Self.chunkByteCount)
        } catch {
            throw .corruptGzip(name: name)
        }
        // A full piece is no sign of the end: zlib may hold more of what it was given.
        mayHoldInflatedBytes =
            !compressed.isEmpty || buffer.count == byteCount + Self.chunkByteCount
        guard fileHasEnded, buffer.count == byteCount else { return }
        if inflater.isInsideMember { throw .endsInsideGzip(name: name) }
        hasEnded = true
    }

    /// Reads the first bytes, which a pipe may deliver one by one, and decides what they are.
    private func begin() throws(LineSourceError) {
        var head: [UInt8] = []
        while head.count < 3, try file.read(into: &head, limit: Self.chunkByteCount) {}
        hasBegun = true
        if head.starts(with: [0x1F, 0x8B]) {
            do { inflater = try GzipInflater() } catch { throw .corruptGzip(name: name) }
            compressed = head[...]
            mayHoldInflatedBytes = true
        } else {
            buffer = head.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(head.dropFirst(3)) : head
        }
    }
}
