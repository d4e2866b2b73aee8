// Encoding: a varint, twice the number of listed members, plus one where dense blocks follow; the
// listed members, the first as it is and each next as its distance to the one before minus one;
// then the number of dense blocks minus one and for each of them its block, coded like the members,
// and the 128 words of its bitmap. A set of one member takes two to six bytes.

extension OrdinalSet {
    /// Writes the canonical encoding: equal sets give equal bytes.
    ///
    /// - Parameter writer: Receives the bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(listed.count) << 1 | (denseBlocks.isEmpty ? 0 : 1))
        var next: UInt64 = 0
        for ordinal in listed {
            writer.writeVarint(UInt64(ordinal) - next)
            next = UInt64(ordinal) + 1
        }
        if denseBlocks.isEmpty { return }
        writer.writeVarint(UInt64(denseBlocks.count - 1))
        next = 0
        for (dense, block) in denseBlocks.enumerated() {
            writer.writeVarint(UInt64(block) - next)
            next = UInt64(block) + 1
            let start = dense * OrdinalBlock.wordCount
            for index in start..<start + OrdinalBlock.wordCount { writer.writeUInt64(words[index]) }
        }
    }

    /// Reads a set, or gives nil when the bytes are not the canonical encoding of one.
    ///
    /// - Parameter reader: Stands at the set's first byte; afterwards behind its last.
    public init?(decoding reader: inout ByteReader) {
        var header = EncodedHeader(&reader)
        guard header.listedCount <= reader.remaining else { return nil }
        for _ in 0..<header.listedCount { appendListed(header.readOrdinal(&reader)) }
        guard !reader.failed else { return nil }
        // A crowded block would have been a bitmap.
        promoteCrowdedBlocks()
        guard denseBlocks.isEmpty else { return nil }
        header.beginDense(&reader)
        for _ in 0..<header.denseCount {
            let block = header.readBlock(&reader)
            var bitmap = OrdinalBlock.Bitmap(repeating: 0)
            for index in bitmap.indices { bitmap[index] = reader.readUInt64() }
            append(bitmap, of: block)
        }
        // A bitmap with too few members has joined the list or, being empty, vanished.
        guard !reader.failed, denseBlocks.count == header.denseCount else { return nil }
        if denseBlocks.isEmpty { return }
        for ordinal in listed where denseIndex(of: OrdinalBlock.containing(ordinal)) != nil {
            return nil
        }
    }

    /// Passes over an encoded set.
    ///
    /// - Parameter reader: Stands at the set's first byte; afterwards behind its last.
    public static func skip(_ reader: inout ByteReader) {
        var header = EncodedHeader(&reader)
        reader.skipVarints(header.listedCount)
        header.beginDense(&reader)
        for _ in 0..<header.denseCount {
            _ = header.readBlock(&reader)
            reader.skip(OrdinalBlock.wordCount * 8)
        }
    }

    /// The progress of reading an encoded set.
    struct EncodedHeader {
        /// Listed members.
        let listedCount: Int
        /// Dense blocks, once ``beginDense(_:)`` has run.
        private(set) var denseCount = 0
        private let hasDense: Bool
        private var next: UInt64 = 0

        init(_ reader: inout ByteReader) {
            let header = reader.readVarint()
            // Each member takes at least a byte, so a larger number is a failure in any case.
            if header >> 1 > UInt64(reader.remaining) { reader.fail() }
            listedCount = reader.failed ? 0 : Int(truncatingIfNeeded: header >> 1)
            hasDense = !reader.failed && header & 1 == 1
        }

        @inline(__always)
        mutating func readOrdinal(_ reader: inout ByteReader) -> UInt32 {
            UInt32(truncatingIfNeeded: readNext(&reader, limit: 1 << 32))
        }

        /// Reads how many dense blocks follow.
        mutating func beginDense(_ reader: inout ByteReader) {
            next = 0
            guard hasDense else { return }
            let count = reader.readVarint()
            if count >= UInt64(OrdinalBlock.count) { reader.fail() }
            denseCount = reader.failed ? 0 : Int(truncatingIfNeeded: count) + 1
            if denseCount * OrdinalBlock.wordCount * 8 > reader.remaining {
                reader.fail()
                denseCount = 0
            }
        }

        mutating func readBlock(_ reader: inout ByteReader) -> UInt32 {
            UInt32(truncatingIfNeeded: readNext(&reader, limit: UInt64(OrdinalBlock.count)))
        }

        @inline(__always)
        private mutating func readNext(_ reader: inout ByteReader, limit: UInt64) -> UInt64 {
            let (value, overflow) = next.addingReportingOverflow(reader.readVarint())
            if overflow || value >= limit {
                reader.fail()
                return 0
            }
            next = value + 1
            return value
        }
    }
}
