internal import JSON

/// The parameters of a request's query, decoded.
enum QueryString {
    /// Reads a query.
    ///
    /// Values stay texts, since the daemon takes numbers as texts. An empty value, or a name
    /// without one, is passed on: the daemon refuses it by its name.
    ///
    /// - Parameter query: What follows the path's question mark.
    /// - Returns: The parameters as an object, in the order given.
    /// - Throws: An ``ErrorBody`` where something is not percent-encoded UTF-8 or a parameter is
    ///   given twice.
    static func parameters(of query: Substring) throws(ErrorBody) -> JSONValue {
        var members: [JSONValue.Member] = []
        for piece in query.utf8.split(separator: UInt8(ascii: "&")) {
            let separator = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            guard let name = decode(piece[..<separator]) else {
                throw .invalidParameter(nil, "the query must be percent-encoded UTF-8")
            }
            guard let value = decode(piece[separator...].dropFirst()) else {
                throw .invalidParameter(name, "\(name) must be percent-encoded UTF-8")
            }
            guard !members.contains(where: { $0.name == name }) else {
                throw .invalidParameter(name, "\(name) is given twice; name it once")
            }
            members.append(JSONValue.Member(name: name, value: .string(value)))
        }
        return .object(members)
    }

    /// Decodes percent signs and plus signs; nil where that gives no UTF-8.
    private static func decode(_ text: Substring.UTF8View.SubSequence) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
