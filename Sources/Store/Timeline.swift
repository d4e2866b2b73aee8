internal import Core
internal import LMDB

/// The layout of a session's timeline: chunks of events in the order of arrival.
///
/// Every event is a tag byte (kind in the low four bits, then flags), the detail of a resolution
/// or rating, and what the flags announce: channel, user (plus one; 0 = absent), the time since
/// the event before, response time, tokens. The first event of a chunk says everything and
/// counts its time from 2000, so that a chunk reads alone. Chunk 0 begins with the bot's ordinal.
enum TimelineLayout {
    /// A chunk is full beyond this: its value must stay in a leaf (LMDB's limit is 2,038 bytes
    /// for key and value) and be cheap to rewrite.
    static let chunkBytesMaximum = 1_500

    static let kindMask: UInt8 = 0x0f
    static let channelFlag: UInt8 = 0x10
    static let userFlag: UInt8 = 0x20
    static let responseFlag: UInt8 = 0x40
    static let tokensFlag: UInt8 = 0x80

    static func hasDetail(_ kind: EventKind) -> Bool { kind == .resolved || kind == .feedback }
}

/// What the next event of a chunk is stated relative to.
struct TimelineState {
    var timestamp = Limits.earliestMilliseconds
    var channel: UInt16?
    var user = EventRecord.absent
}

/// Writes the events of one chunk.
struct TimelineWriter {
    private(set) var writer = ByteWriter()
    private var state = TimelineState()

    /// Begins a chunk.
    mutating func begin(bot: UInt32?) {
        writer.removeAll()
        state = TimelineState()
        if let bot { writer.writeVarint(UInt64(bot)) }
    }

    /// Goes on with a stored chunk; returns whether its bytes could be read.
    mutating func resume(_ bytes: RawSpan, chunk: UInt32, session: UInt32) -> Bool {
        writer.removeAll()
        writer.write(bytes.copied())
        var reader = TimelineReader(bytes, chunk: chunk, session: session)
        while reader.next() != nil {}
        state = reader.state
        return !reader.failed
    }

    var isFull: Bool { writer.bytes.count > TimelineLayout.chunkBytesMaximum }

    mutating func append(_ record: EventRecord) {
        let isChannelNew = state.channel != record.channel
        let isUserNew = state.channel == nil || state.user != record.user
        var tag = record.rawKind
        if isChannelNew { tag |= TimelineLayout.channelFlag }
        if isUserNew { tag |= TimelineLayout.userFlag }
        if record.responseMilliseconds != EventRecord.absent { tag |= TimelineLayout.responseFlag }
        if record.tokens != EventRecord.absent { tag |= TimelineLayout.tokensFlag }
        writer.writeUInt8(tag)
        if TimelineLayout.hasDetail(record.kind) { writer.writeUInt8(record.detail) }
        if isChannelNew { writer.writeVarint(UInt64(record.channel)) }
        if isUserNew { writer.writeVarint(UInt64(record.user &+ 1)) }
        writer.writeSigned(record.timestamp - state.timestamp)
        if record.responseMilliseconds != EventRecord.absent {
            writer.writeVarint(UInt64(record.responseMilliseconds))
        }
        if record.tokens != EventRecord.absent { writer.writeVarint(UInt64(record.tokens)) }
        state = TimelineState(
            timestamp: record.timestamp,
            channel: record.channel,
            user: record.user
        )
    }
}

/// Reads the events of one chunk.
struct TimelineReader: ~Escapable {
    private var reader: ByteReader
    private(set) var state = TimelineState()
    private let session: UInt32
    /// The bot, told by chunk 0 only.
    private(set) var bot: UInt32 = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, chunk: UInt32, session: UInt32, bot: UInt32 = 0) {
        reader = ByteReader(bytes)
        self.session = session
        self.bot = bot
        if chunk == 0 { self.bot = UInt32(truncatingIfNeeded: reader.readVarint()) }
    }

    var failed: Bool { reader.failed }

    /// The next event, or nil at the end or where the bytes are no event.
    mutating func next() -> EventRecord? {
        guard !reader.isAtEnd else { return nil }
        let tag = reader.readUInt8()
        guard let kind = EventKind(rawValue: tag & TimelineLayout.kindMask) else {
            reader.fail()
            return nil
        }
        let detail = TimelineLayout.hasDetail(kind) ? reader.readUInt8() : 0
        if tag & TimelineLayout.channelFlag != 0 {
            state.channel = UInt16(truncatingIfNeeded: reader.readVarint())
        }
        if tag & TimelineLayout.userFlag != 0 {
            state.user = UInt32(truncatingIfNeeded: reader.readVarint()) &- 1
        }
        state.timestamp += reader.readSigned()
        let response =
            tag & TimelineLayout.responseFlag == 0
            ? EventRecord.absent : UInt32(truncatingIfNeeded: reader.readVarint())
        let tokens =
            tag & TimelineLayout.tokensFlag == 0
            ? EventRecord.absent : UInt32(truncatingIfNeeded: reader.readVarint())
        guard let channel = state.channel, !reader.failed else {
            reader.fail()
            return nil
        }
        return EventRecord(
            kind: kind,
            timestamp: state.timestamp,
            bot: bot,
            session: session,
            user: state.user,
            channel: channel,
            responseMilliseconds: response,
            tokens: tokens,
            detail: detail
        )
    }
}
