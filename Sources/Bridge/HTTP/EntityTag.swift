internal import NIOCore

/// Weak ETags, a hash of what an answer says, and the comparison of any.
///
/// `generated_at` changes every second and says nothing about the figures, so it does not count.
enum EntityTag {
    /// The tag of a result in the daemon's answer.
    ///
    /// - Parameters:
    ///   - answer: The frame.
    ///   - range: Where the result lies in it.
    /// - Returns: The value of an `ETag` field.
    static func ofAnswer(_ answer: [UInt8], result range: Range<Int>) -> String {
        let moment = AnswerScanner.member("meta", of: answer, in: range).flatMap {
            AnswerScanner.member("generated_at", of: answer, in: $0)
        }
        var hash = Hash()
        if let moment {
            hash.add(answer[range.lowerBound..<moment.lowerBound])
            hash.add(answer[moment.upperBound..<range.upperBound])
        } else {
            hash.add(answer[range])
        }
        return text(hash)
    }

    /// The tag of bytes of which all count.
    static func of(_ bytes: ByteBuffer) -> String {
        var hash = Hash()
        hash.add(bytes.readableBytesView)
        return text(hash)
    }

    /// Whether a client has what a tag stands for.
    ///
    /// - Parameters:
    ///   - field: The value of `If-None-Match`: tags, weak or not, or `*`.
    ///   - tag: The tag.
    /// - Returns: Whether one of the client's is the same, by the weak comparison.
    static func matches(_ field: String, _ tag: String) -> Bool {
        if field == "*" { return true }
        let opaque = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        return field.split(separator: ",").contains { candidate in
            let candidate = candidate.drop { $0 == " " || $0 == "\t" }
            let bare = candidate.hasPrefix("W/") ? candidate.dropFirst(2) : candidate
            return bare.prefix { $0 != " " && $0 != "\t" } == opaque
        }
    }

    private static func text(_ hash: Hash) -> String {
        let digits = String(hash.value, radix: 16)
        return "W/\"" + String(repeating: "0", count: 16 - digits.utf8.count) + digits + "\""
    }

    /// FNV-1a, 64 bits: a client compares its own old answer with its new one, so that chance is
    /// all there is to guard against.
    private struct Hash {
        private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
    }
}
