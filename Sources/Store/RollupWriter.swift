internal import Core
internal import LMDB

/// Adds a sum of changes to the hour and day rows: each row is read and written once.
///
/// Changes come in the order of rows, so the writer holds one hour row and one day row at a time.
struct RollupWriter: ~Copyable {
    private let tables: Tables
    private let days: DayTable
    private let cutoffs: Cutoffs
    private var writer = ByteWriter()

    private var hourKey: SlotKey?
    private var hourSlots: [RollupSlot] = []
    private var dayKey: (bot: UInt32, channel: UInt16, day: Int)?
    private var daySlot = RollupSlot()
    private var dayNewcomers: [ChangeSum.UserChange] = []
    private var activeBatch: [UInt32] = []

    init(tables: Tables, days: DayTable, cutoffs: Cutoffs) {
        self.tables = tables
        self.days = days
        self.cutoffs = cutoffs
    }

    mutating func apply(
        _ sum: ChangeSum,
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        var slot = 0
        var measurement = 0
        var activity = 0
        var newcomer = 0
        while true {
            var key = SlotKey(word: .max)
            if slot < sum.slots.count { key = min(key, sum.slots.key(at: slot)) }
            if measurement < sum.measurements.count {
                key = min(key, sum.measurements[measurement].key)
            }
            if activity < sum.activities.count { key = min(key, sum.activities[activity].key) }
            if newcomer < sum.newcomers.count { key = min(key, sum.newcomers[newcomer].key) }
            if key.word == .max { break }
            try moveTo(key, in: &transaction)
            let quarter = Int(key.quarter % Quarters.perHour)
            if slot < sum.slots.count, sum.slots.key(at: slot) == key {
                sum.slots.add(slot, to: &hourSlots[quarter].counters)
                sum.slots.add(slot, to: &daySlot.counters)
                slot += 1
            }
            while measurement < sum.measurements.count, sum.measurements[measurement].key == key {
                hourSlots[quarter].add(sum.measurements[measurement])
                daySlot.add(sum.measurements[measurement])
                measurement += 1
            }
            activeBatch.removeAll(keepingCapacity: true)
            while activity < sum.activities.count, sum.activities[activity].key == key {
                activeBatch.append(sum.activities[activity].user)
                activity += 1
            }
            if !activeBatch.isEmpty {
                hourSlots[quarter].activeUsers.insert(sorted: activeBatch)
                daySlot.activeUsers.insert(sorted: activeBatch)
            }
            while newcomer < sum.newcomers.count, sum.newcomers[newcomer].key == key {
                hourSlots[quarter].addNewcomer(sum.newcomers[newcomer])
                dayNewcomers.append(sum.newcomers[newcomer])
                newcomer += 1
            }
        }
        try writeHour(in: &transaction)
        try writeDay(in: &transaction)
    }

    // MARK: - Rows

    private mutating func moveTo(
        _ key: SlotKey,
        in transaction: inout WriteTransaction
    ) throws(StoreError) {
        let hour = SlotKey(
            bot: key.bot,
            channel: key.channel,
            quarter: key.quarter - key.quarter % Quarters.perHour
        )
        if hour != hourKey {
            try writeHour(in: &transaction)
            hourKey = hour
            try readHour(hour, in: transaction)
        }
        let day = days.day(of: key.quarter)
        if dayKey?.bot != key.bot || dayKey?.channel != key.channel || dayKey?.day != day {
            try writeDay(in: &transaction)
            dayKey = (key.bot, key.channel, day)
            try readDay(in: transaction)
        }
    }

    private func rowKey(_ hour: SlotKey) -> Key {
        Key(bot: hour.bot, channel: hour.channel, period: hour.quarter / Quarters.perHour)
    }

    private mutating func readHour(
        _ hour: SlotKey,
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) {
        let key = rowKey(hour)
        guard let value = try transaction.stored(key, in: tables.hours) else {
            hourSlots = Array(repeating: RollupSlot(), count: 4)
            return
        }
        guard let slots = HourRow.decode(value) else {
            throw .corrupt(table: Schema.hours, key: "\(key)")
        }
        hourSlots = slots
    }

    private mutating func writeHour(in transaction: inout WriteTransaction) throws(StoreError) {
        guard let hour = hourKey else { return }
        hourKey = nil
        // A late change of what is no longer kept has nowhere to go.
        if hour.quarter + Quarters.perHour <= cutoffs.hours { return }
        for quarter in 0..<4 where hour.quarter + Quarter(quarter) < cutoffs.hours {
            hourSlots[quarter] = RollupSlot()
        }
        HourRow.encode(hourSlots, into: &writer)
        try put(rowKey(hour), in: tables.hours, &transaction)
    }

    private func dayRowKey(_ key: (bot: UInt32, channel: UInt16, day: Int)) -> Key {
        Key(bot: key.bot, channel: key.channel, period: Int32(key.day))
    }

    private mutating func readDay(
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) {
        daySlot = RollupSlot()
        dayNewcomers.removeAll(keepingCapacity: true)
        guard let dayKey else { return }
        let key = dayRowKey(dayKey)
        guard let value = try transaction.stored(key, in: tables.days) else { return }
        var reader = ByteReader(value)
        guard let slot = RollupSlot(decoding: &reader) else {
            throw .corrupt(table: Schema.days, key: "\(key)")
        }
        daySlot = slot
    }

    private mutating func writeDay(in transaction: inout WriteTransaction) throws(StoreError) {
        guard let day = dayKey else { return }
        dayKey = nil
        if day.day < cutoffs.day { return }
        applyDayNewcomers()
        writer.removeAll()
        if !daySlot.isEmpty { daySlot.encode(into: &writer) }
        try put(dayRowKey(day), in: tables.days, &transaction)
    }

    /// A user who moves from one quarter of the day to another stays new in the day, in
    /// whatever order the two changes come: only their sum counts.
    private mutating func applyDayNewcomers() {
        dayNewcomers.sort { $0.user < $1.user }
        var index = 0
        while index < dayNewcomers.count {
            var change = dayNewcomers[index]
            index += 1
            while index < dayNewcomers.count, dayNewcomers[index].user == change.user {
                change.net += dayNewcomers[index].net
                index += 1
            }
            daySlot.addNewcomer(change)
        }
    }

    /// Stores what ``writer`` holds, or takes the row away when it holds nothing.
    private mutating func put(
        _ key: Key,
        in table: Table,
        _ transaction: inout WriteTransaction
    ) throws(StoreError) {
        if writer.bytes.isEmpty {
            try transaction.remove(key, in: table)
        } else {
            try transaction.store(writer.bytes, for: key, in: table)
        }
    }
}
