internal import Foundation
internal import HTTPTypes
internal import JSON
internal import NIOCore

/// A completed report's bytes, fetched from the daemon piece by piece, so that a download takes the
/// memory of one piece whatever its size.
struct ReportFile: Sendable {
    /// How long a piece is at most: as much as the daemon gives at once.
    static let pieceByteCountMaximum = 1 << 20

    /// What the daemon says of the bytes with each piece of them.
    struct Facts: Equatable, Sendable {
        let contentType: String
        let name: String
        let byteCount: Int
        /// 64 hexadecimal digits.
        let sha256: String
    }

    /// A download that ends before its end; the connection is closed, and the client sees fewer
    /// bytes than it was promised.
    enum Failure: Error {
        /// The daemon is away, or refuses: the report was deleted meanwhile.
        case broken
    }

    private let gateway: QueryGateway
    /// Asks for the first bytes.
    private let inquiry: Inquiry
    let facts: Facts
    /// The first bytes, as many as were asked for.
    private let start: ByteBuffer

    /// The file an answer to `reports.get` with `download` describes; nil where it is none.
    init?(answer: ByteBuffer, to inquiry: Inquiry, gateway: QueryGateway) {
        guard let (facts, bytes) = Self.read(answer.readableBytesView) else { return nil }
        self.gateway = gateway
        self.inquiry = inquiry
        self.facts = facts
        start = bytes
    }

    /// The strong ETag: these bytes never change.
    var tag: String { "\"\(facts.sha256)\"" }

    /// The next bytes of a part that is read.
    ///
    /// - Parameter rest: What is still to be read of it, not empty.
    /// - Returns: Some of them, the first ones.
    /// - Throws: ``Failure``.
    func read(_ rest: Range<Int>) async throws -> ByteBuffer {
        let known = rest.clamped(to: 0..<start.readableBytes)
        if !known.isEmpty, known.lowerBound == rest.lowerBound,
            let bytes = start.getSlice(
                at: start.readerIndex + known.lowerBound,
                length: known.count
            )
        {
            return bytes
        }
        return try await piece(rest.prefix(Self.pieceByteCountMaximum))
    }

    private func piece(_ range: Range<Int>) async throws -> ByteBuffer {
        var question = inquiry
        question.parameters = inquiry.parameters.setting([
            "offset": .integer(Int64(range.lowerBound)), "length": .integer(Int64(range.count)),
        ])
        while true {
            let reply = Reply(await gateway.ask(question), isKept: false)
            if reply.status == 429 {
                // A large file takes more requests than a careful limit allows at once.
                let seconds = reply.fields[.retryAfter].flatMap { Int64($0) } ?? 1
                try await Task.sleep(for: .seconds(seconds))
                continue
            }
            guard reply.status == 200, let (facts, bytes) = Self.read(reply.body.readableBytesView),
                facts == self.facts, (1...range.count).contains(bytes.readableBytes)
            else { throw Failure.broken }
            return bytes
        }
    }

    private static func read(_ answer: ByteBufferView) -> (Facts, ByteBuffer)? {
        guard let object = try? JSONValue(parsing: Array(answer)),
            let type = object["content_type"]?.stringValue,
            let name = object["file_name"]?.stringValue,
            let count = object["size_bytes"]?.integerValue.flatMap({ Int(exactly: $0) }),
            count >= 0,
            let sha256 = object["sha256"]?.stringValue,
            let content = object["content"]?.stringValue.flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        let facts = Facts(contentType: type, name: name, byteCount: count, sha256: sha256)
        return (facts, ByteBuffer(bytes: content))
    }
}

extension JSONValue {
    /// An object with some members set to other values.
    func setting(_ values: KeyValuePairs<String, JSONValue>) -> JSONValue {
        let kept = (objectValue ?? []).filter { member in
            !values.contains { $0.key == member.name }
        }
        return .object(kept + values.map { Member(name: $0.key, value: $0.value) })
    }
}
