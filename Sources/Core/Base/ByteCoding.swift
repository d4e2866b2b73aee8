/// Writes the compact encodings of the store's values into a growing array of bytes.
public struct ByteWriter: Sendable {
    /// The bytes written so far.
    public private(set) var bytes: [UInt8]

    /// Makes an empty writer.
    ///
    /// - Parameter reservingCapacity: How many bytes to expect.
    public init(reservingCapacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(reservingCapacity)
    }

    /// Removes everything, keeping the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes a number in seven-bit groups, the lowest first; small numbers take one byte.
    ///
    /// - Parameter value: Any number; 1 to 10 bytes.
    @inlinable
    public mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeUInt8(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeUInt8(UInt8(truncatingIfNeeded: rest))
    }

    /// How many bytes ``writeVarint(_:)`` takes for a number.
    ///
    /// - Parameter value: Any number.
    /// - Returns: 1 ... 10.
    public static func varintSize(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// Writes a signed number as a varint, folded so that small magnitudes take one byte.
    ///
    /// - Parameter value: Any number.
    @inlinable
    public mutating func writeSigned(_ value: Int64) {
        writeVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Writes one byte.
    ///
    /// - Parameter value: The byte.
    public mutating func writeUInt8(_ value: UInt8) { bytes.append(value) }

    /// Writes two bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func writeUInt16(_ value: UInt16) { writeBigEndian(value) }

    /// Writes four bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func writeUInt32(_ value: UInt32) { writeBigEndian(value) }

    /// Writes eight bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func writeUInt64(_ value: UInt64) { writeBigEndian(value) }

    /// Writes bytes as they are, without their number.
    ///
    /// - Parameter other: The bytes.
    public mutating func write(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    private mutating func writeBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        var shift = Value.bitWidth
        while shift > 0 {
            shift -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// Reads what ``ByteWriter`` wrote, from bytes that it borrows.
///
/// Nothing throws and nothing traps: a read past the end or a number that is not in its shortest
/// form sets ``failed``, and from then on every read gives 0. A caller reads a whole value and
/// asks once.
public struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    /// Whether any read has failed.
    public private(set) var failed = false

    /// Makes a reader that stands at the first byte.
    ///
    /// - Parameter bytes: The bytes; the reader cannot outlive them.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) { self.bytes = bytes }

    /// How many bytes are left.
    public var remaining: Int { bytes.byteCount - position }

    /// Whether no byte is left.
    public var isAtEnd: Bool { position == bytes.byteCount }

    /// Marks what was read as wrong.
    ///
    /// For decoders that find well-formed numbers in an impossible combination.
    public mutating func fail() {
        failed = true
        position = bytes.byteCount
    }

    /// Reads a number in its shortest varint form.
    ///
    /// - Returns: The number; 0 after a failure.
    public mutating func readVarint() -> UInt64 {
        let first = UInt64(readUInt8())
        return first < 0x80 ? first : readVarint(after: first & 0x7f)
    }

    private mutating func readVarint(after first: UInt64) -> UInt64 {
        var value = first
        var shift: UInt64 = 7
        while shift < 63 {
            let byte = UInt64(readUInt8())
            value |= (byte & 0x7f) << shift
            if byte < 0x80 {
                // A last group of zero would be a second spelling of the same number; it is
                // also what a read past the end gives.
                if byte == 0 { fail() }
                return failed ? 0 : value
            }
            shift += 7
        }
        // The tenth byte holds the 64th bit alone.
        guard readUInt8() == 1 else {
            fail()
            return 0
        }
        return value | 1 << 63
    }

    /// Reads a number written by ``ByteWriter/writeSigned(_:)``.
    ///
    /// - Returns: The number; 0 after a failure.
    public mutating func readSigned() -> Int64 {
        let folded = readVarint()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// Reads one byte.
    ///
    /// - Returns: The byte; 0 after a failure.
    public mutating func readUInt8() -> UInt8 {
        guard position < bytes.byteCount else {
            fail()
            return 0
        }
        defer { position += 1 }
        // The name says unsafe because a RawSpan would load any type; it checks the bounds, and
        // every pattern of bits is an integer.
        return bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    /// Reads two bytes, big-endian.
    ///
    /// - Returns: The number; 0 after a failure.
    public mutating func readUInt16() -> UInt16 { UInt16(bigEndian: readWord()) }

    /// Reads four bytes, big-endian.
    ///
    /// - Returns: The number; 0 after a failure.
    public mutating func readUInt32() -> UInt32 { UInt32(bigEndian: readWord()) }

    /// Reads eight bytes, big-endian.
    ///
    /// - Returns: The number; 0 after a failure.
    public mutating func readUInt64() -> UInt64 { UInt64(bigEndian: readWord()) }

    /// Passes over bytes.
    ///
    /// - Parameter count: How many; failing when fewer are left.
    public mutating func skip(_ count: Int) {
        guard count >= 0, count <= remaining else { return fail() }
        position += count
    }

    /// Passes over numbers without reading them.
    ///
    /// - Parameter count: How many varints.
    public mutating func skipVarints(_ count: Int) {
        var pending = count
        // Eight bytes hold at most eight numbers, each of which ends with a byte below 0x80.
        while pending >= 8, remaining >= 8 {
            let word: UInt64 = readWord()
            pending -= (~word & 0x8080_8080_8080_8080).nonzeroBitCount
        }
        while pending > 0, !failed {
            if readUInt8() < 0x80 { pending -= 1 }
        }
    }

    @inline(__always)
    private mutating func readWord<Word: FixedWidthInteger & BitwiseCopyable>() -> Word {
        let size = MemoryLayout<Word>.size
        guard size <= remaining else {
            fail()
            return 0
        }
        defer { position += size }
        return bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Word.self)
    }
}
