import BotstatsClient
import Daemon
import Foundation
import JSON
import Simulation
import Testing

/// A real daemon, what it was told, and the model of the same events.
final class History {
    /// Where the daemon's answer and the model's are not the same.
    struct Difference: Error, CustomStringConvertible {
        var inquiry: Inquiry
        var now: Int64
        var eventCount: Int
        var lines: [String]

        var description: String {
            "\(inquiry) at \(now), \(eventCount) events:\n  "
                + lines.prefix(8).joined(separator: "\n  ")
        }
    }

    private struct Producer {
        var name: String
        var epoch: Int64
        /// The lines sent so far, by sequence number.
        var lines: [String] = []
    }

    let fixture: DaemonFixture
    /// What the daemon accepted, each event once.
    private(set) var events: [ModelEvent] = []
    private var producers: [Producer] = []
    private var queries: (endpoint: String, client: QueryClient)?
    private var spelled = 0

    init(fixture: DaemonFixture, producers names: [String] = ["one"]) throws {
        self.fixture = fixture
        for name in names {
            let epoch = try #require(fixture.wire).hello(name).epoch
            producers.append(Producer(name: name, epoch: epoch))
        }
    }

    var producerCount: Int { producers.count }

    // MARK: - What happens

    /// Sends a batch; returns when it is acknowledged.
    func publish(_ batch: [ModelEvent], by index: Int = 0) throws {
        let lines = batch.map { event in
            spelled += 1
            return Self.line(event, number: spelled)
        }
        try send(lines, by: index, from: producers[index].lines.count, news: lines.count)
        producers[index].lines += lines
        events += batch
    }

    /// Sends a batch of which the daemon has the first `overlap` events already.
    func publish(_ batch: [ModelEvent], by index: Int, overlap: Int) throws {
        let known = producers[index].lines.suffix(overlap)
        let start = producers[index].lines.count - known.count
        let lines = batch.map { Self.line($0, number: 0) }
        try send(Array(known) + lines, by: index, from: start, news: lines.count)
        producers[index].lines += lines
        events += batch
    }

    /// Sends again what was acknowledged before.
    func resend(by index: Int, using random: inout SeededGenerator) throws {
        let lines = producers[index].lines
        guard !lines.isEmpty else { return }
        let first = Int.random(in: 0..<lines.count, using: &random)
        let last = Int.random(in: first..<min(lines.count, first + 200), using: &random)
        try send(Array(lines[first...last]), by: index, from: first, news: 0)
    }

    /// Tells the model alone of events that the daemon gets in another way.
    func accept(_ events: [ModelEvent]) { self.events += events }

    private func send(_ lines: [String], by index: Int, from start: Int, news: Int) throws {
        let producer = producers[index]
        let sums = try #require(fixture.wire).publish(
            producer.name,
            epoch: producer.epoch,
            first: Int64(start) + 1,
            lines
        )
        try #require(sums.accepted == Int64(news))
        try #require(sums.rejected == 0)
    }

    /// Stops the daemon and starts one on its directory, perhaps with other settings.
    func restart(
        downtime: Int64 = 0,
        _ change: (inout DaemonConfiguration) -> Void = { _ in }
    ) throws {
        let store = try fixture.query("system.status")["store"]
        fixture.stop()
        fixture.clock.now += downtime
        change(&fixture.configuration)
        try fixture.start()
        try #require(fixture.query("system.status")["store"] == store, "the directory was replaced")
        for index in producers.indices {
            let welcome = try #require(fixture.wire)
                .hello(producers[index].name, epoch: producers[index].epoch)
            try #require(welcome.epoch == producers[index].epoch)
            try #require(welcome.committed == Int64(producers[index].lines.count))
        }
    }

    /// Sets the clock forward and waits until answers are computed for it.
    func advance(to now: Int64) throws {
        fixture.clock.now = max(fixture.clock.now, now)
        let wanted = (fixture.clock.now / 1_000 + 1) * 1_000
        for _ in 0..<10_000 {
            // A message ends the wait for the next second, which a standing clock never reaches.
            try #require(fixture.wire).ping()
            if try Self.now(of: fixture.query("realtime", ["window_minutes": "1"])) >= wanted {
                return
            }
        }
        Issue.record("The daemon does not follow the clock.")
    }

    /// One of the next instants at which time alone changes a figure, or a second beside it.
    func nextEdge(using random: inout SeededGenerator) -> Int64? {
        let timeout = Int64(fixture.configuration.sessionTimeoutSeconds) * 1_000
        // Of realtime the minute, the five minutes and the window; of a resolution the seven days.
        let delays = [0, timeout, timeout, 60_000, 300_000, 1_800_000, 604_800_000]
        let now = fixture.clock.now
        let edges = events.flatMap { event in delays.map { event.timestamp + $0 } }
            .filter { $0 > now + 1_000 }
            .sorted()
        let edge = edges.prefix(5).randomElement(using: &random)
        return edge.map { $0 + ([-1_000, 0, 0, 1_000].randomElement(using: &random) ?? 0) }
    }

    // MARK: - What must hold

    /// Asks the daemon and the model, and compares every field.
    ///
    /// - Parameter inquiries: At most 100: the daemon answers them from one snapshot.
    /// - Throws: ``Difference`` for the first question that is answered differently.
    func compare(_ inquiries: [Inquiry]) throws {
        let model = ReferenceModel(
            events: events,
            sessionTimeoutSeconds: fixture.configuration.sessionTimeoutSeconds,
            defaultTimezone: fixture.configuration.timezone
        )
        let now = try Self.now(of: fixture.query("realtime", ["window_minutes": "1"]))
        for (bots, inquiries) in Dictionary(grouping: inquiries, by: \.bots) {
            let answers = try client(bots).batch(inquiries.map(\.request), timeout: .seconds(60))
            for (inquiry, answer) in zip(inquiries, answers) {
                let lines = try differences(inquiry, answer, model, now: now)
                guard lines.isEmpty else {
                    throw Difference(
                        inquiry: inquiry,
                        now: now,
                        eventCount: events.count,
                        lines: lines
                    )
                }
            }
        }
    }

    private func differences(
        _ inquiry: Inquiry,
        _ answer: Result<JSONValue, QueryError>,
        _ model: ReferenceModel,
        now: Int64
    ) throws -> [String] {
        switch answer {
        case .success(let actual):
            // The clock stands, so that now is the same for all; an answer says so itself.
            let present = try Self.now(of: actual)
            if present != now { return ["meta.generated_at: is \(present), expected \(now)"] }
            let expected: JSONValue
            do {
                expected = try model.answer(
                    method: inquiry.method,
                    parameters: inquiry.parameters,
                    now: now,
                    bots: inquiry.bots
                )
            } catch {
                return ["is answered, should be refused: \(error)"]
            }
            return JSONComparison.differences(actual: actual, expected: expected)
        case .failure(.refused(let refusal)):
            do {
                _ = try model.answer(
                    method: inquiry.method,
                    parameters: inquiry.parameters,
                    now: now
                )
                return ["is refused, should be answered: \(refusal.message)"]
            } catch {
                return error.parameter == refusal.parameter
                    ? [] : ["names \(refusal.parameter ?? "nothing"), should name: \(error)"]
            }
        case .failure(let error): throw error
        }
    }

    private func client(_ bots: Set<String>?) throws -> QueryClient {
        if bots != nil { return try fixture.client(bots: bots) }
        let endpoint = try #require(fixture.daemon).queryEndpoint
        if let queries, queries.endpoint == endpoint { return queries.client }
        let client = try fixture.client()
        queries = (endpoint, client)
        return client
    }

    /// The now an answer was computed for, in milliseconds since 1970.
    static func now(of answer: JSONValue) throws -> Int64 {
        let text = try #require(answer["meta"]?["generated_at"]?.stringValue)
        return Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000
    }

    /// An event in one of the allowed spellings.
    private static func line(_ event: ModelEvent, number: Int) -> String {
        let offsets = [0, -180, 345, 210, -150, 630, 840, -720]
        return event.ndjsonLine(
            style: number % 2 == 0
                ? .milliseconds : .rfc3339(offsetMinutes: offsets[number / 2 % offsets.count]),
            numericRole: number % 3 == 0
        )
    }
}
