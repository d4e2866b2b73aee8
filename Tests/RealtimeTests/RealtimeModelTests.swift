import Core
import JSON
import Testing

@testable import Simulation

struct RealtimeModelTests {
    private func check(
        _ window: RealtimeWindow,
        _ scenario: RealtimeScenario,
        minutes: [Int]
    ) throws {
        let model = scenario.model
        for filter in scenario.filters(minutes: minutes) {
            for method in ["realtime", "realtime.active"] {
                let expected = try scenario.answer(method, filter, model)
                let actual = window.answer(method, filter)
                guard actual != expected else { continue }
                let differences = JSONComparison.differences(actual: actual, expected: expected)
                Issue.record("\(method), \(filter), now \(scenario.now): \(differences)")
            }
        }
    }

    @Test(arguments: 0..<24)
    func `every figure of every scope is the model's, whatever arrives when`(run: Int) throws {
        let generator = SeededGenerator.announced("realtime \(run)", seed: nil)
        var scenario = RealtimeScenario(generator)
        var window = RealtimeWindow(now: scenario.now)
        for step in 0..<10 {
            for _ in 0..<scenario.generator.next(in: 0...25) {
                window.record(scenario.makeEvent())
            }
            let minutes =
                step == 9 ? [1, 5, 30, 60] : [[1, 5, 30, 60][scenario.generator.next(in: 0...3)]]
            try check(window, scenario, minutes: minutes)
            scenario.advance()
            window.advance(to: scenario.now)
            try check(window, scenario, minutes: [scenario.generator.next(in: 1...60)])
        }
    }

    @Test(arguments: 0..<40)
    func `the order of arrival and the steps of now leave no trace`(run: Int) throws {
        let generator = SeededGenerator.announced("realtime order \(run)", seed: nil)
        var scenario = RealtimeScenario(generator)
        let start = scenario.now
        var window = RealtimeWindow(now: start)
        for _ in 0..<12 {
            for _ in 0..<20 { window.record(scenario.makeEvent()) }
            scenario.advance()
            window.advance(to: scenario.now)
        }
        for variant in 0..<4 {
            let shuffled = scenario.events.shuffled(using: &scenario.generator)
            // Replayed after a restart (now is the end at once), or as time went on.
            var other = RealtimeWindow(now: variant == 0 ? scenario.now : start)
            for event in shuffled {
                other.record(event)
                let ahead = Int((scenario.now - other.now) / Milliseconds.second)
                let step = scenario.generator.next(in: 0...max(0, ahead / 50))
                other.advance(to: other.now + Int64(step) * Milliseconds.second)
            }
            other.advance(to: scenario.now)
            for filter in scenario.filters(minutes: [1, 5, 30, 60]) {
                let (bots, channel, minutes) = (filter.bots, filter.channel, filter.minutes)
                #expect(
                    other.snapshot(bots: bots, channel: channel, windowMinutes: minutes)
                        == window.snapshot(bots: bots, channel: channel, windowMinutes: minutes),
                    "\(filter)"
                )
                #expect(
                    other.active(bots: bots, channel: channel, windowMinutes: minutes)
                        == window.active(bots: bots, channel: channel, windowMinutes: minutes),
                    "\(filter)"
                )
            }
        }
    }
}
