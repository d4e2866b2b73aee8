/// A 128-bit hash of a sequence of lines, kept while they are read.
///
/// It tells one file from another and finds out whether a file still begins with the lines
/// imported earlier. It is not cryptographic: whoever can edit the file needs no collision to
/// publish other events.
///
/// Two lanes of 64 bits start from different constants and take every line as little-endian
/// words of eight bytes, the last one filled up with zeros, and then the line's length. A lane
/// takes a word by `lane = rotate(lane ^ word × P, r) × Q` with odd P and Q of its own (the
/// primes of xxHash64), a bijection of the lane for every word; so two sequences that differ
/// in one word never meet in that step. A digest is the lanes mixed with the
/// number of lines by the finaliser of xxHash64, as 32 hexadecimal digits. The result depends
/// on the lines alone, never on how they were read, on the machine or on the process: it is
/// stored as a checkpoint and compared by later versions, so it must not be changed.
public struct LineHash: Sendable, Equatable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    private var first = prime5
    private var second = prime3
    /// How many lines the hash covers.
    public private(set) var lineCount: Int64 = 0

    /// Makes the hash of no line.
    public init() {}

    /// Adds one line.
    ///
    /// - Parameter line: The line's bytes without its end.
    /// - Complexity: O(number of bytes), eight at a time.
    public mutating func add(_ line: [UInt8]) {
        add(line, byteCount: line.count)
    }

    /// Adds one line of which only the beginning is at hand.
    ///
    /// - Parameters:
    ///   - line: The line's bytes without its end, or their beginning.
    ///   - byteCount: How many bytes the whole line has.
    public mutating func add(_ line: [UInt8], byteCount: Int) {
        line.withUnsafeBytes { bytes in
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                add(word: UInt64(littleEndian: word))
                offset += 8
            }
            guard offset < bytes.count else { return }
            var word: UInt64 = 0
            for index in stride(from: bytes.count - 1, through: offset, by: -1) {
                word = word << 8 | UInt64(bytes[index])
            }
            add(word: word)
        }
        add(word: UInt64(byteCount))
        lineCount += 1
    }

    /// The hash of the lines added so far, as 32 hexadecimal digits.
    public var digest: String {
        let count = UInt64(bitPattern: lineCount)
        let one = Self.avalanche(first &+ Self.rotate(second, by: 18) &+ count)
        let two = Self.avalanche(second &+ Self.rotate(first, by: 7) &+ count &* Self.prime1)
        return Self.hexadecimal(one) + Self.hexadecimal(two)
    }

    private mutating func add(word: UInt64) {
        first = Self.rotate(first ^ (word &* Self.prime2), by: 31) &* Self.prime1
        second = Self.rotate(second ^ (word &* Self.prime4), by: 27) &* Self.prime3
    }

    private static func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 33) &* prime2
        value = (value ^ value >> 29) &* prime3
        return value ^ value >> 32
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
