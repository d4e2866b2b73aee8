public import Core

/// What ingest has counted since the store was made; it moves with the commits.
public struct IngestCounts: Sendable, Equatable {
    /// Events accepted.
    public var accepted: UInt64 = 0
    /// Events at or below a watermark, sent again.
    public var duplicate: UInt64 = 0
    /// Events refused, by the raw value of the code.
    public var rejected: [UInt64] = Array(repeating: 0, count: 8)

    /// When events were last committed; 0 before the first.
    public var lastCommit: UnixMilliseconds = 0

    /// Makes counts of zero.
    public init() {}

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.writeSigned(lastCommit)
        writer.writeVarint(accepted)
        writer.writeVarint(duplicate)
        for count in rejected { writer.writeVarint(count) }
        return writer.bytes
    }

    init(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        lastCommit = reader.readSigned()
        accepted = reader.readVarint()
        duplicate = reader.readVarint()
        for index in rejected.indices { rejected[index] = reader.readVarint() }
    }
}
