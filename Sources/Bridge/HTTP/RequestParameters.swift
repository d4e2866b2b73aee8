internal import JSON
internal import NIOCore

/// The parameters of a request, from the places it has for them.
enum RequestParameters {
    /// Reads the parameters.
    ///
    /// A query's values stay texts, since the daemon takes numbers as texts. An empty value, or a
    /// name without one, is passed on: the daemon refuses it by its name.
    ///
    /// - Parameters:
    ///   - query: What follows the path's question mark.
    ///   - identifier: What stands in the path in the place of `{id}`; nil where it has none.
    ///   - body: The body, one JSON object; nil where none is read, empty where it holds nothing.
    ///   - idempotencyKey: The value of the field of this name, the parameter `idempotency_key`.
    /// - Returns: The parameters as an object: those of the path, of the query, of the body, each
    ///   in the order given.
    /// - Throws: An ``ErrorBody`` where something is not percent-encoded UTF-8, the body is no
    ///   JSON object or a parameter is given twice.
    static func read(
        query: Substring,
        identifier: Substring?,
        body: ByteBuffer?,
        idempotencyKey: String? = nil
    ) throws(ErrorBody) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let identifier {
            guard let value = decode(identifier.utf8[...]) else {
                throw .invalidParameter("id", "id must be percent-encoded UTF-8")
            }
            members.append(JSONValue.Member(name: "id", value: .string(value)))
        }
        for piece in query.utf8.split(separator: UInt8(ascii: "&")) {
            try add(try member(of: piece), to: &members)
        }
        if let body, body.readableBytes > 0 {
            guard let object = try? JSONValue(parsing: Array(body.readableBytesView)).objectValue
            else { throw .invalidParameter(nil, "the body must be one JSON object") }
            for member in object { try add(member, to: &members) }
        }
        if let idempotencyKey {
            let value = JSONValue.string(idempotencyKey)
            try add(JSONValue.Member(name: "idempotency_key", value: value), to: &members)
        }
        return .object(members)
    }

    private static func add(
        _ member: JSONValue.Member,
        to members: inout [JSONValue.Member]
    ) throws(ErrorBody) {
        guard !members.contains(where: { $0.name == member.name }) else {
            throw .invalidParameter(member.name, "\(member.name) is given twice; name it once")
        }
        members.append(member)
    }

    private static func member(
        of piece: Substring.UTF8View.SubSequence
    ) throws(ErrorBody) -> JSONValue.Member {
        let separator = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
        guard let name = decode(piece[..<separator]) else {
            throw .invalidParameter(nil, "the query must be percent-encoded UTF-8")
        }
        guard let value = decode(piece[separator...].dropFirst()) else {
            throw .invalidParameter(name, "\(name) must be percent-encoded UTF-8")
        }
        return JSONValue.Member(name: name, value: .string(value))
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
