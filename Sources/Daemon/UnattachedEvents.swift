internal import Core
internal import Store

/// Counts session events that are attached to no conversation.
///
/// The rows of all bots are added up when somebody asks for the first time, and again when a day
/// of them is no longer kept; every commit between changes the sum by what it changes in the rows.
struct UnattachedEvents {
    private var known: (count: Int64, cutoffs: Cutoffs)?

    /// Follows a commit.
    mutating func follow(_ changes: ChangeSet) {
        guard let cutoffs = known?.cutoffs else { return }
        let first = SlotKey(
            bot: SlotKey.allBots,
            channel: SlotKey.anyChannel,
            quarter: Self.firstQuarter(cutoffs)
        )
        // All bots on any channel order last.
        var counters = Counters()
        for index in changes.slots.firstIndex(atOrAfter: first)..<changes.slots.count {
            changes.slots.add(index, to: &counters)
        }
        known?.count += counters[.unattached]
    }

    /// The count, where a snapshot and its tail contain every commit followed.
    mutating func count(in snapshot: StoreSnapshot) -> Int64 {
        if let known, known.cutoffs == snapshot.cutoffs { return known.count }
        var total = SlotAccumulator(figures: .counters)
        snapshot.accumulate(
            RollupScope(allBots: nil),
            0..<Quarters.containing(Limits.latestMilliseconds),
            into: &total
        )
        let count = total.counters[.unattached]
        // What could not be read is not remembered.
        if snapshot.failure == nil { known = (count, snapshot.cutoffs) }
        return count
    }

    /// Where the rows begin that are kept, be it as hours or as days.
    private static func firstQuarter(_ cutoffs: Cutoffs) -> Quarter {
        min(cutoffs.hours, cutoffs.days)
    }
}
