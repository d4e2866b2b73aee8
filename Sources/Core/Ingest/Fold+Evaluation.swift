extension Fold {
    /// Follows time to a later second: closes conversations and matures resolutions that are due.
    ///
    /// Runs before the events of a commit, so that every session's standing contribution is its
    /// evaluation at ``Position/now``.
    ///
    /// - Parameters:
    ///   - now: The end of the running UTC second; earlier than before is ignored.
    ///   - ground: The folded store.
    /// - Complexity: O(sessions due).
    public mutating func advance(to now: UnixMilliseconds, ground: any GroundReader) {
        let before = position.now
        guard now > before else { return }
        position.now = now
        let second = UInt32(clamping: now / Milliseconds.second)
        while let earliest = timers.earliestSecond, earliest <= second {
            guard let due = timers.popEarliest() else { return }
            guard let place = scheduledPlace(due.session, second: due.second, ground) else {
                continue
            }
            if live[place].nextChangeSecond <= second {
                evaluate(place, ground, before: before, now: now)
            }
            reschedule(place)
        }
    }

    /// The live place of a session that the schedule names, or nil when the entry is outdated.
    private mutating func scheduledPlace(
        _ ordinal: UInt32,
        second: UInt32,
        _ ground: any GroundReader
    ) -> Int? {
        if let place = placeByOrdinal[ordinal] {
            return live[place].scheduledSecond == second ? place : nil
        }
        guard parked[ordinal] == second else { return nil }
        guard let bot = ground.readTimeline(of: ordinal, { _ in }) else { return nil }
        return load(ordinal, bot: bot, identity: nil)
    }

    /// Replaces a session's contribution at one instant by that at a later one.
    private mutating func evaluate(
        _ place: Int,
        _ ground: any GroundReader,
        before: UnixMilliseconds,
        now: UnixMilliseconds
    ) {
        readHistory(of: place, until: .max, ground)
        let names = names(ground)
        oldHistory.sort(with: names)
        let bot = live[place].bot
        let firstOutcome = bots[Int(bot)].firstOutcome
        contribute(oldHistory, bot: bot, sign: -1, firstOutcome: firstOutcome, now: before)
        let outcome = contribute(
            oldHistory,
            bot: bot,
            sign: 1,
            firstOutcome: firstOutcome,
            now: now
        )
        adopt(outcome, oldHistory, at: place)
    }

    /// Evaluates every session the commit changed in a way the short path does not cover.
    mutating func settleDirtySessions(_ ground: any GroundReader) {
        guard !dirty.isEmpty else { return }
        let names = names(ground)
        for (place, from) in dirty {
            let bot = live[place].bot
            let firstOutcome = bots[Int(bot)].firstOutcome
            let later = readHistory(of: place, until: from, ground)
            oldHistory.sort(with: names)
            contribute(
                oldHistory,
                bot: bot,
                sign: -1,
                firstOutcome: earlierOutcomes[bot] ?? firstOutcome,
                now: position.now
            )
            for record in later { oldHistory.append(record) }
            oldHistory.sort(with: names)
            let outcome = contribute(
                oldHistory,
                bot: bot,
                sign: 1,
                firstOutcome: firstOutcome,
                now: position.now
            )
            adopt(outcome, oldHistory, at: place)
            schedule(place)
        }
    }

    /// Evaluates the other sessions of bots whose first outcome moved to an earlier time.
    mutating func settleOutcomes(_ ground: any GroundReader) {
        defer { dirty.removeAll(keepingCapacity: true) }
        for session in dirty { live[session.place].isDirty = false }
        guard !earlierOutcomes.isEmpty else { return }
        let settled = Set(dirty.map(\.place))
        let names = names(ground)
        for (bot, before) in earlierOutcomes.sorted(by: { $0.key < $1.key }) {
            let after = bots[Int(bot)].firstOutcome
            output.firstOutcomes.append((bot, after))
            for ordinal in allSessions(of: bot, ground) {
                let place = placeByOrdinal[ordinal]
                if let place, settled.contains(place) { continue }
                readHistory(ordinal, head: place.map { live[$0].tailHead } ?? 0, ground)
                oldHistory.sort(with: names)
                let now = position.now
                contribute(oldHistory, bot: bot, sign: -1, firstOutcome: before, now: now)
                contribute(oldHistory, bot: bot, sign: 1, firstOutcome: after, now: now)
            }
        }
        earlierOutcomes.removeAll()
    }

    private func allSessions(of bot: UInt32, _ ground: any GroundReader) -> Set<UInt32> {
        var all = Set(ground.sessions(of: bot))
        for changes in unfolded {
            for session in changes.names.sessions where session.bot == bot {
                all.insert(session.ordinal)
            }
        }
        for session in output.names.sessions where session.bot == bot {
            all.insert(session.ordinal)
        }
        return all
    }

    @discardableResult
    private mutating func contribute(
        _ history: SessionHistory,
        bot: UInt32,
        sign: Int64,
        firstOutcome: UnixMilliseconds,
        now: UnixMilliseconds
    ) -> EvaluationOutcome {
        let context = EvaluationContext(
            timeoutMilliseconds: timeoutMilliseconds,
            firstOutcome: firstOutcome,
            now: now
        )
        output.contributingBot = bot
        output.contributingSign = sign
        return ConversationEvaluation.run(history, context: context, into: &output)
    }

    /// Sets what the short path needs from a fresh evaluation.
    private mutating func adopt(
        _ outcome: EvaluationOutcome,
        _ history: SessionHistory,
        at place: Int
    ) {
        live[place].nextChangeSecond =
            outcome.nextChangeSecond.map { UInt32(clamping: $0) } ?? LiveSession.never
        live[place].lastTimestamp = history.latestTimestamp
        live[place].mode = .evaluating
        guard outcome.latestIsOpen, history.events.isEmpty,
            let first = history.messages[outcome.latestConversation].first,
            let last = history.messages.last,
            // Messages ahead of the clock can leave an earlier conversation open beside the latest:
            // the short path follows one closing only.
            live[place].nextChangeSecond
                == Self.closingSecond(last.timestamp + timeoutMilliseconds)
        else { return }
        live[place].mode = .appending
        live[place].lastTimestamp = last.timestamp
        live[place].conversationSlot = SlotKey(
            bot: live[place].bot,
            channel: first.channel,
            quarter: Quarters.containing(first.timestamp)
        )
        let incoming = history.messages[outcome.latestConversation]
            .lazy.filter { !$0.isOutgoing }.prefix(2).count
        live[place].incoming = UInt8(incoming)
    }

    // MARK: - Reading a session

    /// Reads a session's events before a position into ``oldHistory``; returns the later ones.
    @discardableResult
    private mutating func readHistory(
        of place: Int,
        until limit: UInt64,
        _ ground: any GroundReader
    ) -> [EventRecord] {
        readHistory(live[place].ordinal, head: live[place].tailHead, until: limit, ground)
    }

    @discardableResult
    private mutating func readHistory(
        _ ordinal: UInt32,
        head: UInt64,
        until limit: UInt64 = .max,
        _ ground: any GroundReader
    ) -> [EventRecord] {
        var history = oldHistory
        oldHistory = SessionHistory()
        history.removeAll()
        _ = ground.readTimeline(of: ordinal) { history.append($0) }
        var later: [EventRecord] = []
        var next = head
        while next > ground.foldedPosition {
            let record = unfoldedRecord(at: next - 1)
            if next - 1 < limit { history.append(record) } else { later.append(record) }
            if record.previousDistance == 0 { break }
            next -= UInt64(record.previousDistance)
        }
        oldHistory = history
        return later
    }

    /// The record at a position that the store does not contain yet.
    private func unfoldedRecord(at target: UInt64) -> EventRecord {
        if target >= position.events { return output.events[Int(target - position.events)] }
        var low = 0
        var high = unfolded.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if unfolded[middle].firstPosition <= target { low = middle } else { high = middle }
        }
        return unfolded[low].events[Int(target - unfolded[low].firstPosition)]
    }
}

extension FoldOutput: ContributionSink {
    mutating func add(
        _ amount: Int64,
        to field: Counters.Field,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        let key = SlotKey(
            bot: contributingBot,
            channel: channel,
            quarter: Quarters.containing(instant)
        )
        slots.add(contributingSign * amount, to: field, at: key)
    }

    mutating func measure(
        _ milliseconds: Int64,
        as kind: DurationKind,
        at instant: UnixMilliseconds,
        channel: UInt16,
        user: UInt32
    ) {
        let key = SlotKey(
            bot: contributingBot,
            channel: channel,
            quarter: Quarters.containing(instant)
        )
        measurements[MeasurementKey(key: key, kind: kind), default: Distribution(kind)]
            .add(milliseconds, count: contributingSign)
    }
}
