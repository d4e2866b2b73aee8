internal import Core
internal import Store
internal import Synchronization

/// Where a commit becomes visible: ingest puts it in, queries and the store take it out.
///
/// Putting it in is the moment between the durable commit and the ACK, so that every query asked
/// after an ACK sees its events.
final class CommitFeed: Sendable {
    private struct State {
        var forQueries: [ChangeSet] = []
        var forStore: [ChangeSet] = []
        var now: UnixMilliseconds
        var lastCommit: UnixMilliseconds?
    }

    /// What queries take.
    struct Delivery {
        /// Commits that were not delivered before, oldest first.
        var changes: [ChangeSet]
        /// The time up to which they have followed the clock.
        var now: UnixMilliseconds
        /// When the last commit with events was made.
        var lastCommit: UnixMilliseconds?
    }

    private let state: Mutex<State>
    private let foldedNumber: Atomic<UInt64>
    private let foldFails = Atomic(false)

    /// - Parameters:
    ///   - now: The time the state at the start has followed.
    ///   - folded: Number of the last commit in the store.
    ///   - tail: Commits the store does not contain.
    ///   - lastCommit: When events were last committed.
    init(now: UnixMilliseconds, folded: UInt64, tail: [ChangeSet], lastCommit: UnixMilliseconds?) {
        state = Mutex(
            State(forQueries: tail, forStore: tail, now: now, lastCommit: lastCommit)
        )
        foldedNumber = Atomic(folded)
    }

    /// Makes a commit visible, and the time followed.
    func publish(_ changes: ChangeSet?, now: UnixMilliseconds, at instant: UnixMilliseconds) {
        state.withLock { state in
            if let changes {
                state.forQueries.append(changes)
                state.forStore.append(changes)
                if !changes.events.isEmpty { state.lastCommit = instant }
            }
            state.now = now
        }
    }

    func takeForQueries() -> Delivery {
        state.withLock { state in
            let delivery = Delivery(
                changes: state.forQueries,
                now: state.now,
                lastCommit: state.lastCommit
            )
            state.forQueries = []
            return delivery
        }
    }

    /// The time followed.
    var now: UnixMilliseconds { state.withLock { $0.now } }

    /// How many events wait for the store.
    var waitingForStore: Int {
        state.withLock { state in
            guard let first = state.forStore.first, let last = state.forStore.last else { return 0 }
            return Int(last.endPosition - first.firstPosition) + state.forStore.count
        }
    }

    /// The commits that wait for the store, oldest first; they stay until ``removeFolded(through:)``.
    func waiting(limit: Int) -> [ChangeSet] {
        state.withLock { state in
            var events = 0
            let end =
                state.forStore.firstIndex { changes in
                    events += changes.events.count
                    return events > limit
                } ?? state.forStore.endIndex
            return Array(state.forStore[..<max(end, min(1, state.forStore.count))])
        }
    }

    /// Tells that the store contains commits.
    func removeFolded(through number: UInt64) {
        state.withLock { state in
            state.forStore.removeFirst(state.forStore.prefix { $0.number <= number }.count)
        }
        foldedNumber.store(number, ordering: .releasing)
    }

    /// Number of the last commit in the store.
    var folded: UInt64 { foldedNumber.load(ordering: .acquiring) }

    /// Whether the store refused commits when it was last tried.
    var isStoreFailing: Bool {
        get { foldFails.load(ordering: .relaxed) }
        set { foldFails.store(newValue, ordering: .relaxed) }
    }
}
