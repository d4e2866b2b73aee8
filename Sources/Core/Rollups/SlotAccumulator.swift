/// Which parts of slots a query needs; the rest is skipped over.
public struct FigureSet: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes a set of its bits.
    ///
    /// - Parameter rawValue: The bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The counters.
    public static let counters = FigureSet(rawValue: 1)
    /// Durations of closed conversations.
    public static let conversationDurations = FigureSet(rawValue: 2)
    /// First responses.
    public static let firstResponses = FigureSet(rawValue: 4)
    /// Responses.
    public static let responses = FigureSet(rawValue: 8)
    /// Active users.
    public static let activeUsers = FigureSet(rawValue: 16)
    /// New users.
    public static let newUsers = FigureSet(rawValue: 32)

    /// The part of one distribution.
    ///
    /// - Parameter kind: Which distribution.
    /// - Returns: The set with this part only.
    public static func durations(_ kind: DurationKind) -> FigureSet {
        FigureSet(rawValue: FigureSet.conversationDurations.rawValue << UInt8(kind.rawValue))
    }
}

/// Sums and unions of the slots of a range.
///
/// Reused from bucket to bucket, so that a series of a year allocates once.
public struct SlotAccumulator {
    /// The parts that are read.
    public let figures: FigureSet
    /// Sum of the counters.
    public var counters = Counters()
    /// Sums of the distributions, by ``DurationKind``.
    public var durations: [DistributionAccumulator]
    /// Union of the active users.
    public var activeUsers = UserAccumulator()
    /// Union of the new users.
    public var newUsers = UserAccumulator()

    /// Makes an empty accumulator.
    ///
    /// - Parameter figures: The parts to read.
    public init(figures: FigureSet) {
        self.figures = figures
        durations = DurationKind.allCases.map { DistributionAccumulator($0) }
    }

    /// Empties everything, keeping the memory.
    public mutating func clear() {
        counters = Counters()
        for kind in DurationKind.allCases where figures.contains(.durations(kind)) {
            durations[kind.rawValue].clear()
        }
        activeUsers.clear()
        newUsers.clear()
    }

    /// Adds an encoded slot.
    ///
    /// - Parameter reader: Stands at the slot's first byte.
    /// - Returns: Whether the bytes were a slot, as far as they were read.
    /// - Complexity: O(bytes read); parts behind the last one needed are not touched.
    @discardableResult
    public mutating func add(encoded reader: inout ByteReader) -> Bool {
        let mask = reader.readVarint()
        var pending = (mask & SlotPart.counters) >> SlotPart.firstCounter
        while pending != 0 {
            let position = pending.trailingZeroBitCount
            counters[position: position] &+= Int64(bitPattern: reader.readVarint())
            pending &= pending - 1
        }
        for kind in DurationKind.allCases where mask & SlotPart.of(kind) != 0 {
            if figures.contains(.durations(kind)) {
                durations[kind.rawValue].addEncoded(&reader)
            } else {
                Distribution.skip(&reader, kind)
            }
        }
        guard !figures.isDisjoint(with: [.activeUsers, .newUsers]) else { return !reader.failed }
        if mask & SlotPart.activeUsers != 0 {
            if mask & SlotPart.allUsersAreNew != 0, figures.contains(.newUsers) {
                var again = reader
                newUsers.insertEncoded(&again)
            }
            if figures.contains(.activeUsers) {
                activeUsers.insertEncoded(&reader)
            } else {
                OrdinalSet.skip(&reader)
            }
        }
        if mask & SlotPart.newUsers != 0, figures.contains(.newUsers) {
            newUsers.insertEncoded(&reader)
        }
        return !reader.failed
    }

    /// Adds what a commit changed in a scope and some ranges.
    ///
    /// Change sets are added after all rows of the scope, oldest first: a user who is no longer
    /// new in a slot is taken out again.
    ///
    /// - Parameters:
    ///   - changes: The commit.
    ///   - scope: The scope.
    ///   - ranges: The ranges, which do not overlap.
    public mutating func add(
        _ changes: ChangeSet,
        scope: RollupScope,
        ranges: [Range<Quarter>]
    ) {
        for quarters in ranges where changes.quarters.overlaps(quarters) {
            for channel in scope.rowChannels {
                let low = SlotKey(
                    bot: scope.rowBot,
                    channel: channel,
                    quarter: quarters.lowerBound
                )
                let high = SlotKey(
                    bot: scope.rowBot,
                    channel: channel,
                    quarter: quarters.upperBound
                )
                var index = changes.slots.firstIndex(atOrAfter: low)
                while index < changes.slots.count, changes.slots.key(at: index) < high {
                    changes.slots.add(index, to: &counters)
                    index += 1
                }
                addMeasurements(changes, low, high)
            }
            if figures.contains(.activeUsers) { addActivities(changes, scope, quarters) }
        }
        // Over all ranges at once, as they came: a user may move from one range to another.
        if figures.contains(.newUsers) { addNewcomers(changes, scope, ranges) }
    }

    private mutating func addMeasurements(_ changes: ChangeSet, _ low: SlotKey, _ high: SlotKey) {
        var index = changes.measurements.lowerBound { $0.key < low }
        while index < changes.measurements.count, changes.measurements[index].key < high {
            let measurement = changes.measurements[index]
            if figures.contains(.durations(measurement.kind)) {
                durations[measurement.kind.rawValue].add(measurement.distribution)
            }
            index += 1
        }
    }

    private mutating func addActivities(
        _ changes: ChangeSet,
        _ scope: RollupScope,
        _ quarters: Range<Quarter>
    ) {
        guard let bot = scope.bot else {
            for activity in changes.activities
            where quarters.contains(activity.key.quarter)
                && scope.includes(channel: activity.key.channel)
            {
                activeUsers.insert(activity.user)
            }
            return
        }
        for channel in scope.rowChannels {
            let low = SlotKey(bot: bot, channel: channel, quarter: quarters.lowerBound)
            let high = SlotKey(bot: bot, channel: channel, quarter: quarters.upperBound)
            var index = changes.activities.lowerBound { $0.key < low }
            while index < changes.activities.count, changes.activities[index].key < high {
                activeUsers.insert(changes.activities[index].user)
                index += 1
            }
        }
    }

    private mutating func addNewcomers(
        _ changes: ChangeSet,
        _ scope: RollupScope,
        _ ranges: [Range<Quarter>]
    ) {
        for move in changes.newcomers
        where move.key.bot == scope.rowBot && scope.includes(channel: move.key.channel)
            && ranges.contains(where: { $0.contains(move.key.quarter) })
        {
            if move.isAdded { newUsers.insert(move.user) } else { newUsers.remove(move.user) }
        }
    }
}

extension Array {
    /// The index of the first element that does not precede the searched one.
    ///
    /// - Parameter precedes: True for a prefix of the array, false for the rest.
    /// - Returns: The length of that prefix.
    /// - Complexity: O(log n).
    @inlinable
    public func lowerBound(where precedes: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if precedes(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
