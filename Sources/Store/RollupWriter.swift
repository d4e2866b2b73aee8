internal import Core
internal import LMDB

/// Adds a sum of changes to the hour and day rows: each row is read and written once.
///
/// Which days have a row: see ``DayRows``.
///
/// Changes come in the order of rows, so the writer holds one hour row and one day row at a time.
struct RollupWriter: ~Copyable {
    private let tables: Tables
    private let days: DayTable
    private let dayRows: DayRows
    private let cutoffs: Cutoffs
    private var writer = ByteWriter()

    private var hourKey: SlotKey?
    private var hourSlots: [RollupSlot] = []
    private var dayKey: DayKey?
    /// Whether the day had a row.
    private var isDayStored = false
    private var daySlot = RollupSlot()
    private var dayNewcomers: [ChangeSum.UserChange] = []
    private var activeBatch: [UInt32] = []

    init(tables: Tables, days: DayTable, cutoffs: Cutoffs) {
        self.tables = tables
        self.days = days
        dayRows = DayRows(tables: tables, days: days)
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
        let day = DayKey(bot: key.bot, channel: key.channel, day: days.day(of: key.quarter))
        if hour != hourKey || day != dayKey {
            try writeHour(in: &transaction)
        }
        // After its hours, even the one that it shares with the next day.
        if day != dayKey {
            try writeDay(in: &transaction)
            dayKey = day
            try readDay(day, in: transaction)
        }
        if hourKey == nil {
            hourKey = hour
            try readHour(hour, in: transaction)
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

    private mutating func readDay(
        _ key: DayKey,
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) {
        dayNewcomers.removeAll(keepingCapacity: true)
        isDayStored = false
        guard let value = try transaction.stored(key.rowKey, in: tables.days) else {
            daySlot = try dayRows.sum(of: key, in: transaction) ?? RollupSlot()
            return
        }
        var reader = ByteReader(value)
        guard let slot = RollupSlot(decoding: &reader) else {
            throw .corrupt(table: Schema.days, key: "\(key.rowKey)")
        }
        daySlot = slot
        isDayStored = true
    }

    private mutating func writeDay(in transaction: inout WriteTransaction) throws(StoreError) {
        guard let day = dayKey else { return }
        dayKey = nil
        if day.day < cutoffs.day { return }
        applyDayNewcomers()
        writer.removeAll()
        if try needsRow(day, in: transaction) { daySlot.encode(into: &writer) }
        if isDayStored || !writer.bytes.isEmpty {
            try put(day.rowKey, in: tables.days, &transaction)
        }
    }

    /// Whether a day, whose hours are written, needs a row.
    private func needsRow(
        _ day: DayKey,
        in transaction: borrowing WriteTransaction
    ) throws(StoreError) -> Bool {
        if daySlot.isEmpty { return false }
        // Its hour rows are no longer kept.
        if days.start(of: day.day) < cutoffs.hours { return true }
        let limit = DayRows.hoursMaximum
        if isDayStored {
            // A longer retention does not bring hour rows back: the row stays what it is then.
            return try dayRows.sum(of: day, in: transaction, atMost: limit) != daySlot
        }
        return try dayRows.hours(of: day, in: transaction, atMost: limit + 1) > limit
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
