import Daemon
import Foundation
import JSON
import Simulation
import Testing

/// The daemon's answers are a function of the events, the timeout and now: whatever the order,
/// the batches, the restarts, they equal the reference model's.
@Suite(.serialized)
struct HistoryTests {
    /// How often everything is repeated with other random numbers.
    private static let rounds =
        ProcessInfo.processInfo.environment["BOTSTATS_ROUNDS"].flatMap { Int($0) } ?? 1
    private static let day: Int64 = 86_400_000

    /// Instants near which something happens to a calendar.
    private static let instants =
        Workload.clockChanges.map(\.instant) + [
            // 30 December 2011 never was in Apia.
            1_325_239_200_000,
            // The last day of a leap year, the first of the next.
            1_735_689_600_000,
        ]

    /// What a history is like.
    private struct Plan {
        /// How long the time is in which sessions begin, in milliseconds.
        var length: ClosedRange<Int64>
        var bots = 3
        var users = 20
        var sessions: ClosedRange<Int>
        var conversations = 3
        var errors: Int
        /// How many batches, about.
        var batches: ClosedRange<Int>
        /// Questions to each method at each of the last nows.
        var questions: Int
    }

    @Test func `a handful of events gives the model's answers`() throws {
        let plan = Plan(
            length: Self.day...10 * Self.day,
            bots: 2,
            users: 3,
            sessions: 1...4,
            errors: 2,
            batches: 1...20,
            questions: 3
        )
        for round in 0..<6 * Self.rounds {
            var random = SeededGenerator.announced("handful/\(round)")
            try live(plan, using: &random)
        }
    }

    /// Within minutes, conversations overlap the clock's edge: open, ahead, closed a moment ago.
    @Test func `a crowd within minutes gives the model's answers`() throws {
        let plan = Plan(
            length: 300_000...7_200_000,
            bots: 2,
            users: 4,
            sessions: 1...8,
            errors: 4,
            batches: 10...60,
            questions: 2
        )
        for round in 0..<5 * Self.rounds {
            var random = SeededGenerator.announced("crowd/\(round)")
            try live(plan, using: &random)
        }
    }

    @Test func `a week around a change of the clocks gives the model's answers`() throws {
        let plan = Plan(
            length: 3 * Self.day...10 * Self.day,
            sessions: 20...60,
            errors: 20,
            batches: 5...40,
            questions: 2
        )
        for round in 0..<4 * Self.rounds {
            var random = SeededGenerator.announced("week/\(round)")
            try live(plan, using: &random)
        }
    }

    @Test func `a year of bots, users and channels gives the model's answers`() throws {
        let plan = Plan(
            length: 200 * Self.day...500 * Self.day,
            bots: 130,
            users: 80,
            sessions: 100...200,
            conversations: 4,
            errors: 60,
            batches: 10...40,
            questions: 1
        )
        for round in 0..<2 * Self.rounds {
            var random = SeededGenerator.announced("year/\(round)")
            try live(plan, using: &random)
        }
    }

    @Test func `a conversation is closed in the first second after the timeout`() throws {
        // The last message on a whole second, in the middle of one, at its end.
        for millisecond: Int64 in [0, 500, 999] {
            let history = try History(fixture: DaemonFixture(now: Self.start))
            try history.publish([Self.message(at: Self.start), Self.message(at: Self.start + 7)])
            try history.publish([Self.message(at: Self.start + millisecond + 1_000)])
            try Self.follow(history, seconds: [0, 1_799, 1_800, 1_801, 1_802])
        }
    }

    /// A publisher's clock may be ahead: then two conversations of a session can be open at once,
    /// and a message that lengthens the later one must not keep the earlier one open.
    @Test func `a conversation closes in time though a later one has begun ahead of the clock`()
        throws
    {
        let history = try History(fixture: DaemonFixture(now: Self.start))
        for seconds: Int64 in [-1_700, 200, 210] {
            try history.publish([Self.message(at: Self.start + seconds * 1_000)])
        }
        try Self.follow(history, seconds: [0, 99, 100, 700, 2_009, 2_010, 9_000])
    }

    private static let start: Int64 = 1_735_831_235_000

    private static func message(at time: Int64) -> ModelEvent {
        ModelEvent(
            kind: .message,
            botID: "8d8485b6-9c4f-4136-9816-3fae0b90b893",
            userID: "4822176a-dbcd-4c0e-bd8e-f3906985fd47",
            sessionID: "9bfba950-0cc9-4222-87d2-c2549259b9b6",
            timestamp: time,
            channel: "web",
            role: .user
        )
    }

    /// Compares everything at some times after the start.
    private static func follow(_ history: History, seconds: [Int64]) throws {
        let inquirer = Inquirer(bots: [], users: [], channels: [], window: start..<start + 1)
        for second in seconds {
            try history.advance(to: start + second * 1_000)
            try history.compare(inquirer.everything)
        }
        try history.fixture.check()
    }

    // MARK: - One history

    private func live(_ plan: Plan, using random: inout SeededGenerator) throws {
        let instant = Self.instants.randomElement(using: &random) ?? 0
        let length = Int64.random(in: plan.length, using: &random)
        let start = instant - Int64.random(in: 0...length, using: &random)
        let window = start..<start + length
        var parameters = Workload.Parameters(window: window)
        parameters.bots = plan.bots
        parameters.users = plan.users
        parameters.sessions = Int.random(in: plan.sessions, using: &random)
        parameters.conversationsMaximum = plan.conversations
        parameters.errors = Int.random(in: 0...plan.errors, using: &random)
        parameters.sessionTimeoutSeconds = Self.timeout(using: &random)
        var workload = Workload(parameters, seed: random.next())
        let inquirer = Inquirer(
            bots: workload.bots,
            users: workload.users,
            channels: parameters.channels,
            window: window
        )
        let history = try History(
            fixture: DaemonFixture(
                now: window.lowerBound,
                timezone: Inquirer.zones.randomElement(using: &random) ?? "UTC",
                timeoutSeconds: parameters.sessionTimeoutSeconds
            ),
            producers: ["one", "two"]
        )
        try tell(history, Self.order(&workload, using: &random), plan, inquirer, using: &random)
        for later: Int64 in [0, 14_400_000, 5 * Self.day, 9 * Self.day] {
            try history.advance(to: window.upperBound + later)
            try ask(history, inquirer, plan.questions, using: &random)
            for _ in 0..<4 { try cross(history, inquirer, using: &random) }
        }
        try ask(history, inquirer, plan.questions, afterFold: true, using: &random)
        try change(history, using: &random)
        try ask(history, inquirer, plan.questions, using: &random)
        try history.fixture.check()
    }

    private static func timeout(using random: inout SeededGenerator) -> Int {
        Bool.random(using: &random)
            ? 1_800 : [1, 60, 600, 3_600, 7_200, 86_400].randomElement(using: &random) ?? 1
    }

    private static func order(
        _ workload: inout Workload,
        using random: inout SeededGenerator
    ) -> [ModelEvent] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: workload.shuffled()
        case 1: workload.events.sorted { $0.timestamp > $1.timestamp }
        default: workload.arrivals(lateShare: [0, 0.1, 0.5].randomElement(using: &random) ?? 0)
        }
    }

    /// Publishes everything, with all that may happen in between.
    private func tell(
        _ history: History,
        _ arrivals: [ModelEvent],
        _ plan: Plan,
        _ inquirer: Inquirer,
        using random: inout SeededGenerator
    ) throws {
        var rest = arrivals[...]
        let size = 1 + 2 * arrivals.count / Int.random(in: plan.batches, using: &random)
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Int.random(in: 1...size, using: &random)))
            rest = rest.dropFirst(batch.count)
            let newest = batch.map(\.timestamp).max() ?? 0
            // Some events lie ahead of the clock, within the five minutes allowed.
            let ahead = Int64.random(in: -60_000...290_000, using: &random)
            try history.advance(to: newest - ahead)
            let producer = Int.random(in: 0..<history.producerCount, using: &random)
            if Int.random(in: 0..<10, using: &random) == 0 {
                try history.publish(batch, by: producer, overlap: 5)
            } else {
                try history.publish(batch, by: producer)
            }
            switch Int.random(in: 0..<24, using: &random) {
            case 0: try history.restart(downtime: .random(in: 0...4_000_000, using: &random))
            case 1: try history.fixture.waitForFold()
            case 2, 3: try history.resend(by: producer, using: &random)
            case 4: try history.advance(to: history.fixture.clock.now + 700_000)
            case 5: try change(history, using: &random)
            case 6, 7: try ask(history, inquirer, 1, using: &random)
            case 8, 9: try cross(history, inquirer, using: &random)
            default: break
            }
        }
    }

    /// Goes to the next instant at which time alone changes a figure.
    private func cross(
        _ history: History,
        _ inquirer: Inquirer,
        using random: inout SeededGenerator
    ) throws {
        guard let edge = history.nextEdge(using: &random) else { return }
        try history.advance(to: edge)
        try history.compare(inquirer.everything)
    }

    /// Restarts the daemon in another zone, with another session timeout.
    private func change(_ history: History, using random: inout SeededGenerator) throws {
        let timeout = Self.timeout(using: &random)
        let zone = Inquirer.zones.randomElement(using: &random) ?? "UTC"
        try history.restart { configuration in
            configuration.sessionTimeoutSeconds = timeout
            configuration.timezone = zone
        }
    }

    /// Asks every method, at once and, if wanted, the same again when the store has taken over.
    private func ask(
        _ history: History,
        _ inquirer: Inquirer,
        _ count: Int,
        afterFold: Bool = false,
        using random: inout SeededGenerator
    ) throws {
        var inquiries: [Inquiry] = []
        for method in Inquirer.methods {
            for _ in 0..<count { inquiries.append(inquirer.ask(method, using: &random)) }
        }
        try history.compare(inquiries)
        guard afterFold else { return }
        try history.fixture.waitForFold()
        try history.compare(inquiries)
    }
}
