extension RealtimeWindow {
    /// Ordinals of the bots with anything in the longest window, in no particular order.
    ///
    /// Some of them may have had something until a few minutes ago.
    public var activeBots: [UInt32] { liveBots }

    /// The figures of `realtime`.
    ///
    /// - Parameters:
    ///   - bots: Ordinals of the bots asked about; nil for all. Unknown ones count nothing.
    ///   - channel: Ordinal of the channel asked about; nil for all.
    ///   - windowMinutes: The window's length, 1…60.
    /// - Returns: The figures as of ``now``.
    /// - Complexity: O(seconds of the window) for all bots and for one; each further bot adds
    ///   the seconds it was active in. Users of several bots among several asked about are
    ///   looked through once.
    public func snapshot(
        bots: [UInt32]?,
        channel: UInt16?,
        windowMinutes: Int
    ) -> RealtimeSnapshot {
        precondition((1...60).contains(windowMinutes), "the parameter's check refuses others")
        let scope = Scope(self, bots: bots, channel: channel)
        let window = activity(scope, last(60 * UInt32(windowMinutes)))
        let fiveMinutes = activity(scope, last(300))
        let minute = messages(scope, last(60))
        let messages = messages(scope, last(300))
        let newest = scope.parts.reduce(Int64.min) { max($0, counts($1).newest) }
        return RealtimeSnapshot(
            now: now,
            windowMinutes: windowMinutes,
            activeSessions: window.sessions,
            activeSessions5m: fiveMinutes.sessions,
            activeUsers: window.users,
            activeUsers5m: fiveMinutes.users,
            incomingPerMinute: minute.first,
            outgoingPerMinute: minute.second,
            messagesLastFiveMinutes: messages.first + messages.second,
            series: series(scope, minutes: windowMinutes),
            newest: newest == .min ? nil : newest
        )
    }

    /// The figures of `realtime` for all bots or one.
    ///
    /// - Parameters:
    ///   - bot: Ordinal of the bot asked about; nil for all.
    ///   - channel: Ordinal of the channel asked about; nil for all.
    ///   - windowMinutes: The window's length, 1…60.
    /// - Returns: The figures as of ``now``.
    public func snapshot(
        bot: UInt32?,
        channel: UInt16?,
        windowMinutes: Int
    ) -> RealtimeSnapshot {
        snapshot(bots: bot.map { [$0] }, channel: channel, windowMinutes: windowMinutes)
    }

    /// The figures of `realtime.active`.
    ///
    /// - Parameters:
    ///   - bots: Ordinals of the bots asked about; nil for all.
    ///   - channel: Ordinal of the channel asked about; nil for all.
    ///   - windowMinutes: The window's length, 1…60.
    /// - Returns: The figures as of ``now``, without bots and channels that have none.
    /// - Complexity: O(*b* × seconds each was active in) for the *b* bots that were.
    public func active(
        bots: [UInt32]?,
        channel: UInt16?,
        windowMinutes: Int
    ) -> RealtimeActive {
        precondition((1...60).contains(windowMinutes), "the parameter's check refuses others")
        let range = last(60 * UInt32(windowMinutes))
        let asked = bots.map { Array(Set($0)) } ?? liveBots
        var answer = RealtimeActive(activeSessions: 0, bots: [], channels: [])
        for bot in asked.sorted() {
            let sessions = sessions(ofBot: bot, channel: channel, range)
            guard sessions > 0 else { continue }
            answer.bots.append(.init(ordinal: bot, activeSessions: sessions))
            answer.activeSessions += sessions
        }
        let sums = channelSessions(of: bots.map { _ in asked }, range)
        for (other, sessions) in sums.enumerated() where sessions > 0 {
            guard channel.map({ Int($0) == other }) ?? true else { continue }
            answer.channels.append(.init(ordinal: UInt16(other), activeSessions: sessions))
        }
        return answer
    }

    /// The figures of `realtime.active` for all bots or one.
    ///
    /// - Parameters:
    ///   - bot: Ordinal of the bot asked about; nil for all.
    ///   - channel: Ordinal of the channel asked about; nil for all.
    ///   - windowMinutes: The window's length, 1…60.
    /// - Returns: The figures as of ``now``, without bots and channels that have none.
    public func active(bot: UInt32?, channel: UInt16?, windowMinutes: Int) -> RealtimeActive {
        active(bots: bot.map { [$0] }, channel: channel, windowMinutes: windowMinutes)
    }
}

extension RealtimeWindow {
    /// Which counts add up to a filter's.
    private struct Scope {
        enum Part {
            case all
            case channel(Int)
            case cell(Int)
        }

        var parts: [Part] = []
        /// The bots whose surplus is to be taken off.
        var wholeBots: [Int] = []
        /// The bots asked about, where users may be on several of them.
        var severalBots: Set<UInt32> = []
        var channel: UInt16?

        init(_ window: RealtimeWindow, bots: [UInt32]?, channel: UInt16?) {
            self.channel = channel
            guard let bots else {
                if let channel {
                    if channel < window.channels.count { parts = [.channel(Int(channel))] }
                } else {
                    parts = [.all]
                }
                return
            }
            let known = bots.count == 1 ? [] : Set(bots)
            for bot in bots.count == 1 ? bots : Array(known) where bot < window.bots.count {
                if let channel {
                    let key = CellPlace(bot: bot, channel: channel)
                    if let found = window.cellPlaces.find(key) {
                        parts.append(.cell(Int(found.cell)))
                    }
                    continue
                }
                wholeBots.append(Int(bot))
                var cell = window.bots[Int(bot)].firstCell
                while cell != EventRecord.absent {
                    parts.append(.cell(Int(cell)))
                    cell = window.cells[Int(cell)].next
                }
            }
            if known.count > 1 { severalBots = known }
        }
    }

    private func counts(_ part: Scope.Part) -> ScopeCounts {
        switch part {
        case .all: total
        case .channel(let index): channels[index]
        case .cell(let index): cells[index].counts
        }
    }

    /// The active sessions of one bot, without the lists a scope makes: there may be many bots.
    private func sessions(ofBot bot: UInt32, channel: UInt16?, _ range: Range<UInt32>) -> Int {
        guard bot < bots.count else { return 0 }
        let state = bots[Int(bot)]
        var sum = channel == nil ? -state.surplus.sums(range).first : 0
        forEachCell(ofBot: bot) { cell in
            guard channel.map({ $0 == cell.channel }) ?? true else { return }
            sum += cell.counts.activity.sums(range).first
        }
        return sum
    }

    /// The active sessions of each channel, by its ordinal.
    private func channelSessions(of bots: [UInt32]?, _ range: Range<UInt32>) -> [Int] {
        guard let bots else { return channels.map { $0.activity.sums(range).first } }
        var sums = [Int](repeating: 0, count: channels.count)
        for bot in bots {
            forEachCell(ofBot: bot) { cell in
                sums[Int(cell.channel)] += cell.counts.activity.sums(range).first
            }
        }
        return sums
    }

    private func forEachCell(ofBot bot: UInt32, _ body: (BotChannel) -> Void) {
        guard bot < bots.count else { return }
        var cell = bots[Int(bot)].firstCell
        while cell != EventRecord.absent {
            body(cells[Int(cell)])
            cell = cells[Int(cell)].next
        }
    }

    /// The last seconds before now.
    private func last(_ seconds: UInt32) -> Range<UInt32> { nowSecond - seconds..<nowSecond }

    private func activity(_ scope: Scope, _ range: Range<UInt32>) -> (sessions: Int, users: Int) {
        var sessions = 0
        var users = 0
        for part in scope.parts {
            let sums = counts(part).activity.sums(range)
            sessions += sums.first
            users += sums.second
        }
        for bot in scope.wholeBots {
            let surplus = bots[bot].surplus.sums(range)
            sessions -= surplus.first
            users -= surplus.second
        }
        return (sessions, users - usersCountedAgain(scope, since: range.lowerBound))
    }

    /// How often users were counted for a second bot and for more.
    private func usersCountedAgain(_ scope: Scope, since start: UInt32) -> Int {
        guard !scope.severalBots.isEmpty else { return 0 }
        let channel = scope.channel ?? SeenUserScope.anyChannel
        var seen: Set<UInt32> = []
        var again = 0
        userScopes.forEach { entry in
            if entry.second >= start, entry.channel == channel,
                scope.severalBots.contains(entry.bot), !seen.insert(entry.user).inserted
            {
                again += 1
            }
        }
        return again
    }

    private func messages(_ scope: Scope, _ range: Range<UInt32>) -> (first: Int, second: Int) {
        var sums = (first: 0, second: 0)
        for part in scope.parts {
            let more = counts(part).recent.sums(range)
            sums = (sums.first + more.first, sums.second + more.second)
        }
        return sums
    }

    private func series(_ scope: Scope, minutes: Int) -> [RealtimeMinute] {
        let running = (nowSecond - 1) / 60
        var rows = (0..<UInt32(minutes)).reversed().map { index in
            RealtimeMinute(
                start: Int64(running - index) * Milliseconds.minute,
                messages: 0,
                isComplete: (running - index + 1) * 60 <= nowSecond
            )
        }
        for part in scope.parts {
            let counts = counts(part)
            let start = running + 1 - UInt32(minutes)
            counts.minutes.forEach(in: start..<running + 1) { entry in
                rows[Int(entry.key - start)].messages += Int(entry.first) + Int(entry.second)
            }
            // The running minute's row ends at now; what is ahead is in its count already.
            let ahead = counts.recent.sums(nowSecond..<(running + 1) * 60)
            rows[rows.count - 1].messages -= ahead.first + ahead.second
        }
        return rows
    }
}
