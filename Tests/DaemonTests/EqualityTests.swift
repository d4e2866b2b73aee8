import Foundation
import JSON
import Simulation
import Testing

/// The daemon's answers equal the reference model's, whatever happens on the way.
@Suite(.serialized)
struct EqualityTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["BOTSTATS_ROUNDS"].flatMap { Int($0) } ?? 1

    private struct Setting: CustomTestStringConvertible {
        var change: Int
        var timezone: String
        var timeoutSeconds: Int

        var testDescription: String {
            "clock change \(change), daemon in \(timezone), timeout \(timeoutSeconds) s"
        }
    }

    private static let settings = [
        Setting(change: 0, timezone: "UTC", timeoutSeconds: 1_800),
        Setting(change: 1, timezone: "America/Sao_Paulo", timeoutSeconds: 1_800),
        Setting(change: 2, timezone: "Asia/Kathmandu", timeoutSeconds: 600),
        Setting(change: 3, timezone: "UTC", timeoutSeconds: 7_200),
        Setting(change: 4, timezone: "America/St_Johns", timeoutSeconds: 1_800),
        Setting(change: 5, timezone: "UTC", timeoutSeconds: 60),
        Setting(change: 6, timezone: "Australia/Lord_Howe", timeoutSeconds: 1_800),
        Setting(change: 7, timezone: "Asia/Tehran", timeoutSeconds: 1_800),
    ]

    @Test(arguments: settings)
    private func `every answer equals the model's after any order, batching and restart`(
        _ setting: Setting
    ) throws {
        for round in 0..<Self.rounds {
            var random = SeededGenerator.announced("equality \(setting.change)/\(round)")
            try run(setting, using: &random)
        }
    }

    private func run(_ setting: Setting, using random: inout SeededGenerator) throws {
        let instant = Workload.clockChanges[setting.change].instant
        let day: Int64 = 86_400_000
        var parameters = Workload.Parameters(window: instant - 4 * day..<instant + 2 * day)
        parameters.sessionTimeoutSeconds = setting.timeoutSeconds
        parameters.sessions = 60
        var workload = Workload(parameters, seed: random.next())
        let fixture = try DaemonFixture(
            now: parameters.window.lowerBound,
            timezone: setting.timezone,
            timeoutSeconds: setting.timeoutSeconds
        )
        let arrivals =
            Bool.random(using: &random) ? workload.arrivals(lateShare: 0.15) : workload.shuffled()
        let questions = Questions(workload: workload, window: parameters.window)
        let end = parameters.window.upperBound
        var epoch = try #require(fixture.wire).hello("p").epoch
        var sent = 0
        var known: [ModelEvent] = []
        while sent < arrivals.count {
            let count = min(Int.random(in: 1...80, using: &random), arrivals.count - sent)
            let batch = Array(arrivals[sent..<sent + count])
            let newest = batch.map(\.timestamp).max() ?? 0
            fixture.clock.now = max(fixture.clock.now, newest - 200_000)
            let wire = try #require(fixture.wire)
            let sums = try wire.publish(
                "p",
                epoch: epoch,
                first: Int64(sent) + 1,
                batch.map { $0.ndjsonLine() }
            )
            #expect(sums.accepted == Int64(count))
            known += batch
            sent += count
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                try fixture.restart()
                let welcome = try #require(fixture.wire).hello("p", epoch: epoch)
                #expect(welcome.committed == Int64(sent))
                epoch = welcome.epoch
            case 1: try fixture.waitForFold()
            case 2: try compare(fixture, known, questions, setting, rounds: 1, using: &random)
            default: break
            }
        }
        for now in [end + 1_000, end + 3_600_000, end + 2 * day, end + 9 * day] {
            try fixture.advance(to: now)
            try compare(fixture, known, questions, setting, rounds: 4, using: &random)
        }
        try fixture.waitForFold()
        try compare(fixture, known, questions, setting, rounds: 4, using: &random)
        try fixture.restart()
        try fixture.advance(to: end + 10 * day)
        try compare(fixture, known, questions, setting, rounds: 2, using: &random)
        try fixture.check()
    }

    private func compare(
        _ fixture: DaemonFixture,
        _ events: [ModelEvent],
        _ questions: Questions,
        _ setting: Setting,
        rounds: Int,
        using random: inout SeededGenerator
    ) throws {
        let model = ReferenceModel(
            events: events,
            sessionTimeoutSeconds: setting.timeoutSeconds,
            defaultTimezone: setting.timezone
        )
        for _ in 0..<rounds {
            for method in Questions.methods {
                let parameters = questions.parameters(for: method, using: &random)
                // A parameter that is refused is another test's matter.
                guard let actual = try? fixture.query(method, parameters) else { continue }
                let now = try Self.now(of: actual)
                let expected = try model.answer(method: method, parameters: parameters, now: now)
                let differences = JSONComparison.differences(actual: actual, expected: expected)
                try #require(
                    differences.isEmpty,
                    "\(method) \(parameters) at \(now): \(differences.prefix(5))"
                )
            }
        }
    }

    /// The now that an answer was computed for, in milliseconds since 1970.
    private static func now(of answer: JSONValue) throws -> Int64 {
        let text = try #require(answer["meta"]?["generated_at"]?.stringValue)
        let date = try Date(text, strategy: .iso8601)
        return Int64(date.timeIntervalSince1970) * 1_000
    }
}
