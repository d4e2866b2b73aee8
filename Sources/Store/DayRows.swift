internal import Core
internal import LMDB

/// A bot, a channel and a day: the key of a day row.
struct DayKey: Equatable {
    var bot: UInt32
    var channel: UInt16
    var day: Int

    var rowKey: Key { Key(bot: bot, channel: channel, period: Int32(day)) }
}

/// Which days have a row of their own, and what is figured for those that have none.
///
/// Most bots are silent most of the time: a day whose figures stand in three hour rows or fewer is
/// read from these as fast. Its row would say the same again, and such rows were a sixth of the
/// store of a year (measured, B7).
struct DayRows {
    /// A day of so few hour rows has no row.
    static let hoursMaximum = 3

    let tables: Tables
    let days: DayTable

    /// The sum of a day's hour rows.
    ///
    /// - Parameters:
    ///   - key: The day.
    ///   - transaction: Where they are read.
    ///   - limit: The most hour rows to look at.
    /// - Returns: The slot, empty without hour rows; nil where there are more.
    /// - Throws: An error of the library, or a damaged row.
    func sum(
        of key: DayKey,
        in transaction: borrowing some Transaction & ~Copyable,
        atMost limit: Int = .max
    ) throws(StoreError) -> RollupSlot? {
        if limit < .max, try hours(of: key, in: transaction, atMost: limit + 1) > limit {
            return nil
        }
        var sum = RollupSlot()
        _ = try hours(of: key, in: transaction) { value, wanted throws(StoreError) in
            guard let slots = HourRow.decode(value) else {
                throw .corrupt(table: Schema.hours, key: "\(key.bot)/\(key.channel)")
            }
            for (quarter, slot) in slots.enumerated() where wanted & 1 << UInt8(quarter) != 0 {
                sum.add(slot)
            }
        }
        return sum
    }

    /// Walks the hour rows that have anything of a day.
    ///
    /// - Parameters:
    ///   - key: The day.
    ///   - transaction: Where they are read.
    ///   - limit: How many to walk at most.
    ///   - body: Receives each row's value, and a bit for each quarter that is of the day.
    /// - Returns: How many there were.
    /// - Throws: An error of the library, or what the closure throws.
    func hours(
        of key: DayKey,
        in transaction: borrowing some Transaction & ~Copyable,
        atMost limit: Int = .max,
        _ body: (RawSpan, UInt8) throws(StoreError) -> Void = { _, _ in }
    ) throws(StoreError) -> Int {
        let quarters = days.start(of: key.day)..<days.start(of: key.day + 1)
        guard !quarters.isEmpty else { return 0 }
        let first = quarters.lowerBound / Quarters.perHour
        let last = (quarters.upperBound - 1) / Quarters.perHour
        let end = Key(bot: key.bot, channel: key.channel, period: last + 1)
        let begin = Key(bot: key.bot, channel: key.channel, period: first)
        return try transaction.scan(tables.hours) { cursor throws(StoreError) in
            var count = 0
            var isAtEntry = try cursor.move(atOrAfter: begin)
            while isAtEntry, count < limit, !cursor.key.isAtOrAfter(end) {
                let hour = Int32(bitPattern: cursor.key.readUInt32BigEndian(at: 6))
                let wanted = HourRow.quarterMask(of: hour, in: quarters)
                // An hour may belong to two days, in zones of half hours.
                if HourRow.presentQuarters(cursor.value) & wanted != 0 {
                    count += 1
                    try body(cursor.value, wanted)
                }
                isAtEntry = try cursor.moveNext()
            }
            return count
        }
    }
}

extension RawSpan {
    /// Whether these ten bytes of a row's key order at or after another key.
    func isAtOrAfter(_ key: Key) -> Bool {
        let other = key.bytes
        let left = readUInt64BigEndian(at: 0)
        let right = other.readUInt64BigEndian(at: 0)
        if left != right { return left > right }
        return readUInt16BigEndian(at: 8) >= other.readUInt16BigEndian(at: 8)
    }
}
