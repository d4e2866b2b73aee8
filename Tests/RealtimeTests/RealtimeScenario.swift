import Core
import JSON

@testable import Simulation

/// Random events for the window and the reference model, and their answers side by side.
struct RealtimeScenario {
    var generator: SeededGenerator
    var now: UnixMilliseconds
    var botCount: Int
    var channelCount: Int
    var sessionsPerBot: Int
    var userCount: Int
    private(set) var events: [RealtimeEvent] = []

    /// 2025-03-30T00:59:00Z.
    static let start: UnixMilliseconds = 1_743_296_340_000

    init(_ generator: SeededGenerator) {
        self.generator = generator
        botCount = self.generator.next(in: 1...4)
        channelCount = self.generator.next(in: 1...4)
        sessionsPerBot = self.generator.next(in: 1...12)
        userCount = self.generator.next(in: 1...10)
        now = Self.start + Int64(self.generator.next(in: 0...7_200)) * Milliseconds.second
    }

    /// A random event around now, remembered for the model.
    mutating func makeEvent() -> RealtimeEvent {
        let bot = UInt32(generator.next(in: 0...botCount - 1))
        let kind = makeKind()
        let isAlone = kind == .error && generator.next(in: 0...1) == 0
        let session = bot * 100 + UInt32(generator.next(in: 0...sessionsPerBot - 1))
        let event = RealtimeEvent(
            timestamp: makeInstant(),
            bot: bot,
            session: isAlone ? EventRecord.absent : session,
            user: isAlone
                ? EventRecord.absent : UInt32(generator.next(in: 0...userCount - 1)),
            channel: UInt16(generator.next(in: 0...channelCount - 1)),
            kind: kind
        )
        events.append(event)
        return event
    }

    /// A later now: mostly the next second, now and then minutes or more than an hour on.
    mutating func advance() {
        let seconds =
            switch generator.next(in: 0...9) {
            case 0...4: 1
            case 5...6: generator.next(in: 2...90)
            case 7...8: generator.next(in: 60...900)
            default: generator.next(in: 900...5_000)
            }
        now += Int64(seconds) * Milliseconds.second
    }

    private mutating func makeKind() -> EventKind {
        switch generator.next(in: 0...19) {
        case 0...6: .incoming
        case 7...11: .assistant
        case 12: .agent
        case 13...14: .ended
        case 15...16: .resolved
        default: EventKind.allCases[generator.next(in: 0...EventKind.allCases.count - 1)]
        }
    }

    private mutating func makeInstant() -> UnixMilliseconds {
        switch generator.next(in: 0...9) {
        // Just now, with few distinct milliseconds: ties and bursts.
        case 0...2: now - Int64(generator.next(in: 1...8)) * 250
        // Anywhere in the hour, and a little before it.
        case 3...5: now - Int64(generator.next(in: 0...4_000_000))
        // At the very edges of the windows.
        case 6:
            now - [1, 5, 30, 60][generator.next(in: 0...3)] * Milliseconds.minute
                + Int64(generator.next(in: -2...2))
        // Ahead of now.
        case 7: now + Int64(generator.next(in: 0...300_000))
        case 8: now + Int64(generator.next(in: -3...3))
        // At the very time of another event.
        default:
            events.isEmpty
                ? now - 1 : events[generator.next(in: 0...events.count - 1)].timestamp
        }
    }
}

extension RealtimeScenario {
    /// What a query asks about.
    struct Filter: CustomStringConvertible {
        var bots: [UInt32]?
        var channel: UInt16?
        var minutes: Int

        var description: String {
            "bots \(bots?.description ?? "all"), channel \(channel?.description ?? "any"), \(minutes) min"
        }
    }

    /// Every combination of bots (all, each one, two of them, an unknown one) and channels.
    func filters(minutes: [Int]) -> [Filter] {
        var bots: [[UInt32]?] = [nil, [99]]
        bots += (0..<UInt32(botCount)).map { [$0] }
        if botCount > 1 { bots += [[0, 1], (1..<UInt32(botCount)) + [1, 77]] }
        let channels: [UInt16?] = [nil, 50] + (0..<UInt16(channelCount)).map { $0 }
        return bots.flatMap { bots in
            channels.flatMap { channel in
                minutes.map { Filter(bots: bots, channel: channel, minutes: $0) }
            }
        }
    }

    /// The judge, knowing all events made so far.
    var model: ReferenceModel {
        ReferenceModel(
            events: events.map(Self.modelEvent),
            sessionTimeoutSeconds: 1_800,
            defaultTimezone: "UTC"
        )
    }

    /// The model's answer without `meta`.
    func answer(_ method: String, _ filter: Filter, _ model: ReferenceModel) throws -> JSONValue {
        var parameters = ["window_minutes": String(filter.minutes)]
        parameters["channel"] = filter.channel.map(Self.name)
        let answer = try model.answer(
            method: method,
            parameters: parameters,
            now: now,
            bots: filter.bots.map { Set($0.map(Self.name)) }
        )
        return .object((answer.objectValue ?? []).filter { $0.name != "meta" })
    }

    static func name(_ ordinal: some BinaryInteger) -> String {
        let digits = String(ordinal)
        return "n" + String(repeating: "0", count: 10 - digits.count) + digits
    }

    private static func modelEvent(_ event: RealtimeEvent) -> ModelEvent {
        let (kind, role): (ModelEvent.Kind, ModelEvent.Role?) =
            switch event.kind {
            case .incoming: (.message, .user)
            case .assistant: (.message, .assistant)
            case .agent: (.message, .agent)
            case .uncounted: (.message, .system)
            case .transferred: (.transferred, nil)
            case .resolved: (.resolved, nil)
            case .ended: (.ended, nil)
            case .feedback: (.feedback, nil)
            case .surveyOffered: (.surveyOffered, nil)
            case .error: (.error, nil)
            }
        return ModelEvent(
            kind: kind,
            botID: name(event.bot),
            userID: event.user == EventRecord.absent ? nil : name(event.user),
            sessionID: event.session == EventRecord.absent ? nil : name(event.session),
            timestamp: event.timestamp,
            channel: name(event.channel),
            role: role,
            rating: event.kind == .feedback ? .stars(3) : nil
        )
    }
}

extension RealtimeWindow {
    /// The window's answer in the model's words.
    func answer(_ method: String, _ filter: RealtimeScenario.Filter) -> JSONValue {
        method == "realtime" ? figures(filter) : activeSessions(filter)
    }

    private func figures(_ filter: RealtimeScenario.Filter) -> JSONValue {
        let snapshot = snapshot(
            bots: filter.bots,
            channel: filter.channel,
            windowMinutes: filter.minutes
        )
        let rows = snapshot.series.map { row -> JSONValue in
            [
                "start": .string(ModelTime.rfc3339(row.start, offset: 0)),
                "messages": .integer(Int64(row.messages)),
                "complete": .bool(row.isComplete),
            ]
        }
        return [
            "active_sessions": .integer(Int64(snapshot.activeSessions)),
            "active_sessions_5m": .integer(Int64(snapshot.activeSessions5m)),
            "active_users": .integer(Int64(snapshot.activeUsers)),
            "active_users_5m": .integer(Int64(snapshot.activeUsers5m)),
            "messages_per_minute": .integer(Int64(snapshot.messagesPerMinute)),
            "incoming_per_minute": .integer(Int64(snapshot.incomingPerMinute)),
            "outgoing_per_minute": .integer(Int64(snapshot.outgoingPerMinute)),
            "messages_per_minute_avg_5m": .double(Double(snapshot.messagesLastFiveMinutes) / 5),
            "series": .array(rows),
            "lag_seconds": snapshot.lagMilliseconds.map { .double(Double($0) / 1_000) } ?? .null,
            "window_minutes": .integer(Int64(snapshot.windowMinutes)),
        ]
    }

    private func activeSessions(_ filter: RealtimeScenario.Filter) -> JSONValue {
        let active = active(
            bots: filter.bots,
            channel: filter.channel,
            windowMinutes: filter.minutes
        )
        let bots = active.bots.map { ($0.ordinal, $0.activeSessions) }
        let channels = active.channels.map { (UInt32($0.ordinal), $0.activeSessions) }
        return [
            "active_sessions": .integer(Int64(active.activeSessions)),
            "window_minutes": .integer(Int64(filter.minutes)),
            "by_bot": Self.rows("bot_id", bots),
            "by_channel": Self.rows("channel", channels),
        ]
    }

    private static func rows(_ name: String, _ counts: [(UInt32, Int)]) -> JSONValue {
        let sorted = counts.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
        return .array(
            sorted.map { ordinal, count in
                [
                    "\(name)": .string(RealtimeScenario.name(ordinal)),
                    "active_sessions": .integer(Int64(count)),
                ]
            }
        )
    }
}

extension SeededGenerator {
    /// A number in a range.
    mutating func next(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }
}
