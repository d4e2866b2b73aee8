/// Folds accepted events into conversations and conversations into rollup changes.
///
/// A pure state machine: events and time go in, a ``ChangeSet`` comes out at the end of each
/// commit, and what is not in memory is asked of a ``GroundReader``. The daemon runs it on one
/// thread; a restart runs the journal through the same code.
///
/// Invariant, at the end of every commit: the sum of all change sets equals the message counters
/// plus, over all sessions, ``ConversationEvaluation`` at ``now``.
public struct Fold: Sendable {
    /// Why an event cannot be given ordinals.
    public enum Refusal: Error, Sendable {
        /// ``Limits/botsMaximum`` bots are known.
        case tooManyBots
        /// ``Limits/channelsMaximum`` channels are known.
        case tooManyChannels
    }

    /// The numbers the next commit continues from.
    public struct Position: Sendable {
        /// Number of the last commit.
        public var commit: UInt64 = 0
        /// Version of the last commit that changed an answer.
        public var dataVersion: UInt64 = 0
        /// Events accepted so far.
        public var events: UInt64 = 0
        /// The end of the second up to which time has been followed.
        public var now: UnixMilliseconds = Limits.earliestMilliseconds
        /// The next user's ordinal.
        public var nextUser: UInt32 = 0
        /// The next session's ordinal.
        public var nextSession: UInt32 = 0

        /// The position of an empty store.
        public init() {}
    }

    /// The session timeout.
    public let timeoutMilliseconds: Int64
    /// Whether conversations are kept for a limited time only.
    public var prunesConversations = false
    /// Where the last commit ended.
    public internal(set) var position: Position
    /// All bots, by ordinal.
    public internal(set) var bots: [BotRecord]
    /// All channels, by ordinal.
    public internal(set) var channels: [String]
    /// Change sets not yet folded into the store, oldest first.
    public internal(set) var unfolded: [ChangeSet] = []
    /// Events in ``unfolded`` and the running commit.
    public var unfoldedEventCount: Int {
        Int(position.events - (unfolded.first?.firstPosition ?? position.events))
            + output.events.count
    }

    var output = FoldOutput()
    var botTable = UUIDTable()
    var channelOrdinals = ChannelOrdinals()
    var users = UUIDTable()
    var newUserIdentities: [UInt32: UUID128] = [:]
    var firstMessages = FirstMessageTable()
    var known: KnownKeys
    var warmth = Warmth()
    var sessions = SessionIndex()
    var live: [LiveSession] = []
    var freePlaces: [Int] = []
    var placeByOrdinal = OrdinalTable()
    /// Sessions in the schedule that are not live, with their second.
    var parked: [UInt32: UInt32] = [:]
    var evictable: [Int] = []
    var timers = TimerHeap()
    /// Sessions to be evaluated at the end of the commit, and the first event not contributed.
    var dirty: [(place: Int, from: UInt64)] = []
    /// Bots whose first outcome moved in this commit, with the instant before.
    var earlierOutcomes: [UInt32: UnixMilliseconds] = [:]
    var oldHistory = SessionHistory()

    /// Starts from the state of a folded store.
    ///
    /// - Parameters:
    ///   - timeoutMilliseconds: The session timeout the store was built with.
    ///   - position: The store's position.
    ///   - bots: The store's bots, by ordinal.
    ///   - channels: The store's channels, by ordinal.
    ///   - schedule: The store's schedule: a second and a session each.
    ///   - known: The store's sessions and first messages.
    public init(
        timeoutMilliseconds: Int64,
        position: Position,
        bots: [BotRecord],
        channels: [String],
        schedule: [(second: UInt32, session: UInt32)],
        known: KnownKeys
    ) {
        self.known = known
        self.timeoutMilliseconds = timeoutMilliseconds
        self.position = position
        self.bots = bots
        self.channels = channels
        for (ordinal, bot) in bots.enumerated() { botTable[bot.identity] = UInt32(ordinal) }
        for (ordinal, name) in channels.enumerated() {
            guard let token = ChannelToken(name) else {
                preconditionFailure("a stored channel is a token: it was checked when it came in")
            }
            channelOrdinals.set(UInt16(ordinal), for: token)
        }
        parked.reserveCapacity(schedule.count)
        for (second, session) in schedule {
            parked[session] = second
            timers.insert(second: second, session: session)
        }
    }

    /// Whether the running commit has changed anything.
    public var hasChanges: Bool { !output.isEmpty }

    /// Adds an accepted event to the running commit.
    ///
    /// - Parameters:
    ///   - event: The event; its time is in range.
    ///   - ground: The folded store.
    /// - Throws: ``Refusal`` when a bot or channel has no ordinal and none is left.
    /// - Complexity: O(1) amortised; a first contact with a session asks the store.
    public mutating func append(
        _ event: borrowing Event,
        ground: any GroundReader
    ) throws(Refusal) {
        let channel = try channelOrdinal(of: event.channel)
        let bot = try botOrdinal(of: event.bot)
        let place = sessionPlace(of: event.session, bot: bot, ground)
        let user = event.hasUser ? userOrdinal(event.user, at: place, ground) : EventRecord.absent
        let record = EventRecord(
            kind: event.kind,
            timestamp: event.timestamp,
            bot: bot,
            session: live[place].ordinal,
            user: user,
            channel: channel,
            responseMilliseconds: event.responseMilliseconds,
            tokens: event.tokens,
            detail: event.detail
        )
        noteUser(user, of: place)
        noteChannel(channel, of: bot)
        fold(record, kind: event.kind, at: place, ground)
    }

    /// Brings what the next events will touch nearer, without changing anything.
    ///
    /// An event's session lies at a random place among all live ones, in the index and in the
    /// list: two misses of cache and TLB, one after the other, were a third of the time of an
    /// event (0.35 µs, measured). Here they are waited for many at a time.
    ///
    /// - Parameters:
    ///   - count: How many events will come.
    ///   - identities: The bot, session and user of each, by its number from 0.
    public mutating func warm(
        count: Int,
        _ identities: (Int) -> (bot: UUID128, session: UUID128, user: UUID128)
    ) {
        warmth.hashes.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let event = identities(index)
            let bot = botTable[event.bot] ?? 0
            warmth.hashes.append(MembershipFilter.hash(event.session, bot: bot))
        }
        warmth.places.removeAll(keepingCapacity: true)
        for hash in warmth.hashes {
            warmth.places.append(sessions.placeAtHome(SessionIndex.hash(hash)))
        }
        var touched: UInt64 = 0
        for (index, place) in warmth.places.enumerated() {
            if place >= 0 {
                touched &+= live[place].identity.low &+ UInt64(live[place].scheduledSecond)
            } else {
                // A new session, most likely: its user is looked up, and whether it is known.
                touched &+= known.sessions.touch(warmth.hashes[index])
                touched &+= users.touch(identities(index).user)
            }
        }
        // Kept, so that the reads are not optimised away.
        warmth.touched = touched
    }

    /// Ends the running commit.
    ///
    /// - Parameter ground: The folded store.
    /// - Returns: What the commit changed, or nil when nothing did.
    public mutating func finish(ground: any GroundReader) -> ChangeSet? {
        settle(ground)
        guard !output.isEmpty else {
            output.removeAll()
            return nil
        }
        let version = position.dataVersion + (output.changesAnswers ? 1 : 0)
        return makeChangeSet(number: position.commit + 1, dataVersion: version)
    }

    /// Evaluates everything the commit changed in a way the short path does not cover.
    mutating func settle(_ ground: any GroundReader) {
        settleDirtySessions(ground)
        settleOutcomes(ground)
    }

    /// Closes the running commit.
    mutating func makeChangeSet(number: UInt64, dataVersion: UInt64) -> ChangeSet {
        let changes = ChangeSet(
            fold: output,
            number: number,
            dataVersion: dataVersion,
            now: position.now,
            firstPosition: position.events
        )
        position.commit = number
        position.dataVersion = dataVersion
        position.events = changes.endPosition
        unfolded.append(changes)
        output.removeAll()
        return changes
    }

    /// Sessions held in memory, whole or by their second only.
    public var heldSessionCount: Int { live.count - freePlaces.count + parked.count }

    // MARK: - One event

    mutating func fold(
        _ record: EventRecord,
        kind: EventKind,
        at place: Int,
        _ ground: any GroundReader
    ) {
        let eventPosition = position.events + UInt64(output.events.count)
        var stored = record
        let head = live[place].tailHead
        // Events that the store contains are read from there: the chain ends before them, and a
        // distance never exceeds the unfolded tail.
        let isChained = head > (unfolded.first?.firstPosition ?? position.events)
        stored.previousDistance = isChained ? UInt32(eventPosition + 1 - head) : 0
        live[place].tailHead = eventPosition + 1
        output.events.append(stored)

        if kind.isMessage {
            foldMessage(record, kind: kind, at: place, ground)
            if !appendToConversation(record, kind: kind, at: place) {
                markDirty(place, from: eventPosition)
            }
        } else if kind == .error {
            output.slots.addMessageFigures(of: record, at: slot(of: record))
        } else if kind.isSessionEvent {
            if kind == .transferred || kind == .resolved { noteOutcome(record) }
            markDirty(place, from: eventPosition)
        }
        if live[place].scheduledSecond == 0, !live[place].isDirty { queueEviction(place) }
    }

    private func slot(of record: EventRecord) -> SlotKey {
        SlotKey(
            bot: record.bot,
            channel: record.channel,
            quarter: Quarters.containing(record.timestamp)
        )
    }

    /// The figures of the message itself, which do not depend on any other message.
    private mutating func foldMessage(
        _ record: EventRecord,
        kind: EventKind,
        at place: Int,
        _ ground: any GroundReader
    ) {
        let key = slot(of: record)
        output.slots.addMessageFigures(of: record, at: key)
        guard kind == .incoming, !live[place].isActive(in: key) else { return }
        live[place].setActive(in: key)
        output.activities.append(ChangeSet.Activity(key: key, user: record.user))
        let message = FirstMessage(quarter: key.quarter, channel: key.channel)
        if message.word < live[place].firstSeenFloor {
            noteFirstMessage(message, of: record.user, to: record.bot, at: place, ground)
        }
    }

    /// The short way: a message in order at the end of an open conversation, or the first of a new
    /// session.
    ///
    /// Returns false when the session has to be evaluated.
    private mutating func appendToConversation(
        _ record: EventRecord,
        kind: EventKind,
        at place: Int
    ) -> Bool {
        let session = live[place]
        guard session.mode == .appending, !session.isDirty else { return false }
        let closesAt = record.timestamp + timeoutMilliseconds
        var key = session.conversationSlot
        var incoming = session.incoming
        if session.lastTimestamp == .min {
            guard position.now <= closesAt else { return false }
            key = slot(of: record)
            live[place].conversationSlot = key
            output.slots.add(1, to: .conversations, at: key)
        } else {
            let gap = record.timestamp - session.lastTimestamp
            guard gap > 0, gap <= timeoutMilliseconds else { return false }
        }
        let index = output.slots.index(of: key)
        output.slots.add(1, to: .conversationMessages, atIndex: index)
        if kind == .incoming {
            if incoming == 0 {
                output.slots.add(1, to: .engaged, atIndex: index)
                output.slots.add(1, to: .singleMessage, atIndex: index)
            } else if incoming == 1 {
                output.slots.add(-1, to: .singleMessage, atIndex: index)
            }
            incoming = min(2, incoming + 1)
            live[place].incoming = incoming
        }
        live[place].lastTimestamp = record.timestamp
        live[place].nextChangeSecond = Self.closingSecond(closesAt)
        if live[place].scheduledSecond == 0 { schedule(place) }
        return true
    }

    /// The first second at whose end a conversation that may last until `closesAt` is closed.
    static func closingSecond(_ closesAt: UnixMilliseconds) -> UInt32 {
        UInt32(clamping: floorDivide(closesAt, by: Milliseconds.second) + 1)
    }

    private mutating func markDirty(_ place: Int, from eventPosition: UInt64) {
        guard !live[place].isDirty else { return }
        live[place].isDirty = true
        dirty.append((place, eventPosition))
    }

    private mutating func noteOutcome(_ record: EventRecord) {
        let bot = Int(record.bot)
        let before = bots[bot].firstOutcome
        guard record.timestamp < before else { return }
        if earlierOutcomes[record.bot] == nil { earlierOutcomes[record.bot] = before }
        bots[bot].firstOutcome = record.timestamp
    }
}
