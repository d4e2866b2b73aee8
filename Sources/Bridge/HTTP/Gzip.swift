internal import CZlib
internal import NIOCore

/// Compression of answers.
enum Gzip {
    /// Fewer bytes than this fit a packet anyway.
    static let byteCountMinimum = 1_024

    /// Whether a client takes gzip, by the value of its `Accept-Encoding`.
    static func isAccepted(_ field: String) -> Bool {
        var wildcard = false
        for item in field.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let name = parts.first?.lowercased() else { continue }
            let isWanted = !parts.dropFirst().contains { part in
                part.lowercased().hasPrefix("q=") && Double(part.dropFirst(2)) == 0
            }
            if name == "gzip" || name == "x-gzip" { return isWanted }
            if name == "*" { wildcard = isWanted }
        }
        return wildcard
    }

    /// Compresses bytes.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: A gzip member; nil where zlib has no memory.
    static func compress(_ bytes: ByteBuffer) -> ByteBuffer? {
        var stream = z_stream()
        // 16 more bits than the window's 15 ask for gzip's frame. Level 5 is two thirds of the
        // time of the default for answers a few percent larger.
        let begun = deflateInit2_(
            &stream,
            5,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = Array(bytes.readableBytesView)
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(input.count))))
        let end = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                // Both buffers stay in place during the one call that takes all and gives all.
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard end == Z_STREAM_END else { return nil }
        return ByteBuffer(bytes: output.prefix(Int(stream.total_out)))
    }
}
