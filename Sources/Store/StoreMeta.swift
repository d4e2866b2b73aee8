internal import Core
internal import LMDB

/// What the store says about itself: its format, its settings, how far it is folded.
struct StoreMeta {
    static let formatKey = Key("format")
    static let positionKey = Key("position")
    static let settingsKey = Key("settings")
    static let retentionKey = Key("retention")

    var position = Fold.Position()

    /// Reads where the store stands.
    init(_ transaction: borrowing some Transaction & ~Copyable, _ table: Table) throws(StoreError) {
        guard let value = try transaction.stored(Self.positionKey, in: table) else { return }
        var reader = ByteReader(value)
        position.commit = reader.readVarint()
        position.dataVersion = reader.readVarint()
        position.events = reader.readVarint()
        position.now = reader.readSigned()
        position.nextUser = UInt32(truncatingIfNeeded: reader.readVarint())
        position.nextSession = UInt32(truncatingIfNeeded: reader.readVarint())
        if reader.failed { throw .corrupt(table: Schema.meta, key: "position") }
    }

    static func write(
        _ position: Fold.Position,
        in transaction: inout WriteTransaction,
        _ table: Table
    ) throws(StoreError) {
        var writer = ByteWriter()
        writer.writeVarint(position.commit)
        writer.writeVarint(position.dataVersion)
        writer.writeVarint(position.events)
        writer.writeSigned(position.now)
        writer.writeVarint(UInt64(position.nextUser))
        writer.writeVarint(UInt64(position.nextSession))
        try transaction.store(writer.bytes, for: positionKey, in: table)
    }

    /// Refuses a newer format; writes this one's number into a new store.
    static func checkFormat(
        _ transaction: inout WriteTransaction,
        _ table: Table
    ) throws(StoreError) {
        if try format(transaction, table) == nil { try writeFormat(in: &transaction, table) }
    }

    static func writeFormat(
        in transaction: inout WriteTransaction,
        _ table: Table
    ) throws(StoreError) {
        var writer = ByteWriter()
        writer.writeUInt32(UInt32(Schema.format))
        try transaction.store(writer.bytes, for: formatKey, in: table)
    }

    /// The format of a store, which this program knows; nil in a new one.
    static func format(
        _ transaction: borrowing some Transaction & ~Copyable,
        _ table: Table
    ) throws(StoreError) -> Int? {
        guard let value = try transaction.stored(formatKey, in: table) else { return nil }
        let found = value.byteCount == 4 ? Int(value.readUInt32BigEndian(at: 0)) : 0
        guard found <= Schema.format else {
            throw .newerFormat(found: found, known: Schema.format)
        }
        return found
    }

    /// How long rows were last kept.
    static func retention(
        _ transaction: borrowing some Transaction & ~Copyable,
        _ table: Table
    ) throws(StoreError) -> Retention {
        guard let value = try transaction.stored(retentionKey, in: table) else {
            return Retention()
        }
        guard value.byteCount == 12 else { throw .corrupt(table: Schema.meta, key: "retention") }
        var retention = Retention()
        retention.hourDays = Int(value.readUInt32BigEndian(at: 0))
        retention.dayDays = Int(value.readUInt32BigEndian(at: 4))
        retention.conversationDays = Int(value.readUInt32BigEndian(at: 8))
        return retention
    }

    static func write(
        _ retention: Retention,
        in transaction: inout WriteTransaction,
        _ table: Table
    ) throws(StoreError) {
        var writer = ByteWriter()
        writer.writeUInt32(UInt32(retention.hourDays))
        writer.writeUInt32(UInt32(retention.dayDays))
        writer.writeUInt32(UInt32(retention.conversationDays))
        try transaction.store(writer.bytes, for: retentionKey, in: table)
    }

    /// The settings the rows were made for; nil in a new store.
    static func settings(
        _ transaction: borrowing some Transaction & ~Copyable,
        _ table: Table
    ) throws(StoreError) -> Store.Settings? {
        guard let value = try transaction.stored(settingsKey, in: table) else { return nil }
        guard value.byteCount > 8 else { throw .corrupt(table: Schema.meta, key: "settings") }
        return Store.Settings(
            timeoutMilliseconds: Int64(bitPattern: value.readUInt64BigEndian(at: 0)),
            zone: String(decoding: value.copied().dropFirst(8), as: UTF8.self)
        )
    }

    static func write(
        _ settings: Store.Settings,
        in transaction: inout WriteTransaction,
        _ table: Table
    ) throws(StoreError) {
        var writer = ByteWriter()
        writer.writeUInt64(UInt64(bitPattern: settings.timeoutMilliseconds))
        writer.write(Array(settings.zone.utf8))
        try transaction.store(writer.bytes, for: settingsKey, in: table)
    }
}
