internal import Core
internal import EventDecoding
internal import JSON

/// An answer of the ingest socket: a command word and a header.
struct IngestReply {
    /// The command word.
    let command: String
    /// The header.
    let header: JSONValue
    /// Why something is refused; nil where nothing is.
    var refusal: Refusal?

    /// Why something is refused, as a NACK's `code` tells it.
    enum Refusal: String, CaseIterable {
        case sequenceGap = "sequence_gap"
        case unknownEpoch = "unknown_epoch"
        case fenced
        case helloRequired = "hello_required"
        case malformed
        case tooLarge = "too_large"
        case busy
        case storageFull = "storage_full"
        case unauthorized
    }

    static let pong = IngestReply(command: "PONG", header: .object([]))

    static func nack(
        _ refusal: Refusal,
        _ message: String,
        producer: ProducerName?,
        epoch: UInt64? = nil,
        firstSequence: UInt64? = nil,
        expected: UInt64? = nil,
        retryAfterMilliseconds: Int64? = nil
    ) -> IngestReply {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: UInt64?) {
            guard let value else { return }
            members.append(JSONValue.Member(name: name, value: .integer(Int64(clamping: value))))
        }
        if let producer {
            members.append(JSONValue.Member(name: "producer", value: .string("\(producer)")))
        }
        add("epoch", epoch)
        add("first_seq", firstSequence)
        members.append(JSONValue.Member(name: "code", value: .string(refusal.rawValue)))
        add("expected_seq", expected)
        if let retryAfterMilliseconds {
            add("retry_after_ms", UInt64(retryAfterMilliseconds))
        }
        members.append(JSONValue.Member(name: "message", value: .string(message)))
        return IngestReply(command: "NACK", header: .object(members), refusal: refusal)
    }

    static func ack(
        producer: ProducerName,
        epoch: UInt64,
        committed: UInt64,
        tally: IngestTally
    ) -> IngestReply {
        var members: [JSONValue.Member] = [
            JSONValue.Member(name: "producer", value: .string("\(producer)")),
            JSONValue.Member(name: "epoch", value: .integer(Int64(clamping: epoch))),
            JSONValue.Member(name: "committed_seq", value: .integer(Int64(clamping: committed))),
            JSONValue.Member(name: "accepted", value: .integer(Int64(tally.accepted))),
            JSONValue.Member(name: "rejected", value: .integer(Int64(tally.rejected))),
            JSONValue.Member(
                name: "rejections",
                value: .array(tally.rejections.map(rejection))
            ),
        ]
        if tally.rejected > tally.rejections.count {
            members.append(JSONValue.Member(name: "rejections_truncated", value: .bool(true)))
        }
        return IngestReply(command: "ACK", header: .object(members))
    }

    private static func rejection(_ entry: (sequence: UInt64, reason: Rejection)) -> JSONValue {
        var members = [
            JSONValue.Member(name: "seq", value: .integer(Int64(clamping: entry.sequence))),
            JSONValue.Member(name: "code", value: .string(entry.reason.code.name)),
        ]
        if let field = entry.reason.field {
            members.append(JSONValue.Member(name: "field", value: .string(field.name)))
        }
        members.append(JSONValue.Member(name: "message", value: .string(entry.reason.message)))
        return .object(members)
    }
}

/// What an ACK newly commits.
struct IngestTally {
    /// Events that count.
    var accepted = 0
    /// Events that do not.
    var rejected = 0
    /// The first of those, with their numbers.
    var rejections: [(sequence: UInt64, reason: Rejection)] = []

    mutating func reject(_ sequence: UInt64, _ reason: Rejection) {
        rejected += 1
        if rejections.count < Limits.rejectionsListedMaximum {
            rejections.append((sequence, reason))
        }
    }
}
