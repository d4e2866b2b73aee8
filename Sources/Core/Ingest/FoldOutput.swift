/// What the running commit has changed so far.
struct FoldOutput {
    var events: [EventRecord] = []
    var names = ChangeSet.Names()
    var slots = SlotTable()
    var measurements: [MeasurementKey: Distribution] = [:]
    var activities: [ChangeSet.Activity] = []
    var newcomers: [ChangeSet.NewcomerMove] = []
    var firstSeen: [ChangeSet.FirstSeen] = []
    var userSessions: [(user: UInt32, session: UInt32)] = []
    var schedule: [ChangeSet.ScheduleMove] = []
    var firstOutcomes: [(bot: UInt32, instant: UnixMilliseconds)] = []
    var botChannels: [(bot: UInt32, channel: UInt16)] = []
    /// The bot whose session is being evaluated.
    var contributingBot: UInt32 = 0
    /// 1 while contributions are given, -1 while they are taken back.
    var contributingSign: Int64 = 1

    struct MeasurementKey: Hashable, Comparable {
        var key: SlotKey
        var kind: DurationKind

        static func < (left: MeasurementKey, right: MeasurementKey) -> Bool {
            left.key != right.key
                ? left.key < right.key : left.kind.rawValue < right.kind.rawValue
        }
    }

    /// Whether nothing changed that a query or the store would see.
    var isEmpty: Bool {
        events.isEmpty && slots.entries.allSatisfy(\.counters.isZero) && measurements.isEmpty
            && schedule.isEmpty && newcomers.isEmpty && firstOutcomes.isEmpty
    }

    /// Whether a figure of an answer changed.
    var changesAnswers: Bool {
        !events.isEmpty || !measurements.isEmpty
            || slots.entries.contains { !$0.counters.isZero }
    }

    mutating func removeAll() {
        events = []
        events.reserveCapacity(1_024)
        names = ChangeSet.Names()
        slots.removeAll()
        measurements.removeAll(keepingCapacity: true)
        activities.removeAll(keepingCapacity: true)
        newcomers = []
        firstSeen = []
        userSessions = []
        schedule = []
        firstOutcomes = []
        botChannels = []
    }

    /// Counter changes of every scope, in order.
    ///
    /// All-bots slots are summed here, once a commit.
    func allSlots() -> SlotChanges {
        var all = SlotChanges()
        all.reserve(slots: slots.entries.count + 16)
        slots.appendSorted(to: &all)
        var sums = SlotTable()
        for entry in slots.entries {
            let keys = entry.key.allBotsKeys
            sums.add(entry.counters, at: keys.channel)
            sums.add(entry.counters, at: keys.any)
        }
        // All bots order behind every bot.
        sums.appendSorted(to: &all)
        return all
    }

    /// Distribution changes of every scope, in order.
    func allMeasurements() -> [ChangeSet.Measurement] {
        guard !measurements.isEmpty else { return [] }
        var all = measurements
        for (key, distribution) in measurements {
            let keys = key.key.allBotsKeys
            for scope in [keys.channel, keys.any] {
                all[MeasurementKey(key: scope, kind: key.kind), default: Distribution(key.kind)]
                    .merge(distribution)
            }
        }
        return all.filter { !$0.value.isEmpty }
            .sorted { $0.key < $1.key }
            .map {
                ChangeSet.Measurement(key: $0.key.key, kind: $0.key.kind, distribution: $0.value)
            }
    }

    /// Activities in order, each once.
    func sortedActivities() -> [ChangeSet.Activity] {
        var sorted = activities
        sorted.sort { $0.key != $1.key ? $0.key < $1.key : $0.user < $1.user }
        var unique: [ChangeSet.Activity] = []
        unique.reserveCapacity(sorted.count)
        for activity in sorted
        where unique.last?.key != activity.key || unique.last?.user != activity.user {
            unique.append(activity)
        }
        return unique
    }
}

extension SlotKey {
    /// The slots of all bots to which a slot of one bot adds: its channel, and any channel.
    @inlinable public var allBotsKeys: (channel: SlotKey, any: SlotKey) {
        (
            SlotKey(bot: SlotKey.allBots, channel: channel, quarter: quarter),
            SlotKey(bot: SlotKey.allBots, channel: SlotKey.anyChannel, quarter: quarter)
        )
    }
}
