internal import Core
internal import JSON
internal import Store
internal import Synchronization

/// What figures are computed from besides the store, as of one moment of the query thread.
struct ReportGround: Sendable {
    var names: AnswerNames
    /// Commits that the store may not contain.
    var tail: [ChangeSet]
    /// The last commit that it knows of.
    var commit: UInt64
    var now: UnixMilliseconds
    var dataVersion: UInt64
    var lastCommit: UnixMilliseconds?
}

/// All reports, between the thread that answers questions about them and those that make them.
///
/// A record is changed under one lock, in the store first, so that what is answered survives.
final class ReportDesk: Sendable {
    private struct State {
        var records: [UUID128: ReportRecord] = [:]
        /// Those to be made, first come first.
        var queue: [UUID128] = []
        var progress: [UUID128: Int] = [:]
        var byKey: [String: UUID128] = [:]
        var ground: ReportGround?
        var wantsGround = false
    }

    private let store: ReportStore
    private let clock: WallClock
    private let retentionMilliseconds: Int64
    /// What all reports may take.
    let budgetBytes: Int
    private let state: Mutex<State>
    let stopping = StopFlag()

    /// Takes over the reports of a store: those that were not made are queued again.
    init(
        _ configuration: DaemonConfiguration,
        clock: WallClock
    ) throws(StoreError) {
        store = try ReportStore(
            dataDirectory: configuration.dataDirectory,
            budgetBytes: configuration.reportBudgetBytes,
            durability: configuration.durability
        )
        self.clock = clock
        retentionMilliseconds = Int64(configuration.reportRetentionDays) * Milliseconds.day
        budgetBytes = configuration.reportBudgetBytes
        var start = State()
        for record in try store.all() {
            start.records[record.id] = record
            if let key = Self.key(record) { start.byKey[key] = record.id }
        }
        start.queue = start.records.values.filter { $0.status == .pending }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map(\.id)
        // Bytes of a report that was not said to be complete: the daemon ended in between.
        let orphans = try store.contents().filter { start.records[$0]?.status != .completed }
        try store.deleteContents(of: orphans)
        state = Mutex(start)
    }

    private static func key(_ record: ReportRecord) -> String? {
        record.idempotencyKey.map { "\(record.createdBy)\n\($0)" }
    }

    // MARK: - For questions

    /// Why there is no new report.
    enum Refusal: Error {
        /// Too many wait.
        case busy
        /// The key was used for another report.
        case keyTaken
        case storage(StoreError)
    }

    /// Takes a report on, or gives back the one that the same key made before.
    func create(_ record: ReportRecord) throws(Refusal) -> JSONValue {
        try state.withLock { state throws(Refusal) in
            if let key = Self.key(record), let id = state.byKey[key],
                let earlier = state.records[id], earlier.status != .expired, !isPast(earlier)
            {
                // A caller limited to other bots now must not get what it may not see.
                guard earlier.asked == record.asked, earlier.bots == record.bots else {
                    throw .keyTaken
                }
                return Self.object(earlier, state)
            }
            guard state.queue.count < Limits.reportsWaitingMaximum else { throw .busy }
            do throws(StoreError) { try store.write([record]) } catch { throw .storage(error) }
            state.records[record.id] = record
            state.queue.append(record.id)
            if let key = Self.key(record) { state.byKey[key] = record.id }
            return Self.object(record, state)
        }
    }

    /// A report's record and object; nil where there is none, or none for this credential.
    func find(
        _ id: UUID128,
        limit: Set<UUID128>?
    ) -> (record: ReportRecord, object: JSONValue)? {
        state.withLock { state in
            guard var record = state.records[id], record.isVisible(to: limit) else { return nil }
            if isPast(record) { record.status = .expired }
            return (record, Self.object(record, state))
        }
    }

    /// All reports that a credential may see, but expired ones.
    func list(limit: Set<UUID128>?) -> [(record: ReportRecord, object: JSONValue)] {
        state.withLock { state in
            state.records.values.filter { record in
                record.status != .expired && !isPast(record) && record.isVisible(to: limit)
            }
            .map { ($0, Self.object($0, state)) }
        }
    }

    /// Deletes a report; one that is being made is given up.
    func delete(_ id: UUID128) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            try forget([id], &state)
        }
        try store.deleteContents(of: [id])
    }

    func file(of id: UUID128, _ range: Range<Int>) throws(StoreError) -> [UInt8]? {
        try store.file(of: id, range)
    }

    func data(of id: UUID128) throws(StoreError) -> [UInt8]? { try store.data(of: id) }

    private static func object(_ record: ReportRecord, _ state: borrowing State) -> JSONValue {
        .object(record.object(progress: state.progress[record.id] ?? 0))
    }

    private func forget(_ ids: [UUID128], _ state: inout State) throws(StoreError) {
        try store.write([], forgetting: ids)
        for id in ids {
            if let record = state.records.removeValue(forKey: id), let key = Self.key(record) {
                state.byKey[key] = nil
            }
            state.queue.removeAll { $0 == id }
            state.progress[id] = nil
        }
    }

    // MARK: - The ground

    /// Whether a thread waits for the present state.
    var wantsGround: Bool { state.withLock { $0.wantsGround } }

    /// Leaves the present state for the next report.
    func offer(_ ground: ReportGround) {
        state.withLock { state in
            state.ground = ground
            state.wantsGround = false
        }
    }

    /// The state left since the last call; where there is none it is asked for.
    func takeGround() -> ReportGround? {
        state.withLock { state in
            let ground = state.ground.take()
            if ground == nil { state.wantsGround = true }
            return ground
        }
    }

    // MARK: - For those who make them

    /// The next report to make, now running.
    func take() -> ReportRecord? {
        state.withLock { state in
            guard !state.queue.isEmpty else { return nil }
            let id = state.queue.removeFirst()
            state.records[id]?.status = .running
            return state.records[id]
        }
    }

    func setProgress(_ percent: Int, of id: UUID128) {
        state.withLock { $0.progress[id] = percent }
    }

    /// Puts a report back that cannot be made now: the daemon stops.
    func giveBack(_ id: UUID128) {
        state.withLock { state in
            state.records[id]?.status = .pending
            state.queue.insert(id, at: 0)
        }
    }

    /// Keeps a finished report, and makes room for it.
    func complete(_ done: ReportRecord, _ file: [UInt8], _ data: [UInt8]) throws(StoreError) {
        var done = done
        done.completedAt = clock.now
        try store.writeContent(file, data, of: done.id)
        let isWanted = try state.withLock { [done] state throws(StoreError) in
            // It may have been deleted meanwhile.
            guard state.records[done.id] != nil else { return false }
            try store.write([done])
            state.records[done.id] = done
            state.progress[done.id] = nil
            return true
        }
        if !isWanted { try store.deleteContents(of: [done.id]) }
        try expire()
    }

    /// Says why a report could not be made.
    func fail(_ id: UUID128, _ reason: String) throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            guard var record = state.records[id] else { return }
            record.status = .failed
            record.failure = reason
            record.completedAt = clock.now
            try store.write([record])
            state.records[id] = record
            state.progress[id] = nil
        }
    }

    /// Lets reports go: those past their time, then the oldest that the budget has no room for.
    func expire() throws(StoreError) {
        let expired = try state.withLock { state throws(StoreError) -> [UUID128] in
            let made = state.records.values.filter {
                $0.status == .completed || $0.status == .failed
            }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            var bytes = made.reduce(0) { $0 + $1.storedBytes }
            var expired: [ReportRecord] = []
            for record in made {
                let isTooMuch = bytes > budgetBytes && record.storedBytes > 0
                guard isPast(record) || isTooMuch else { continue }
                bytes -= record.storedBytes
                var record = record
                record.status = .expired
                record.sizeBytes = 0
                record.dataBytes = 0
                expired.append(record)
            }
            if !expired.isEmpty { try store.write(expired) }
            for record in expired { state.records[record.id] = record }
            try forgetOldest(&state)
            return expired.map(\.id)
        }
        try store.deleteContents(of: expired)
    }

    /// Whether a report that was made is older than reports are kept.
    private func isPast(_ record: ReportRecord) -> Bool {
        guard record.status == .completed || record.status == .failed else { return false }
        return retentionMilliseconds > 0 && clock.now - record.createdAt > retentionMilliseconds
    }

    /// Bounds the records: those that expired first are forgotten altogether.
    private func forgetOldest(_ state: inout State) throws(StoreError) {
        let excess = state.records.count - Limits.reportsKeptMaximum
        guard excess > 0 else { return }
        let expired = state.records.values.filter { $0.status == .expired }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        try forget(expired.prefix(excess).map(\.id), &state)
    }
}
