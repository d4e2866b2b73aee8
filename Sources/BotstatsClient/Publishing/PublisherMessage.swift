internal import JSON

/// The daemon's messages of the acknowledged protocol.
enum PublisherMessage: Equatable {
    case welcome(PublisherWelcome)
    case acknowledgement(Acknowledgement)
    case refusal(Refusal)
    case pong

    /// An ACK.
    struct Acknowledgement: Equatable {
        var producer: String
        var epoch: Int64
        var committedSequence: Int64
        var accepted: Int64
        var rejected: Int64
        var rejections: [PublisherRejection]
    }

    /// A NACK.
    struct Refusal: Equatable {
        var code: String
        var message: String?
        var producer: String?
        /// The epoch of the refused message; with `unknown_epoch` the stored one.
        var epoch: Int64?
        /// The first number of the refused batch; nil when a HELLO was refused.
        var firstSequence: Int64?
        var expectedSequence: Int64?
        var retryAfterMilliseconds: Int64?
    }

    /// Reads a message; nil when this version does not understand it.
    ///
    /// - Parameter frames: The message's frames.
    init?(frames: [[UInt8]]) {
        guard let command = frames.first else { return nil }
        let header = frames.count > 1 ? MessageParser.parse(frames[1]) : .object([])
        guard let header else { return nil }
        switch String(decoding: command, as: UTF8.self) {
        case "WELCOME":
            guard let welcome = PublisherWelcome(header) else { return nil }
            self = .welcome(welcome)
        case "ACK":
            guard let acknowledgement = Acknowledgement(header) else { return nil }
            self = .acknowledgement(acknowledgement)
        case "NACK":
            guard let refusal = Refusal(header) else { return nil }
            self = .refusal(refusal)
        case "PONG": self = .pong
        default: return nil
        }
    }

    /// The frames of a HELLO.
    static func hello(producer: String, epoch: Int64?) -> [[UInt8]] {
        var members: [JSONValue.Member] = [
            .init(name: "protocol", value: 1),
            .init(name: "producer", value: .string(producer)),
        ]
        if let epoch { members.append(.init(name: "epoch", value: .integer(epoch))) }
        return [Array("HELLO".utf8), JSONValue.object(members).serializedBytes()]
    }

    /// The frames of an EVENTS.
    static func events(_ batch: PublisherBatch, producer: String, epoch: Int64) -> [[UInt8]] {
        var members: [JSONValue.Member] = [
            .init(name: "producer", value: .string(producer)),
            .init(name: "epoch", value: .integer(epoch)),
            .init(name: "first_seq", value: .integer(batch.firstSequence)),
            .init(name: "count", value: .integer(Int64(batch.count))),
        ]
        if let checkpoint = batch.checkpoint {
            members.append(.init(name: "checkpoint", value: .string(checkpoint)))
        }
        return [Array("EVENTS".utf8), JSONValue.object(members).serializedBytes(), batch.body]
    }

    /// The frames of a PING.
    static let ping: [[UInt8]] = [Array("PING".utf8), Array("{}".utf8)]
}

extension PublisherWelcome {
    /// Reads a header; nil when a member that cannot be missed is missing.
    init?(_ header: JSONValue) {
        guard
            let store = header["store"]?.stringValue,
            let incarnation = header["incarnation"]?.integerValue,
            let epoch = header["epoch"]?.integerValue,
            let committed = header["committed_seq"]?.integerValue, committed >= 0
        else { return nil }
        func limit(_ name: String, _ fallback: Int) -> Int {
            header[name]?.integerValue.flatMap(Int.init(exactly:)) ?? fallback
        }
        self.init(
            store: store,
            incarnation: incarnation,
            epoch: epoch,
            committedSequence: committed,
            checkpoint: header["checkpoint"]?.stringValue,
            limits: PublisherLimits(
                windowBatchCount: limit("window_batches", 1),
                windowByteCount: limit("window_bytes", 1 << 20),
                batchByteCount: limit("max_batch_bytes", 1 << 20),
                batchEventCount: limit("max_batch_events", 1_000)
            )
        )
    }
}

extension PublisherMessage.Acknowledgement {
    /// Reads a header; nil when a member that cannot be missed is missing.
    init?(_ header: JSONValue) {
        guard
            let producer = header["producer"]?.stringValue,
            let epoch = header["epoch"]?.integerValue,
            let committed = header["committed_seq"]?.integerValue
        else { return nil }
        self.producer = producer
        self.epoch = epoch
        committedSequence = committed
        accepted = header["accepted"]?.integerValue ?? 0
        rejected = header["rejected"]?.integerValue ?? 0
        rejections = (header["rejections"]?.arrayValue ?? []).compactMap { entry in
            guard
                let sequence = entry["seq"]?.integerValue, let code = entry["code"]?.stringValue
            else { return nil }
            return PublisherRejection(
                sequence: sequence,
                code: code,
                field: entry["field"]?.stringValue,
                message: entry["message"]?.stringValue
            )
        }
    }
}

extension PublisherMessage.Refusal {
    /// Reads a header; nil when it has no code.
    init?(_ header: JSONValue) {
        guard let code = header["code"]?.stringValue else { return nil }
        self.code = code
        message = header["message"]?.stringValue
        producer = header["producer"]?.stringValue
        epoch = header["epoch"]?.integerValue
        firstSequence = header["first_seq"]?.integerValue
        expectedSequence = header["expected_seq"]?.integerValue
        retryAfterMilliseconds = header["retry_after_ms"]?.integerValue
    }
}
