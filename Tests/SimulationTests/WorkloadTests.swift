import JSON
import Testing

@testable import Simulation

struct WorkloadTests {
    private static let methods = [
        "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
        "conversations.duration", "conversations.resolution", "engagement",
        "engagement.retention", "engagement.satisfaction", "realtime", "realtime.active",
    ]

    /// A workload around a clock change, with now three days after it.
    private func workload(_ change: Workload.ClockChange, seed: UInt64) -> Workload {
        let now = change.instant / 1_000 * 1_000 + 3 * ModelTime.day
        return Workload(.init(window: now - 12 * ModelTime.day..<now), seed: seed)
    }

    private func model(
        _ events: [ModelEvent],
        timeout: Int = 1_800,
        timezone: String
    ) -> ReferenceModel {
        ReferenceModel(events: events, sessionTimeoutSeconds: timeout, defaultTimezone: timezone)
    }

    /// All differences between two models' answers, over every method.
    private func differences(
        _ actual: ReferenceModel,
        _ expected: ReferenceModel,
        now: Int64
    ) throws -> [String] {
        try Self.methods.flatMap { method in
            JSONComparison.differences(
                actual: try actual.answer(method: method, parameters: [:], now: now),
                expected: try expected.answer(method: method, parameters: [:], now: now)
            )
            .map { "\(method) \($0)" }
        }
    }

    @Test func `equal seeds give equal events, others do not`() {
        let change = Workload.clockChanges[0]
        #expect(workload(change, seed: 7).events == workload(change, seed: 7).events)
        #expect(workload(change, seed: 7).events != workload(change, seed: 8).events)
    }

    @Test func `a workload reaches the edges it is made for`() {
        let seed = SeededGenerator.announced("edges").seed
        var parameters = Workload.Parameters(window: 1_736_000_000_000..<1_737_000_000_000)
        parameters.sessions = 400
        let workload = Workload(parameters, seed: seed)
        let model = model(workload.events, timezone: "UTC")
        let gaps = Dictionary(grouping: model.messages, by: ReferenceModel.key).values
            .flatMap { zip($0.dropFirst(), $0).map { $0.timestamp - $1.timestamp } }
        for gap: Int64 in [0, 1_799_999, 1_800_000, 1_800_001] {
            #expect(gaps.contains(gap), "no gap of \(gap) ms")
        }
        let attached = model.conversations.map(\.attached.count).reduce(0, +)
        let attachable = workload.events.count { $0.kind != .message && $0.kind != .error }
        #expect(attached > 0 && attached < attachable, "some session events stay unattached")
        #expect(model.conversations.contains { Set($0.messages.map(\.channel)).count > 1 })
        #expect(model.conversations.contains { Set($0.messages.map(\.userID)).count > 1 })
        #expect(workload.events.contains { $0.timestamp > parameters.window.upperBound })
        #expect(workload.events.allSatisfy { $0.timestamp <= parameters.latest })
        #expect(workload.events.contains { $0.timestamp % ModelTime.quarterHour == 0 })
    }

    @Test func `the order of events changes no answer`() throws {
        let seed = SeededGenerator.announced("order").seed
        for change in Workload.clockChanges {
            var workload = workload(change, seed: seed)
            let now = workload.parameters.window.upperBound
            let found = try differences(
                model(workload.shuffled(), timezone: change.timezone),
                model(workload.arrivals(), timezone: change.timezone),
                now: now
            )
            #expect(found.isEmpty)
        }
    }

    @Test func `rows add up to their totals in every zone`() throws {
        let seed = SeededGenerator.announced("sums").seed
        for change in Workload.clockChanges {
            let workload = workload(change, seed: seed)
            let model = model(workload.events, timezone: change.timezone)
            // Later than every event, so that none lies in a bucket that has not begun.
            let now = workload.parameters.latest + ModelTime.hour
            for grouping in ["hour", "day", "week", "month"] {
                let answer = try model.answer(
                    method: "conversations.volume",
                    parameters: ["group_by": grouping],
                    now: now
                )
                for name in ["conversations", "messages", "incoming_messages"] {
                    let rows = answer.at("data")?.each(name).compactMap { $0?.integerValue }
                    #expect(rows?.reduce(0, +) == answer.at("totals.\(name)")?.integerValue)
                }
                #expect(answer.at("totals.messages")?.integerValue ?? 0 > 0)
            }
        }
    }

    /// A canary: each of these mistakes is a plausible error of a daemon.
    @Test(
        arguments: [
            "a timeout a second longer", "a message lost", "a batch counted twice",
            "days of UTC", "ratings lost", "an arrival order kept", "another channel",
        ]
    )
    func `a wrong model is found out`(mistake: String) throws {
        let change = Workload.clockChanges[0]
        let workload = workload(change, seed: 3)
        let events = workload.events
        let right = model(events, timezone: change.timezone)
        var wrongEvents = events
        var timeout = 1_800
        var timezone = change.timezone
        switch mistake {
        case "a timeout a second longer": timeout += 1
        case "a message lost":
            let index = events.firstIndex { $0.isCountedMessage }
            wrongEvents.remove(at: try #require(index))
        case "a batch counted twice": wrongEvents += events.suffix(80).prefix(10)
        case "days of UTC": timezone = "UTC"
        case "ratings lost": wrongEvents.removeAll { $0.kind == .feedback }
        case "an arrival order kept":
            // As if each message came a minute after the one that arrived before it.
            for index in wrongEvents.indices.dropFirst() where index % 50 == 0 {
                wrongEvents[index].timestamp = wrongEvents[index - 1].timestamp + 60_000
            }
        default:
            for index in wrongEvents.indices where wrongEvents[index].channel == "sms" {
                wrongEvents[index].channel = "web"
            }
        }
        let wrong = model(wrongEvents, timeout: timeout, timezone: timezone)
        var found = try differences(
            wrong,
            right,
            now: workload.parameters.window.upperBound
        )
        if mistake == "days of UTC" { found.removeAll { $0.contains("meta.") } }
        #expect(!found.isEmpty)
    }

    @Test func `batches cover every event once, and repeats are marked`() throws {
        let seed = SeededGenerator.announced("batches").seed
        var workload = workload(Workload.clockChanges[1], seed: seed)
        let order = workload.shuffled()
        let batches = workload.batches(of: order, sizeMaximum: 20)
        let fresh = batches.filter { !$0.isRepeat }
        #expect(fresh.flatMap(\.events) == order)
        var next = 1
        for batch in fresh {
            #expect(batch.firstSequence == next)
            next += batch.events.count
        }
        let repeats = batches.filter(\.isRepeat)
        #expect(!repeats.isEmpty)
        for batch in repeats {
            let original = fresh.first { $0.firstSequence == batch.firstSequence }
            #expect(original?.ndjson == batch.ndjson)
        }
        let lines = fresh.flatMap { $0.ndjson.split(separator: "\n") }
        #expect(try lines.map { try ModelEvent(parsing: String($0)) } == order)
    }

    @Test func `arrivals are by time but for the late ones`() {
        var workload = workload(Workload.clockChanges[2], seed: 5)
        let punctual = workload.arrivals(lateShare: 0).map(\.timestamp)
        #expect(punctual == punctual.sorted())
        let late = workload.arrivals(lateShare: 0.2)
        #expect(late.map(\.timestamp) != punctual)
        #expect(late.map(\.timestamp).sorted() == punctual)
    }
}
