internal import CPlatform
internal import Core
internal import LMDB
internal import Store
internal import ZeroMQ
internal import OperatorLog

/// Adds commits to the store, on one thread, so that the journal and memory stay small.
///
/// It takes all that waits at once: under load a fold holds more commits, and a row that many of
/// them touch is written once.
struct FlushLoop: ~Copyable {
    /// How long a commit waits for others that touch the same rows.
    private static let restMilliseconds: Int64 = 1_000
    /// A fold begins at once when so many events wait.
    private static let eventsWanted = 200_000
    /// The most one fold takes, which bounds the pages of one transaction.
    private static let eventsMaximum = 500_000
    /// A fold of so many events frees enough pages for a commit of its own.
    private static let settledEvents = 50_000
    /// How often it looks.
    private static let tick = Duration.milliseconds(50)
    /// What a clean stop still folds; more is left to the journal, so that it ends in time.
    private static let stopEventsMaximum = 400_000

    private let storage: Storage
    private let feed: CommitFeed
    private let log: Log
    private let control: Socket
    private var pruning = PruningProgress()
    private var nextPruning: UnixMilliseconds = 0
    private var freePages = FreePageRelease(now: MonotonicClock.microseconds)

    init(storage: Storage, feed: CommitFeed, log: Log, control: consuming Socket) {
        self.storage = storage
        self.feed = feed
        self.log = log
        self.control = control
    }

    /// Runs until the control socket says stop.
    mutating func run() throws(ZeroMQError) {
        // Whoever waits for an ACK or an answer goes first; the store may be some seconds behind.
        botstats_lower_priority(5)
        var lastFold = MonotonicClock.microseconds
        var lastSync = lastFold
        while true {
            let waiting = feed.waitingForStore
            let pause = waiting > Self.eventsWanted && !feed.isStoreFailing ? .zero : Self.tick
            if try !Poller.poll(control, timeout: pause).isEmpty { break }
            let now = MonotonicClock.microseconds
            let isDue = now - lastFold >= Self.restMilliseconds * 1_000
            if feed.waitingForStore > (isDue ? 0 : Self.eventsWanted) {
                fold()
                lastFold = MonotonicClock.microseconds
            }
            prune()
            releaseFreePages()
            if now - lastSync >= 1_000_000 {
                sync()
                lastSync = now
            }
        }
        if feed.waitingForStore <= Self.stopEventsMaximum { fold() }
        sync()
    }

    private mutating func fold() {
        let changes = feed.waiting(limit: Self.eventsMaximum)
        guard let last = changes.last else { return }
        do throws(StoreError) {
            try storage.store.fold(changes)
            feed.removeFolded(through: last.number)
            let events = Int(last.endPosition - changes[0].firstPosition)
            freePages.note(events: events, now: MonotonicClock.microseconds)
            // Else the next fold could not use the pages that this one freed. Where it fails the
            // file grows.
            if events > Self.settledEvents { try? storage.store.settle() }
            if feed.isStoreFailing { log.notice("The store takes commits again.") }
            feed.isStoreFailing = false
        } catch {
            // Nothing is lost: the journal has the commits, and they are tried again.
            if !feed.isStoreFailing {
                log.error("Commits cannot be added to the store: \(error)")
            }
            feed.isStoreFailing = true
        }
    }

    /// Deletes a slice of what is no longer kept; a round a minute.
    private mutating func prune() {
        guard storage.store.retention != Retention(), !feed.isStoreFailing else { return }
        let now = feed.now
        guard now >= nextPruning else { return }
        do throws(StoreError) {
            // By the store's own time: what is on its way to it may be of a session that would go.
            let folded = try storage.store.position().now
            let isRoundOver = try storage.store.prune(&pruning, now: folded)
            if isRoundOver { nextPruning = now + Milliseconds.minute }
            if isRoundOver { freePages.begin(now: MonotonicClock.microseconds) }
        } catch {
            log.error("What is no longer kept cannot be deleted: \(error)")
            nextPruning = now + Milliseconds.minute
        }
    }

    private mutating func releaseFreePages() {
        do throws(StoreError) {
            try freePages.proceed(
                storage,
                folded: feed.folded,
                now: MonotonicClock.microseconds
            )
        } catch {
            log.notice("Free pages stay in the files: \(error)")
        }
    }

    /// With durability `process` commits do not wait for the disk; the last second may be lost with
    /// the machine.
    ///
    /// With `power` everything is on the disk already.
    private func sync() {
        guard storage.durability == .process else { return }
        try? storage.journal.environment.sync()
        try? storage.store.environment.sync()
    }
}
