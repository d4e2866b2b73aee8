/// The rollup changes of many commits as one, by slot: what the store adds to its rows.
///
/// A slot that every commit touches is written once. Activities and newcomers are repeated here
/// for the rows of all bots, which a ``ChangeSet`` leaves to its reader.
public struct ChangeSum: Sendable {
    /// A user active in a slot, or new there as often as ``net`` says.
    public struct UserChange: Sendable, BitwiseCopyable {
        /// The slot.
        public var key: SlotKey
        /// The user's ordinal.
        public var user: UInt32
        /// 1 where the user is added, -1 where removed.
        public var net: Int32
    }

    /// Counter changes, in the order of slots.
    public private(set) var slots = SlotChanges()
    /// Distribution changes, in the order of slots.
    public private(set) var measurements: [ChangeSet.Measurement]
    /// Users active in a slot, in the order of slots and users.
    public private(set) var activities: [UserChange]
    /// Users new, or no longer new, in a slot, in the order of slots and users.
    public private(set) var newcomers: [UserChange]

    /// Sums commits.
    ///
    /// - Parameter changes: The commits, in any order.
    /// - Complexity: O(n log n) in their changes.
    public init(_ changes: some Sequence<ChangeSet>) {
        var table = SlotTable()
        var distributions: [FoldOutput.MeasurementKey: Distribution] = [:]
        var active: [UserChange] = []
        var moved: [UserChange] = []
        for set in changes {
            for index in 0..<set.slots.count { table.add(set.slots, index) }
            for measurement in set.measurements {
                distributions[
                    FoldOutput.MeasurementKey(key: measurement.key, kind: measurement.kind),
                    default: Distribution(measurement.kind)
                ].merge(measurement.distribution)
            }
            for activity in set.activities {
                let keys = activity.key.allBotsKeys
                for key in [activity.key, keys.channel, keys.any] {
                    active.append(UserChange(key: key, user: activity.user, net: 1))
                }
            }
            for move in set.newcomers {
                let net: Int32 = move.isAdded ? 1 : -1
                moved.append(UserChange(key: move.key, user: move.user, net: net))
                guard move.key.bot == SlotKey.allBots else { continue }
                let any = move.key.allBotsKeys.any
                moved.append(UserChange(key: any, user: move.user, net: net))
            }
        }
        table.appendSorted(to: &slots)
        measurements = distributions.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map {
            ChangeSet.Measurement(key: $0.key.key, kind: $0.key.kind, distribution: $0.value)
        }
        activities = Self.sums(&active).map { UserChange(key: $0.key, user: $0.user, net: 1) }
        newcomers = Self.sums(&moved)
    }

    /// Sorts changes and adds up those of the same slot and user; what cancels out is gone.
    private static func sums(_ changes: inout [UserChange]) -> [UserChange] {
        changes.sort { $0.key != $1.key ? $0.key < $1.key : $0.user < $1.user }
        var sums: [UserChange] = []
        sums.reserveCapacity(changes.count)
        for change in changes {
            if let last = sums.last, last.key == change.key, last.user == change.user {
                sums[sums.count - 1].net += change.net
            } else {
                if sums.last?.net == 0 { sums.removeLast() }
                sums.append(change)
            }
        }
        if sums.last?.net == 0 { sums.removeLast() }
        return sums
    }
}

extension RollupSlot {
    /// Adds distribution changes.
    ///
    /// - Parameter measurement: The change.
    public mutating func add(_ measurement: ChangeSet.Measurement) {
        self[measurement.kind].merge(measurement.distribution)
    }

    /// Adds and removes new users.
    ///
    /// - Parameter change: The user and whether they become new here.
    public mutating func addNewcomer(_ change: ChangeSum.UserChange) {
        if change.net > 0 {
            newUsers.insert(change.user)
        } else if change.net < 0 {
            newUsers.remove(change.user)
        }
    }
}
