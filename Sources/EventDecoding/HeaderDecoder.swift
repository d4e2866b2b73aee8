internal import CEventDecoder
internal import Core

/// The header of an ingest or fire-and-forget message.
public struct IngestHeader: Sendable, Equatable {
    /// The protocol's version.
    public var version: UInt64?
    /// The publisher's lasting name.
    public var producer: String?
    /// The epoch its numbers belong to.
    public var epoch: UInt64?
    /// The number of a batch's first event.
    public var firstSequence: UInt64?
    /// The number of a batch's lines.
    public var count: UInt64?
    /// The publisher's own position after a batch.
    public var checkpoint: String?
    /// The number of a fire-and-forget message.
    public var sequence: UInt64?

    /// Makes an empty header.
    public init() {}
}

/// Decodes headers.
///
/// It owns the C++ decoder; use it on one thread, it is not `Sendable`.
public final class HeaderDecoder {
    private let decoder: OpaquePointer

    /// Makes a decoder.
    public init() {
        guard let decoder = botstats_header_decoder_create() else { fatalError("out of memory") }
        self.decoder = decoder
    }

    deinit { botstats_header_decoder_destroy(decoder) }

    /// Why a header is refused.
    public enum Failure: Error, Sendable, Equatable {
        /// It is longer than ``Limits/headerBytesMaximum``.
        case tooLarge
        /// It is not one JSON object in UTF-8.
        case notAnObject
        /// A member is no text, or no integer of at least 0.
        case wrongType(member: String)
    }

    /// Decodes a header.
    ///
    /// Members it does not know are passed over; null is as good as absent.
    ///
    /// - Parameter bytes: The frame.
    /// - Returns: The members.
    /// - Throws: ``Failure``.
    public func decode(_ bytes: RawSpan) throws(Failure) -> IngestHeader {
        guard bytes.byteCount <= Limits.headerBytesMaximum else { throw .tooLarge }
        var fields = botstats_header()
        let isObject = bytes.withUnsafeBytes { buffer in
            botstats_header_decode(
                decoder,
                buffer.bindMemory(to: UInt8.self).baseAddress,
                buffer.count,
                &fields
            )
        }
        guard isObject == 1 else { throw .notAnObject }
        if let name = Self.memberNames.first(where: { fields.invalid & UInt32($0.bit) != 0 }) {
            throw .wrongType(member: name.name)
        }
        func number(_ bit: Int, _ value: UInt64) -> UInt64? {
            fields.present & UInt32(bit) != 0 ? value : nil
        }
        func text(_ bit: Int, _ start: UnsafePointer<CChar>?, _ length: Int) -> String? {
            guard fields.present & UInt32(bit) != 0 else { return nil }
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            return String(decoding: bytes, as: UTF8.self)
        }
        var header = IngestHeader()
        header.version = number(BOTSTATS_HEADER_PROTOCOL, fields.protocol)
        header.producer = text(BOTSTATS_HEADER_PRODUCER, fields.producer, fields.producer_length)
        header.epoch = number(BOTSTATS_HEADER_EPOCH, fields.epoch)
        header.firstSequence = number(BOTSTATS_HEADER_FIRST_SEQ, fields.first_seq)
        header.count = number(BOTSTATS_HEADER_COUNT, fields.count)
        header.checkpoint = text(
            BOTSTATS_HEADER_CHECKPOINT,
            fields.checkpoint,
            fields.checkpoint_length
        )
        header.sequence = number(BOTSTATS_HEADER_SEQ, fields.seq)
        return header
    }

    private static let memberNames: [(bit: Int, name: String)] = [
        (BOTSTATS_HEADER_PROTOCOL, "protocol"), (BOTSTATS_HEADER_PRODUCER, "producer"),
        (BOTSTATS_HEADER_EPOCH, "epoch"), (BOTSTATS_HEADER_FIRST_SEQ, "first_seq"),
        (BOTSTATS_HEADER_COUNT, "count"), (BOTSTATS_HEADER_CHECKPOINT, "checkpoint"),
        (BOTSTATS_HEADER_SEQ, "seq"),
    ]
}
