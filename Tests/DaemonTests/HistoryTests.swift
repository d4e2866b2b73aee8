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
        var days: ClosedRange<Int64>
        var bots = 3
        var users = 20
        var sessions: ClosedRange<Int>
        var conversations = 3
        var errors: Int
        var batches: [Int]
        /// Questions to each method at each of the last nows.
        var questions: Int
    }

    @Test func `a handful of events gives the model's answers`() throws {
        let plan = Plan(
            days: 0...9,
            bots: 2,
            users: 3,
            sessions: 1...4,
            errors: 2,
            batches: [1, 7],
            questions: 3
        )
        for round in 0..<12 * Self.rounds {
            var random = SeededGenerator.announced("handful/\(round)")
            try live(plan, using: &random)
        }
    }

    @Test func `a week around a change of the clocks gives the model's answers`() throws {
        let plan = Plan(
            days: 2...9,
            sessions: 20...60,
            errors: 20,
            batches: [1, 20, 150],
            questions: 2
        )
        for round in 0..<5 * Self.rounds {
            var random = SeededGenerator.announced("week/\(round)")
            try live(plan, using: &random)
        }
    }

    @Test func `a year of bots, users and channels gives the model's answers`() throws {
        let plan = Plan(
            days: 200...500,
            bots: 12,
            users: 80,
            sessions: 150...300,
            conversations: 4,
            errors: 60,
            batches: [40, 400],
            questions: 2
        )
        for round in 0..<2 * Self.rounds {
            var random = SeededGenerator.announced("year/\(round)")
            try live(plan, using: &random)
        }
    }

    // MARK: - One history

    private func live(_ plan: Plan, using random: inout SeededGenerator) throws {
        let instant = Self.instants.randomElement(using: &random) ?? 0
        let length = Int64.random(in: plan.days, using: &random) * Self.day
        let before = Int64.random(in: 0...length + Self.day, using: &random)
        let window = instant - before..<instant - before + length + Self.day
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
        for later: Int64 in [0, 1_200, 14_400_000, 3 * Self.day, 8 * Self.day] {
            try history.advance(to: window.upperBound + later)
            try ask(history, inquirer, plan.questions, using: &random)
        }
        try ask(history, inquirer, plan.questions, afterFold: true, using: &random)
        try change(history, using: &random)
        try ask(history, inquirer, plan.questions, afterFold: true, using: &random)
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
        let size = plan.batches.randomElement(using: &random) ?? 1
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
            case 0: try history.restart()
            case 1: try history.fixture.waitForFold()
            case 2, 3: try history.resend(by: producer, using: &random)
            case 4: try history.advance(to: history.fixture.clock.now + 700_000)
            case 5: try change(history, using: &random)
            case 6, 7: try ask(history, inquirer, 1, using: &random)
            default: break
            }
        }
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
