/// Finds the members of a JSON object without making values of them.
///
/// The daemon's answers are passed on as the bytes they are; this says where they lie. It is
/// strict about the object it walks through. Of the values it checks only where they end: strings
/// with their escapes, brackets in pairs. The daemon wrote them.
struct AnswerScanner {
    /// Deeper nesting than this is no answer; each level has a bit.
    private static let nestingMaximum = 64

    private let bytes: [UInt8]
    private let end: Int
    private var position: Int

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    // MARK: - What is looked for

    /// The `id` of an answer, an integer; nil where it has none.
    ///
    /// - Complexity: As far as the `id`, which the daemon writes before the result.
    static func identifier(of answer: [UInt8]) -> Int64? {
        guard let range = member("id", of: answer, in: answer.indices) else { return nil }
        return Int64(String(decoding: answer[range], as: UTF8.self))
    }

    /// The value of the first member with a name.
    ///
    /// - Parameters:
    ///   - name: The name, without a character that JSON escapes.
    ///   - bytes: The text.
    ///   - range: Where the object lies in it.
    /// - Returns: Where the value lies; nil where there is no such member before the object ends
    ///   or breaks.
    static func member(_ name: StaticString, of bytes: [UInt8], in range: Range<Int>) -> Range<Int>?
    {
        var found: Range<Int>?
        let wanted = "\(name)".utf8
        _ = walk(bytes, range) { bytes, key, value in
            guard bytes[key].elementsEqual(wanted) else { return true }
            found = value
            return false
        }
        return found
    }

    /// The two members of an answer that count.
    struct Envelope {
        /// Where the result lies.
        var result: Range<Int>?
        /// Where the error lies.
        var error: Range<Int>?
    }

    /// Looks through a whole answer.
    ///
    /// - Parameter answer: The frame.
    /// - Returns: nil where it is no JSON object with exactly one of `result` and `error`.
    static func envelope(of answer: [UInt8]) -> Envelope? {
        var envelope = Envelope()
        let isWhole = walk(answer, answer.indices) { bytes, key, value in
            if bytes[key].elementsEqual("result".utf8) { envelope.result = value }
            if bytes[key].elementsEqual("error".utf8) { envelope.error = value }
            return true
        }
        guard isWhole, (envelope.result == nil) != (envelope.error == nil) else { return nil }
        return envelope
    }

    // MARK: - The walk

    /// Calls the closure for each member of an object until it returns false.
    ///
    /// - Returns: Whether the range holds one object and nothing else.
    private static func walk(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ body: ([UInt8], Range<Int>, Range<Int>) -> Bool
    ) -> Bool {
        var scanner = AnswerScanner(bytes, range)
        guard scanner.take("{") else { return false }
        if scanner.take("}") { return scanner.isAtEnd() }
        while true {
            guard let key = scanner.string(), scanner.take(":"), let value = scanner.value() else {
                return false
            }
            guard body(bytes, key.lowerBound + 1..<key.upperBound - 1, value) else { return false }
            if scanner.take("}") { return scanner.isAtEnd() }
            guard scanner.take(",") else { return false }
        }
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == end
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// A string with its quotes.
    private mutating func string() -> Range<Int>? {
        skipSpace()
        let start = position
        guard position < end, bytes[position] == UInt8(ascii: "\"") else { return nil }
        position += 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position
            case UInt8(ascii: "\\"): position += 2
            case 0..<0x20: return nil
            default: position += 1
            }
        }
        return nil
    }

    private mutating func value() -> Range<Int>? {
        skipSpace()
        let start = position
        guard position < end else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard skipNested() else { return nil }
        default:
            while position < end, !Self.endsWord(bytes[position]) { position += 1 }
            guard position > start else { return nil }
        }
        return start..<position
    }

    /// Goes behind the bracket that closes the one it stands at.
    private mutating func skipNested() -> Bool {
        // The kinds of the open brackets, the innermost one lowest: 1 for an object.
        var kinds: UInt64 = 0
        var depth = 0
        while position < end {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < Self.nestingMaximum else { return false }
                kinds = kinds << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard kinds & 1 == (byte == UInt8(ascii: "}") ? 1 : 0) else { return false }
                kinds >>= 1
                depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return true }
        }
        return false
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"),
            UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["):
            true
        default: false
        }
    }
}
