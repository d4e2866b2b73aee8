/// A UUID as two 64-bit words, for identities of bots, users and sessions.
///
/// Foundation's `UUID` is avoided because it is a 16-byte tuple whose hashing and comparison
/// go through bytes; two words compare and hash in a few instructions.
public struct UUID128: Hashable, Comparable, BitwiseCopyable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// The nil UUID, all zero.
    public static let zero = UUID128(high: 0, low: 0)

    /// Makes a UUID of its two halves.
    ///
    /// - Parameters:
    ///   - high: The first eight bytes, big-endian.
    ///   - low: The last eight bytes, big-endian.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses the canonical text form, 8-4-4-4-12 hexadecimal digits in either case.
    ///
    /// Gives nil when the text is no UUID.
    ///
    /// - Parameter text: 36 characters.
    public init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexDigit(byte), digits < 32 else { return nil }
            if digits < 16 {
                words.0 = words.0 << 4 | digit
            } else {
                words.1 = words.1 << 4 | digit
            }
            digits += 1
        }
        guard position == 36, digits == 32 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Whether this UUID orders before the other: by value, first byte first.
    public static func < (left: UUID128, right: UUID128) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension UUID128: CustomStringConvertible {
    /// The canonical text form in lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                output.append(UInt8(ascii: "-"))
            }
            let word = index < 16 ? high : low
            output.append(digits[Int(word >> UInt64(60 - 4 * (index % 16)) & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
