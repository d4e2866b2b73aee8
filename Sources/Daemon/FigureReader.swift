internal import Core
internal import JSON
internal import Store

/// Computes the answers of figures' methods from one snapshot of the store and the commits it does
/// not contain.
///
/// Questions and reports are answered here alike, each on a thread and with a snapshot of its own.
struct FigureReader {
    let storage: Storage
    /// Renewed by its owner, who has given it its tail and its cutoffs.
    let snapshot: StoreSnapshot
    let names: AnswerNames
    let now: UnixMilliseconds
    let dataVersion: UInt64
    let lastCommit: UnixMilliseconds?

    /// Answers a query about a range of time.
    ///
    /// - Parameter plan: The query.
    /// - Returns: The result object, `meta` included.
    /// - Throws: ``StoreError`` when the store cannot be read.
    func answer(_ plan: QueryPlan) throws(StoreError) -> JSONValue {
        let cutoffs = snapshot.cutoffs
        defer { snapshot.cutoffs = cutoffs }
        if let reach = reach(plan) { snapshot.cutoffs = reach.cutoffs }
        let figures: JSONValue
        if let identity = plan.user {
            figures = AnswerBuilder(plan: plan, source: share(of: identity), names: names).answer()
        } else {
            figures = AnswerBuilder(plan: plan, source: snapshot, names: names).answer()
        }
        if let failure = snapshot.failure { throw failure }
        return complete(figures, plan)
    }

    /// Adds `meta` to an answer's figures.
    func complete(_ figures: JSONValue, _ plan: QueryPlan) -> JSONValue {
        figures.withMeta(plan.meta(stamp(plan)))
    }

    /// What `meta` says of the data.
    func stamp(_ plan: QueryPlan) -> AnswerStamp {
        AnswerStamp(
            dataAsOf: lastCommit,
            dataVersion: dataVersion,
            retainedFrom: reach(plan)?.retainedFrom
        )
    }

    /// How far back a query can be answered; nil where everything is kept.
    private func reach(_ plan: QueryPlan) -> QueryReach? {
        let store = storage.store
        guard store.retention != Retention() else { return nil }
        return QueryReach(of: plan, cutoffs: store.cutoffs(now: now), days: store.days)
    }

    // MARK: - One user

    private func share(of identity: UUID128) -> UserShare {
        var histories: [[EventRecord]] = []
        let user = snapshot.user(identity) ?? newUser(identity)
        if let user { histories = sessions(of: user) }
        return UserShare(
            user: user ?? EventRecord.absent,
            sessions: histories,
            names: names,
            directory: QueryDirectory(channels: names.channels, snapshot: snapshot),
            timeoutMilliseconds: storage.store.settings.timeoutMilliseconds,
            now: now
        )
    }

    private func newUser(_ identity: UUID128) -> UInt32? {
        for changes in snapshot.unfolded {
            if let user = changes.names.users.first(where: { $0.identity == identity }) {
                return user.ordinal
            }
        }
        return nil
    }

    /// All events of each session the user took part in: folded ones, then those of the tail.
    private func sessions(of user: UInt32) -> [[EventRecord]] {
        var ordinals = Set(snapshot.sessions(ofUser: user))
        for changes in snapshot.unfolded {
            for pair in changes.userSessions where pair.user == user {
                ordinals.insert(pair.session)
            }
        }
        var events: [UInt32: [EventRecord]] = [:]
        for ordinal in ordinals {
            var timeline: [EventRecord] = []
            _ = snapshot.readTimeline(of: ordinal) { timeline.append($0) }
            events[ordinal] = timeline
        }
        for changes in snapshot.unfolded {
            for event in changes.events where ordinals.contains(event.session) {
                events[event.session]?.append(event)
            }
        }
        return Array(events.values)
    }
}

/// Names for the order of messages in one user's sessions.
private struct QueryDirectory: Directory {
    let channels: [String]
    let snapshot: StoreSnapshot

    func channelName(_ ordinal: UInt16) -> String { channels[Int(ordinal)] }

    func userIdentity(_ ordinal: UInt32) -> UUID128 {
        if let identity = snapshot.userIdentity(ordinal) { return identity }
        for changes in snapshot.unfolded {
            if let user = changes.names.users.first(where: { $0.ordinal == ordinal }) {
                return user.identity
            }
        }
        return .zero
    }
}

extension Store {
    /// Where figures begin at a moment.
    func cutoffs(now: UnixMilliseconds) -> Cutoffs { retention.cutoffs(now: now, days: days) }
}
