/// A publisher's lasting name, compared byte by byte.
///
/// A `String` compares by canonical equivalence: two spellings of "é" would be one producer in
/// memory and two in the journal.
public struct ProducerName: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Makes a name of its text.
    ///
    /// - Parameter text: Any text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Makes a name of its bytes.
    ///
    /// - Parameter utf8: The text in UTF-8.
    public init(utf8: [UInt8]) { bytes = utf8 }

    /// The text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The text in UTF-8.
    public var utf8: [UInt8] { bytes }

    /// Whether a name orders before another, by its bytes.
    public static func < (left: ProducerName, right: ProducerName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
