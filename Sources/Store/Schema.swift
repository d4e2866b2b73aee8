internal import Core
internal import LMDB

/// The tables of the store and the layout of their keys.
///
/// Keys are fixed-width and big-endian, so that LMDB's byte order is the order of ranges.
enum Schema {
    /// The version of the layout: a store of a newer one is refused, the rows of an older one are
    /// made anew.
    static let format = 2

    static let meta = "meta"
    static let bots = "bots"
    static let channels = "channels"
    static let usersByIdentity = "users_by_identity"
    static let usersByOrdinal = "users_by_ordinal"
    static let sessions = "sessions"
    static let timelines = "timelines"
    static let userSessions = "user_sessions"
    static let firstSeen = "first_seen"
    static let newest = "newest"
    static let schedule = "schedule"
    static let hours = "hours"
    static let days = "days"
}

/// The open tables of a store.
struct Tables: Sendable {
    let meta: Table
    /// ordinal (u32) → identity, first outcome, channels.
    let bots: Table
    /// ordinal (u16) → token.
    let channels: Table
    /// identity (16) → ordinal (u32).
    let usersByIdentity: Table
    /// ordinal (u32) → identity (16).
    let usersByOrdinal: Table
    /// bot (u32) · identity (16) → ordinal (u32).
    let sessions: Table
    /// session (u32) · chunk (u32) → events; see ``TimelineWriter``.
    let timelines: Table
    /// user (u32) · session (u32) → nothing.
    let userSessions: Table
    /// bot or all (u32) · user (u32) → quarter and channel (6).
    let firstSeen: Table
    /// bot (u32) · channel (u16) → times of the newest events.
    let newest: Table
    /// second (u32) · session (u32) → nothing.
    let schedule: Table
    /// bot (u32) · channel (u16) · hour (u32) → slots of its quarters; see ``HourRow``.
    let hours: Table
    /// bot (u32) · channel (u16) · day (u32) → one slot.
    let days: Table

    init(_ transaction: inout WriteTransaction) throws(LMDBError) {
        meta = try transaction.table(named: Schema.meta)
        bots = try transaction.table(named: Schema.bots)
        channels = try transaction.table(named: Schema.channels)
        usersByIdentity = try transaction.table(named: Schema.usersByIdentity)
        usersByOrdinal = try transaction.table(named: Schema.usersByOrdinal)
        sessions = try transaction.table(named: Schema.sessions)
        timelines = try transaction.table(named: Schema.timelines)
        userSessions = try transaction.table(named: Schema.userSessions)
        firstSeen = try transaction.table(named: Schema.firstSeen)
        newest = try transaction.table(named: Schema.newest)
        schedule = try transaction.table(named: Schema.schedule)
        hours = try transaction.table(named: Schema.hours)
        days = try transaction.table(named: Schema.days)
    }
}

extension Key {
    init(_ value: UInt16) {
        self.init()
        append(value)
    }

    init(_ value: UInt32) {
        self.init()
        append(value)
    }

    init(_ value: UInt64) {
        self.init()
        append(value)
    }

    init(_ first: UInt32, _ second: UInt32) {
        self.init()
        append(first)
        append(second)
    }

    init(_ identity: UUID128) {
        self.init()
        append(identity.high)
        append(identity.low)
    }

    init(bot: UInt32, session identity: UUID128) {
        self.init()
        append(bot)
        append(identity.high)
        append(identity.low)
    }

    init(bot: UInt32, channel: UInt16) {
        self.init()
        append(bot)
        append(channel)
    }

    /// The key of a rollup row, hours or days.
    init(bot: UInt32, channel: UInt16, period: Int32) {
        self.init()
        append(bot)
        append(channel)
        append(UInt32(bitPattern: period))
    }
}
