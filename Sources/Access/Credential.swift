internal import Crypto
internal import FoundationEssentials

/// What a caller shows: a token or an API key.
public enum Credential: Sendable, Equatable {
    /// A JSON Web Token.
    case token([UInt8])
    /// An API key, as it was written.
    case apiKey([UInt8])

    /// Bytes of the longest credential that is looked at.
    ///
    /// A token with a thousand bots has 50 KB; headers of HTTP servers end at 8 to 16 KB.
    public static let byteCountMaximum = 64 << 10

    /// Reads the value of an `Authorization` header: `Bearer …` or `ApiKey …`.
    ///
    /// - Parameter bytes: The value; empty means none.
    /// - Returns: nil where there is none.
    /// - Throws: ``AccessRefusal/invalidToken(_:)`` for anything else.
    public static func parse(_ bytes: [UInt8]) throws(AccessRefusal) -> Credential? {
        let value = trimmed(bytes[...])
        guard !value.isEmpty else { return nil }
        guard value.count <= byteCountMaximum else {
            throw .invalidToken("the credential is longer than \(byteCountMaximum) bytes")
        }
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        let rest = Array(trimmed(value.dropFirst(scheme.count)))
        switch String(decoding: scheme, as: UTF8.self).lowercased() {
        case "bearer": return .token(rest)
        case "apikey": return .apiKey(rest)
        default: throw .invalidToken("a credential begins with Bearer or ApiKey")
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    /// The SHA-256 of the token or key, which stands for it wherever it is remembered.
    public var digest: CredentialDigest {
        switch self {
        case .token(let bytes), .apiKey(let bytes): CredentialDigest(of: bytes)
        }
    }
}

/// The SHA-256 of a credential, in four words.
public struct CredentialDigest: Sendable, Hashable {
    private let words: InlineArray<4, UInt64>

    /// Hashes a credential.
    ///
    /// - Parameter bytes: The token or key.
    public init(of bytes: [UInt8]) {
        self.init(bytes: SHA256.hash(data: bytes))
    }

    /// Takes a hash as it was stored; the caller has seen to it that it has 32 bytes.
    init(bytes: some Sequence<UInt8>) {
        var words = InlineArray<4, UInt64>(repeating: 0)
        for (index, byte) in bytes.prefix(32).enumerated() {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        self.words = words
    }

    /// The hash's 32 bytes.
    var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
    }

    /// The first eight bytes, to find a hash by; finding one proves nothing.
    var prefix: UInt64 { words[0] }

    /// Whether two hashes are the same, in a time that does not tell where they differ.
    public static func == (left: CredentialDigest, right: CredentialDigest) -> Bool {
        var difference: UInt64 = 0
        for index in 0..<4 { difference |= left.words[index] ^ right.words[index] }
        return difference == 0
    }

    /// Hashes the first word, which is as random as a hash can be.
    public func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
}
