public import Core

/// One commit as the journal keeps it.
public struct JournalChunk: Sendable {
    /// The commit's number.
    public let number: UInt64
    /// The version it reached.
    public private(set) var dataVersion: UInt64 = 0
    /// The time it had followed.
    public private(set) var now: UnixMilliseconds = 0
    /// The names it gave ordinals.
    public private(set) var names = ChangeSet.Names()
    /// Its events.
    public private(set) var events: [EventRecord] = []

    /// Everything of a commit but its events.
    static func header(of changes: ChangeSet) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 256)
        writer.writeVarint(changes.dataVersion)
        writer.writeSigned(changes.now)
        let names = changes.names
        writer.writeVarint(UInt64(names.bots.count))
        for bot in names.bots {
            writer.writeVarint(UInt64(bot.ordinal))
            writer.write(bot.identity)
        }
        writer.writeVarint(UInt64(names.channels.count))
        for channel in names.channels {
            writer.writeVarint(UInt64(channel.ordinal))
            let name = Array(channel.name.utf8)
            writer.writeVarint(UInt64(name.count))
            writer.write(name)
        }
        writer.writeVarint(UInt64(names.users.count))
        for user in names.users {
            writer.writeVarint(UInt64(user.ordinal))
            writer.write(user.identity)
        }
        for sessions in [names.sessions, names.returning] {
            writer.writeVarint(UInt64(sessions.count))
            for session in sessions {
                writer.writeVarint(UInt64(session.ordinal))
                writer.writeVarint(UInt64(session.bot))
                writer.write(session.identity)
            }
        }
        writer.writeVarint(UInt64(changes.events.count))
        return writer.bytes
    }

    static func copy(_ source: RawSpan, to target: inout MutableRawSpan, at offset: Int) {
        source.withUnsafeBytes { bytes in
            target.withUnsafeMutableBytes { space in
                guard let start = space.baseAddress, let from = bytes.baseAddress else { return }
                (start + offset).copyMemory(from: from, byteCount: bytes.count)
            }
        }
    }

    /// Reads a stored commit.
    init?(number: UInt64, _ bytes: RawSpan) {
        self.number = number
        var reader = ByteReader(bytes)
        dataVersion = reader.readVarint()
        now = reader.readSigned()
        for _ in 0..<reader.readCount() {
            let ordinal = UInt32(truncatingIfNeeded: reader.readVarint())
            names.bots.append((ordinal, reader.readIdentity()))
        }
        for _ in 0..<reader.readCount() {
            let ordinal = UInt16(truncatingIfNeeded: reader.readVarint())
            var name: [UInt8] = []
            for _ in 0..<reader.readCount() { name.append(reader.readUInt8()) }
            names.channels.append((ordinal, String(decoding: name, as: UTF8.self)))
        }
        for _ in 0..<reader.readCount() {
            let ordinal = UInt32(truncatingIfNeeded: reader.readVarint())
            names.users.append((ordinal, reader.readIdentity()))
        }
        names.sessions = reader.readSessions()
        names.returning = reader.readSessions()
        let count = Int(truncatingIfNeeded: reader.readVarint())
        let size = MemoryLayout<EventRecord>.stride
        guard !reader.failed, count >= 0,
            reader.remaining == count.multipliedReportingOverflow(by: size).partialValue
        else { return nil }
        let start = bytes.byteCount - reader.remaining
        events.reserveCapacity(count)
        for index in 0..<count {
            let record = bytes.unsafeLoadUnaligned(
                fromByteOffset: start + index * size,
                as: EventRecord.self
            )
            guard EventKind(rawValue: record.rawKind) != nil else { return nil }
            events.append(record)
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ identity: UUID128) {
        writeUInt64(identity.high)
        writeUInt64(identity.low)
    }
}

extension ByteReader {
    fileprivate mutating func readIdentity() -> UUID128 {
        UUID128(high: readUInt64(), low: readUInt64())
    }

    fileprivate mutating func readSessions() -> [ChangeSet.NewSession] {
        var sessions: [ChangeSet.NewSession] = []
        for _ in 0..<readCount() {
            let ordinal = UInt32(truncatingIfNeeded: readVarint())
            let bot = UInt32(truncatingIfNeeded: readVarint())
            sessions.append(
                ChangeSet.NewSession(bot: bot, identity: readIdentity(), ordinal: ordinal)
            )
        }
        return sessions
    }

    /// A number of things that follow, never more than there are bytes for.
    fileprivate mutating func readCount() -> Int {
        let count = readVarint()
        guard count <= UInt64(remaining) else {
            fail()
            return 0
        }
        return Int(count)
    }
}
