internal import CPlatform
internal import Core
internal import LMDB
internal import Store

/// Gives the room of pages that a burst left free back to the file system, and its memory to the
/// system, once it is over.
///
/// A large fold leaves as many free pages as it copied, the journal those of all commits that
/// waited for the fold: together half of the disk's use after a million messages (measured, B7).
/// As long as events come, the next fold needs them.
struct FreePageRelease {
    /// How long the store must have been quiet.
    private static let restMicroseconds: Int64 = 5_000_000
    /// A fold of fewer events is as good as none: what it leaves free is little.
    private static let quietEventsMaximum = 1_000
    /// Holes of a step; each takes some 20 µs, during which commits wait.
    private static let storeHoles = 1_000
    private static let journalHoles = 50

    private enum Step {
        case trimMemory
        case emptyJournal
        case journal(from: Int)
        case settleStore
        case store(from: Int)
    }

    private var step: Step?
    private var due: Int64

    /// Begins to wait: what an earlier process left is found as well.
    init(now: Int64) {
        due = now + Self.restMicroseconds
        step = .trimMemory
    }

    /// Notes that rows were written or deleted; what was begun waits for the next rest.
    ///
    /// - Parameters:
    ///   - events: How many events were folded.
    ///   - now: Now, by the monotonic clock.
    mutating func note(events: Int, now: Int64) {
        if events > Self.quietEventsMaximum { begin(now: now) }
    }

    /// Waits for a rest from now on.
    mutating func begin(now: Int64) {
        step = .trimMemory
        due = now + Self.restMicroseconds
    }

    /// Takes a step, if one is due.
    ///
    /// - Parameters:
    ///   - storage: What to work on.
    ///   - folded: Number of the last commit in the store.
    ///   - now: Now, by the monotonic clock.
    /// - Throws: ``StoreError``; nothing more is done until the next burst.
    mutating func proceed(
        _ storage: Storage,
        folded: UInt64,
        now: Int64
    ) throws(StoreError) {
        guard now >= due, let current = step else { return }
        step = nil
        step = try next(after: current, storage, folded)
    }

    private func next(
        after step: Step,
        _ storage: Storage,
        _ folded: UInt64
    ) throws(StoreError) -> Step? {
        let (journal, store) = (storage.journal, storage.store)
        switch step {
        case .trimMemory:
            // The allocator keeps what is freed until it is asked.
            malloc_trim(0)
            return .emptyJournal
        case .emptyJournal:
            if try journal.removeFolded(through: folded) { return step }
            try journal.settle()
            return .journal(from: 0)
        case .journal(let begin):
            let next = try release(journal.environment, storage, from: begin, Self.journalHoles)
            return next.map { .journal(from: $0) } ?? .settleStore
        case .settleStore:
            try store.settle()
            return .store(from: 0)
        case .store(let begin):
            let next = try release(store.environment, storage, from: begin, Self.storeHoles)
            return next.map { .store(from: $0) }
        }
    }

    private func release(
        _ environment: Environment,
        _ storage: Storage,
        from begin: Int,
        _ limit: Int
    ) throws(StoreError) -> Int? {
        do throws(LMDBError) {
            if storage.durability == .process { try environment.sync() }
            return try environment.releaseFreePages(from: begin, limit: limit)
        } catch {
            throw .lmdb(error)
        }
    }
}
