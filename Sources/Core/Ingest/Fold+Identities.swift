extension Fold {
    /// Users whose ordinals are kept in memory.
    ///
    /// Beyond it the table is emptied and refilled from the store as users come back: 262,144 × 24
    /// bytes ÷ load is about 10 MB.
    static let cachedUsersMaximum = 262_144

    /// First messages kept in memory, for the users who come again soonest.
    static let cachedFirstMessagesMaximum = 400_000

    mutating func channelOrdinal(of token: ChannelToken) throws(Refusal) -> UInt16 {
        if let ordinal = channelOrdinals.find(token) { return ordinal }
        guard channels.count < Limits.channelsMaximum else { throw .tooManyChannels }
        let ordinal = UInt16(channels.count)
        register(channel: token.text, token: token)
        output.names.channels.append((ordinal, token.text))
        return ordinal
    }

    mutating func register(channel name: String, token: ChannelToken) {
        channelOrdinals.set(UInt16(channels.count), for: token)
        channels.append(name)
    }

    mutating func botOrdinal(of identity: UUID128) throws(Refusal) -> UInt32 {
        if let ordinal = botTable[identity] { return ordinal }
        guard bots.count < Limits.botsMaximum else { throw .tooManyBots }
        let ordinal = UInt32(bots.count)
        register(bot: identity)
        output.names.bots.append((ordinal, identity))
        return ordinal
    }

    mutating func register(bot identity: UUID128) {
        botTable[identity] = UInt32(bots.count)
        bots.append(BotRecord(identity: identity))
    }

    /// The place of the live session, loaded or made when it is not live.
    mutating func sessionPlace(
        of identity: UUID128,
        bot: UInt32,
        _ ground: any GroundReader
    ) -> Int {
        let fullHash = MembershipFilter.hash(identity, bot: bot)
        let hash = SessionIndex.hash(fullHash)
        if let place = sessions.find(hash, where: { live[$0].has(identity, bot: bot) }) {
            noteReturn(of: place)
            return place
        }
        let place: Int
        if known.sessions.mayContain(fullHash), let ordinal = ground.session(identity, bot: bot) {
            // Live already when it came back through the schedule, by ordinal only.
            place = placeByOrdinal[ordinal] ?? load(ordinal, bot: bot, identity: identity)
            live[place].identity = identity
            noteReturn(of: place)
        } else {
            let ordinal = position.nextSession
            position.nextSession += 1
            place = makeSession(ordinal, bot: bot, identity: identity)
            known.sessions.insert(fullHash)
            output.names.sessions.append(
                ChangeSet.NewSession(bot: bot, identity: identity, ordinal: ordinal)
            )
        }
        live[place].identity = identity
        live[place].hasIdentity = true
        sessions.insert(hash, place: place)
        return place
    }

    /// Notes a session that was silent for so long that pruning may take its row just now.
    private mutating func noteReturn(of place: Int) {
        guard prunesConversations else { return }
        let session = live[place]
        let isRecent =
            session.lastTimestamp != .min
            && session.lastTimestamp > position.now - Milliseconds.hour
        if isRecent { return }
        output.names.returning.append(
            ChangeSet.NewSession(
                bot: session.bot,
                identity: session.identity,
                ordinal: session.ordinal
            )
        )
    }

    /// Makes a session that has no event yet; its first message takes the short way.
    mutating func makeSession(_ ordinal: UInt32, bot: UInt32, identity: UUID128) -> Int {
        let place = takePlace(LiveSession(ordinal: ordinal, bot: bot, identity: identity))
        live[place].mode = .appending
        return place
    }

    /// Brings a stored session back; it is evaluated at its next change.
    mutating func load(_ ordinal: UInt32, bot: UInt32, identity: UUID128?) -> Int {
        var session = LiveSession(ordinal: ordinal, bot: bot, identity: identity)
        session.scheduledSecond = parked.removeValue(forKey: ordinal) ?? 0
        session.nextChangeSecond = 0
        return takePlace(session)
    }

    private mutating func takePlace(_ session: LiveSession) -> Int {
        let place: Int
        if let free = freePlaces.popLast() {
            live[free] = session
            place = free
        } else {
            // By a quarter: doubling would leave up to half of the memory unused.
            if live.count == live.capacity { live.reserveCapacity(live.count * 5 / 4 + 1_024) }
            live.append(session)
            place = live.count - 1
        }
        placeByOrdinal[session.ordinal] = place
        return place
    }

    mutating func userOrdinal(
        _ identity: UUID128,
        at place: Int,
        _ ground: any GroundReader
    ) -> UInt32 {
        if live[place].hasUserIdentity, live[place].userIdentity == identity {
            return live[place].user
        }
        let ordinal = lookUpUser(identity, ground)
        // Whatever was known of the former user's activity does not hold for this one.
        if live[place].user != ordinal { live[place].user = EventRecord.absent }
        live[place].userIdentity = identity
        live[place].hasUserIdentity = true
        return ordinal
    }

    private mutating func lookUpUser(_ identity: UUID128, _ ground: any GroundReader) -> UInt32 {
        if let ordinal = users[identity] { return ordinal }
        // Those that cannot be forgotten yet are on top: each time makes room for as many.
        if users.count >= Self.cachedUsersMaximum + newUserIdentities.count { forgetFoldedUsers() }
        if let ordinal = ground.user(identity) {
            users[identity] = ordinal
            return ordinal
        }
        let ordinal = position.nextUser
        position.nextUser += 1
        register(user: ordinal, identity: identity)
        output.names.users.append((ordinal, identity))
        return ordinal
    }

    mutating func register(user ordinal: UInt32, identity: UUID128) {
        users[identity] = ordinal
        newUserIdentities[ordinal] = identity
    }

    /// Keeps only the users that the store does not know yet.
    private mutating func forgetFoldedUsers() {
        users.removeAll()
        for (ordinal, identity) in newUserIdentities { users[identity] = ordinal }
    }

    /// Notes that a user took part in a session, for the index from users to sessions.
    mutating func noteUser(_ user: UInt32, of place: Int) {
        guard user != EventRecord.absent, live[place].user != user else { return }
        live[place].user = user
        live[place].setActive(in: nil)
        live[place].firstSeenFloor = .max
        output.userSessions.append((user, live[place].ordinal))
    }

    /// Notes a bot's use of a channel, so that its rows can be found channel by channel.
    mutating func noteChannel(_ channel: UInt16, of bot: UInt32) {
        guard !bots[Int(bot)].channels.contains(channel) else { return }
        bots[Int(bot)].channels.append(channel)
        output.botChannels.append((bot, channel))
    }

    /// Follows a message that may be a user's first, to the bot or to all bots.
    mutating func noteFirstMessage(
        _ message: FirstMessage,
        of user: UInt32,
        to bot: UInt32,
        at place: Int,
        _ ground: any GroundReader
    ) {
        var floor: UInt64 = 0
        for scope in [bot, SlotKey.allBots] {
            let id = FirstMessageTable.key(user: user, scope: scope)
            let first = firstMessage(of: user, to: scope, id: id, ground)
            guard first.map({ message < $0 }) ?? true else {
                floor = max(floor, first?.word ?? 0)
                continue
            }
            if let first { moveNewcomer(user, scope, first, isAdded: false) }
            moveNewcomer(user, scope, message, isAdded: true)
            firstMessages.set(message, for: id)
            output.firstSeen.append(ChangeSet.FirstSeen(bot: scope, user: user, first: message))
            floor = max(floor, message.word)
        }
        live[place].firstSeenFloor = floor
    }

    private mutating func firstMessage(
        of user: UInt32,
        to scope: UInt32,
        id: UInt64,
        _ ground: any GroundReader
    ) -> FirstMessage? {
        if let first = firstMessages[id] { return first }
        let hash = MembershipFilter.hash(user: user, bot: scope)
        guard known.firstMessages.mayContain(hash) else {
            known.firstMessages.insert(hash)
            return nil
        }
        let first = ground.firstMessage(of: user, to: scope)
        if let first { firstMessages.set(first, for: id) }
        return first
    }

    private mutating func moveNewcomer(
        _ user: UInt32,
        _ scope: UInt32,
        _ message: FirstMessage,
        isAdded: Bool
    ) {
        let key = SlotKey(bot: scope, channel: message.channel, quarter: message.quarter)
        output.newcomers.append(ChangeSet.NewcomerMove(key: key, user: user, isAdded: isAdded))
    }
}

extension Fold {
    /// Names for the order of messages, out of memory or the store.
    struct Names: Directory {
        var channels: [String]
        var newUsers: [UInt32: UUID128]
        var ground: any GroundReader

        func channelName(_ ordinal: UInt16) -> String { channels[Int(ordinal)] }

        func userIdentity(_ ordinal: UInt32) -> UUID128 {
            newUsers[ordinal] ?? ground.userIdentity(ordinal) ?? .zero
        }
    }

    func names(_ ground: any GroundReader) -> Names {
        Names(channels: channels, newUsers: newUserIdentities, ground: ground)
    }
}
