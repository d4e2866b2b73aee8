internal import Glibc

/// A key of up to 32 bytes, built without allocation.
///
/// Integers are appended big-endian, so that LMDB's byte order is the order of the numbers.
public struct Key: Sendable {
    /// The most bytes a key holds.
    public static let byteCountMaximum = 32

    @usableFromInline
    var storage: InlineArray<32, UInt8>

    /// How many bytes the key has.
    public private(set) var byteCount: Int

    /// Makes an empty key; LMDB refuses it until something is appended.
    public init() {
        storage = InlineArray(repeating: 0)
        byteCount = 0
    }

    /// Makes a key of some bytes.
    ///
    /// - Parameter bytes: At most 32 bytes.
    public init(_ bytes: RawSpan) {
        self.init()
        append(bytes)
    }

    /// Makes a key of the UTF-8 of a text.
    ///
    /// - Parameter text: At most 32 bytes of UTF-8.
    public init(_ text: String) {
        self.init()
        for byte in text.utf8 { append(byte) }
    }

    /// The bytes of the key.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            // UInt8 has no padding, so every byte of the storage is initialised.
            unsafe storage.span.bytes.extracting(first: byteCount)
        }
    }

    /// Appends one byte.
    ///
    /// - Parameter value: The byte.
    public mutating func append(_ value: UInt8) {
        storage[byteCount] = value
        byteCount += 1
    }

    /// Appends two bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func append(_ value: UInt16) {
        store(value.bigEndian, byteCount: 2)
    }

    /// Appends four bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func append(_ value: UInt32) {
        store(value.bigEndian, byteCount: 4)
    }

    /// Appends eight bytes, big-endian.
    ///
    /// - Parameter value: The number.
    public mutating func append(_ value: UInt64) {
        store(value.bigEndian, byteCount: 8)
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: The bytes; the key must have room for them.
    public mutating func append(_ bytes: RawSpan) {
        precondition(bytes.byteCount <= Self.byteCountMaximum - byteCount, "the key is too long")
        for offset in 0..<bytes.byteCount { append(bytes.readUInt8(at: offset)) }
    }

    /// Shortens the key to its first bytes.
    ///
    /// - Parameter byteCount: How many bytes stay, at most as many as there are.
    public mutating func truncate(to byteCount: Int) {
        precondition((0...self.byteCount).contains(byteCount), "the key is shorter than that")
        self.byteCount = byteCount
    }

    /// Whether the key begins with all bytes of another.
    ///
    /// - Parameter prefix: The other key.
    /// - Returns: Whether it is a prefix; an empty key always is.
    public func starts(with prefix: Key) -> Bool {
        bytes.starts(with: prefix.bytes)
    }

    private mutating func store<T: FixedWidthInteger & BitwiseCopyable>(
        _ value: T,
        byteCount added: Int
    ) {
        var span = storage.mutableSpan
        // Any byte is a valid UInt8, and storeBytes traps when the value would pass the end of the 32 bytes.
        var bytes = unsafe span.mutableBytes
        bytes.storeBytes(of: value, toByteOffset: byteCount, as: T.self)
        byteCount += added
    }
}

extension Key: Comparable {
    /// Whether both keys have the same bytes.
    ///
    /// - Parameters:
    ///   - lhs: A key.
    ///   - rhs: Another key.
    /// - Returns: Whether they are equal.
    public static func == (lhs: Key, rhs: Key) -> Bool {
        lhs.byteCount == rhs.byteCount && lhs.bytes.compared(to: rhs.bytes) == 0
    }

    /// Whether the first key comes before the second in LMDB's order.
    ///
    /// - Parameters:
    ///   - lhs: A key.
    ///   - rhs: Another key.
    /// - Returns: Whether `lhs` sorts first: by bytes, then by length.
    public static func < (lhs: Key, rhs: Key) -> Bool {
        lhs.bytes.compared(to: rhs.bytes) < 0
    }
}

extension Key: Hashable {
    /// Feeds the key's bytes into a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(byteCount)
        // The buffer is read only inside the call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension Key: CustomStringConvertible {
    /// The bytes in hexadecimal.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for offset in 0..<byteCount {
            text.append(digits[Int(storage[offset] >> 4)])
            text.append(digits[Int(storage[offset] & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
