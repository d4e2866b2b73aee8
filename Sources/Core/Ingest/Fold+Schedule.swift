extension Fold {
    /// Makes sure that the schedule holds a session no later than it is due.
    ///
    /// The schedule is lazy: a session that is due later than its entry says stays where it is
    /// and moves when the entry comes up, so that a message costs no entry of its own.
    mutating func schedule(_ place: Int) {
        let wanted = dueSecond(of: live[place])
        let current = live[place].scheduledSecond
        if current == 0 ? wanted != 0 : (wanted == 0 || wanted < current) {
            setSchedule(of: place, to: wanted)
        }
        if isParkable(live[place]) { queueEviction(place) }
    }

    /// Whether a session waits for nothing, or for something so far away that its second alone
    /// is kept: a watched resolution is, for seven days.
    private func isParkable(_ session: LiveSession) -> Bool {
        let kept = position.now + Limits.realtimeKeepMilliseconds
        return session.scheduledSecond == 0
            || Int64(session.scheduledSecond) * Milliseconds.second > kept
    }

    /// Takes the entry that came up away and makes the next one.
    mutating func reschedule(_ place: Int) {
        setSchedule(of: place, to: dueSecond(of: live[place]))
        if isParkable(live[place]) { queueEviction(place) }
    }

    private func dueSecond(of session: LiveSession) -> UInt32 {
        LiveSession.dueSecond(
            nextChange: session.nextChangeSecond,
            lastTimestamp: session.lastTimestamp,
            now: position.now
        )
    }

    private mutating func setSchedule(of place: Int, to second: UInt32) {
        let current = live[place].scheduledSecond
        guard current != second else {
            // The same entry again: its timer has been taken out of the heap.
            if second != 0 { timers.insert(second: second, session: live[place].ordinal) }
            return
        }
        live[place].scheduledSecond = second
        if second != 0 { timers.insert(second: second, session: live[place].ordinal) }
        output.schedule.append(
            ChangeSet.ScheduleMove(
                session: live[place].ordinal,
                oldSecond: current,
                newSecond: second
            )
        )
    }

    mutating func queueEviction(_ place: Int) {
        guard !live[place].isEvictionQueued else { return }
        live[place].isEvictionQueued = true
        evictable.append(place)
    }

    /// Forgets what the store now contains.
    ///
    /// - Parameter commit: Number of the last commit folded into the store.
    /// - Complexity: O(what those commits changed).
    public mutating func trim(through commit: UInt64) {
        let folded = unfolded.prefix { $0.number <= commit }
        guard let last = folded.last else { return }
        for changes in folded {
            for user in changes.names.users { newUserIdentities[user.ordinal] = nil }
        }
        unfolded.removeFirst(folded.count)
        if firstMessages.count > Self.cachedFirstMessagesMaximum { forgetFirstMessages() }
        evict(foldedPosition: last.endPosition)
    }

    /// Keeps only first messages that the store does not have yet.
    private mutating func forgetFirstMessages() {
        firstMessages.removeAll()
        for changes in unfolded {
            for entry in changes.firstSeen {
                let key = FirstMessageTable.key(user: entry.user, scope: entry.bot)
                firstMessages.set(entry.first, for: key)
            }
        }
    }

    /// Drops live sessions that wait for nothing.
    private mutating func evict(foldedPosition: UInt64) {
        var kept: [Int] = []
        for place in evictable {
            let session = live[place]
            if !isParkable(session) {
                live[place].isEvictionQueued = false
            } else if session.tailHead > foldedPosition || session.isDirty {
                kept.append(place)
            } else {
                if session.hasIdentity {
                    let hash = SessionIndex.hash(session.identity, bot: session.bot)
                    sessions.remove(hash, place: place)
                }
                placeByOrdinal[session.ordinal] = nil
                if session.scheduledSecond != 0 {
                    parked[session.ordinal] = session.scheduledSecond
                }
                live[place].ordinal = .max
                freePlaces.append(place)
            }
        }
        evictable = kept
    }
}

extension Fold {
    /// Repeats a commit of the journal.
    ///
    /// - Parameters:
    ///   - number: The commit's number.
    ///   - dataVersion: The version it reached.
    ///   - events: The commit's events.
    ///   - names: The names it gave ordinals.
    ///   - now: The time it had followed.
    ///   - ground: The folded store, the same as when the commit was made or newer.
    /// - Returns: The same change set.
    public mutating func replay(
        number: UInt64,
        dataVersion: UInt64,
        events: [EventRecord],
        names: ChangeSet.Names,
        now: UnixMilliseconds,
        ground: any GroundReader
    ) -> ChangeSet {
        advance(to: now, ground: ground)
        adopt(names)
        for record in events {
            let place =
                placeByOrdinal[record.session]
                ?? load(record.session, bot: record.bot, identity: nil)
            noteUser(record.user, of: place)
            noteChannel(record.channel, of: record.bot)
            fold(record, kind: record.kind, at: place, ground)
        }
        settle(ground)
        return makeChangeSet(number: number, dataVersion: dataVersion)
    }

    /// Registers the names a commit gave ordinals.
    private mutating func adopt(_ names: ChangeSet.Names) {
        for bot in names.bots { register(bot: bot.identity) }
        for channel in names.channels {
            guard let token = ChannelToken(channel.name) else { continue }
            register(channel: channel.name, token: token)
        }
        for user in names.users {
            register(user: user.ordinal, identity: user.identity)
            position.nextUser = max(position.nextUser, user.ordinal + 1)
        }
        for session in names.sessions {
            let place = makeSession(
                session.ordinal,
                bot: session.bot,
                identity: session.identity
            )
            live[place].hasIdentity = true
            sessions.insert(
                SessionIndex.hash(session.identity, bot: session.bot),
                place: place
            )
            known.sessions.insert(
                MembershipFilter.hash(session.identity, bot: session.bot)
            )
            position.nextSession = max(position.nextSession, session.ordinal + 1)
        }
        output.names = names
    }
}
