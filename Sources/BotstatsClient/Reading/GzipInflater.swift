internal import CZlib

/// Inflates a gzip stream of any number of members, piece by piece.
///
/// The corresponding C functions are `inflateInit2`, `inflate` and `inflateReset`.
final class GzipInflater {
    /// Why a stream cannot be inflated.
    enum Failure: Error {
        /// The bytes are no gzip stream, or their check sum is wrong.
        case corrupt
        /// The library could not be set up, for want of memory.
        case unavailable
    }

    // zlib keeps the address of the structure and compares it at every call, so it must not
    // move: it is allocated instead of being a stored property.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a member has begun and has not ended.
    private(set) var isInsideMember = true
    /// Whether only zero bytes may follow: tapes and some writers pad an archive with them.
    private var isPadding = false

    /// Sets the library up.
    ///
    /// - Throws: ``Failure/unavailable``.
    init() throws(Failure) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, the largest; 16 more demand the gzip format with its check sum.
        let code = inflateInit2_(
            stream,
            15 + 16,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard code == Z_OK else { throw .unavailable }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Inflates as much as fits.
    ///
    /// - Parameters:
    ///   - input: Compressed bytes; those used are removed from its front.
    ///   - output: Where the inflated bytes are appended.
    ///   - limit: How many bytes may be appended at most.
    /// - Throws: ``Failure/corrupt``.
    func inflate(
        _ input: inout ArraySlice<UInt8>,
        into output: inout [UInt8],
        limit: Int
    ) throws(Failure) {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: limit))
        var written = 0
        var canContinue = true
        while canContinue, written < limit {
            if !isInsideMember {
                guard !input.isEmpty, try beginMember(&input) else { break }
            }
            // Called even without input: zlib may hold inflated bytes that did not fit before.
            let code = step(&input, &output, from: start + written, limit: limit - written)
            written = limit - Int(stream.pointee.avail_out)
            switch code {
            case Z_STREAM_END: isInsideMember = false
            case Z_OK: break
            case Z_BUF_ERROR: canContinue = false
            default: throw .corrupt
            }
        }
        output.removeLast(limit - written)
    }

    /// Looks at what follows a member: another member, padding, or neither.
    private func beginMember(_ input: inout ArraySlice<UInt8>) throws(Failure) -> Bool {
        if input.first == 0 { isPadding = true }
        if isPadding {
            guard input.allSatisfy({ $0 == 0 }) else { throw .corrupt }
            input = []
            return false
        }
        guard inflateReset(stream) == Z_OK else { throw .unavailable }
        isInsideMember = true
        return true
    }

    private func step(
        _ input: inout ArraySlice<UInt8>,
        _ output: inout [UInt8],
        from offset: Int,
        limit: Int
    ) -> Int32 {
        var used = 0
        let code = input.withUnsafeBytes { source in
            output.withUnsafeMutableBytes { target in
                // zlib never writes through `next_in`; the C declaration merely lacks `const`.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress
                )
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    .map { $0 + offset }
                stream.pointee.avail_out = UInt32(limit)
                let code = CZlib.inflate(stream, Z_NO_FLUSH)
                used = source.count - Int(stream.pointee.avail_in)
                return code
            }
        }
        input.removeFirst(used)
        return code
    }
}
