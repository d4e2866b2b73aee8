import BotstatsClient
import Foundation
import JSON
import Simulation
import Synchronization
import Testing

/// Events of several producers, whose whole effect the reference model knows.
struct Traffic: Sendable {
    /// What each producer sends, in its order.
    let shares: [[ModelEvent]]
    /// All of it.
    let events: [ModelEvent]

    /// Makes traffic of the last weeks.
    init(producers: Int, sessions: Int, seed: UInt64) {
        let now = Int64(Date().timeIntervalSince1970) * 1_000
        var parameters = Workload.Parameters(
            window: now - 25 * 86_400_000..<now,
            latest: now
        )
        parameters.users = 150
        parameters.sessions = sessions
        var workload = Workload(parameters, seed: seed)
        let arrivals = workload.arrivals(lateShare: 0.2)
        events = arrivals
        shares = (0..<producers).map { producer in
            stride(from: producer, to: arrivals.count, by: producers).map { arrivals[$0] }
        }
    }

    /// Asks every method in several ways and compares with the model.
    func expectEqual(
        to daemon: DaemonChild,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let model = ReferenceModel(
            events: events,
            sessionTimeoutSeconds: 1_800,
            defaultTimezone: "UTC"
        )
        let client = QueryClient(endpoint: daemon.queryEndpoint)
        for question in questions() {
            let parameters = question.parameters.map { name, value in
                JSONValue.Member(
                    name: name,
                    value: Int64(value).map { .integer($0) } ?? .string(value)
                )
            }
            let answer = try client.request(
                question.method,
                params: .object(parameters),
                timeout: .seconds(60)
            )
            let expected = try model.answer(
                method: question.method,
                parameters: question.parameters,
                now: try now(of: answer)
            )
            let differences = JSONComparison.differences(actual: answer, expected: expected)
            #expect(
                differences.isEmpty,
                "\(question.method) \(question.parameters)",
                sourceLocation: sourceLocation
            )
        }
    }

    private func questions() -> [(method: String, parameters: [String: String])] {
        let ranged = [
            "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
            "conversations.duration", "conversations.resolution", "engagement",
            "engagement.retention", "engagement.satisfaction",
        ]
        let ways: [[String: String]] = [
            ["days": "40"], ["days": "40", "timezone": "America/Sao_Paulo"],
            ["days": "30", "timezone": "Asia/Kathmandu", "channel": "whatsapp"],
            ["days": "40", "bot_id": events[0].botID],
            ["days": "40", "user_id": events[0].userID ?? events[0].botID],
        ]
        var questions = ranged.flatMap { method in ways.map { (method, $0) } }
        for method in ["realtime", "realtime.active"] {
            questions.append((method, [:]))
            questions.append((method, ["window_minutes": "60", "bot_id": events[0].botID]))
        }
        return questions
    }

    /// The time `generated_at` tells.
    private func now(of answer: JSONValue) throws -> Int64 {
        let text = try #require(answer["meta"]?["generated_at"]?.stringValue)
        var event = events[0]
        event.timestamp = 0
        let line = event.ndjsonLine().replacing(
            "\"timestamp\":0",
            with: "\"timestamp\":\"\(text)\""
        )
        return try ModelEvent(parsing: line).timestamp
    }
}

/// Producers, each on a thread of its own, that publish their shares and resume by checkpoint.
final class Producers: Sendable {
    /// How many events are acknowledged.
    let acknowledged = Atomic(0)
    /// How many of ``Producers/steps`` equal parts of its share each producer may hand over.
    let released: Atomic<Int>
    /// The parts that ``released`` counts.
    private let steps: Int
    /// How many threads have ended.
    private let ended = Atomic(0)
    /// Why threads ended early.
    private let failures = Mutex<[String]>([])
    private let hasFailed = Atomic(false)
    private let count: Int
    private let notices = Mutex<[String: Int]>([:])

    /// Starts to publish.
    ///
    /// - Parameters:
    ///   - traffic: What to publish.
    ///   - endpoint: The daemon's ingest endpoint.
    ///   - seed: The producers' own crashes follow from it.
    ///   - crashes: Whether producers forget everything now and then and resume by checkpoint.
    ///   - steps: Where given, producers wait at each of so many equal parts for ``released``.
    init(_ traffic: Traffic, endpoint: String, seed: UInt64, crashes: Bool, steps: Int? = nil) {
        count = traffic.shares.count
        self.steps = steps ?? 1
        released = Atomic(steps == nil ? 1 : 0)
        for (index, share) in traffic.shares.enumerated() {
            let thread = Thread { [self] in
                do {
                    try publish(
                        share,
                        as: "producer-\(index)",
                        to: endpoint,
                        random: SeededGenerator(seed: seed &+ UInt64(index)),
                        crashes: crashes
                    )
                } catch {
                    failures.withLock { $0.append("producer-\(index): \(error)") }
                    hasFailed.store(true, ordering: .releasing)
                }
                ended.add(1, ordering: .releasing)
            }
            thread.start()
        }
    }

    /// Whether all threads have ended, or one of them before its time: nothing more is to be waited
    /// for.
    var isDone: Bool {
        ended.load(ordering: .acquiring) == count || hasFailed.load(ordering: .acquiring)
    }

    /// How often a publisher told of something.
    func noticeCount(_ notice: PublisherNotice) -> Int {
        notices.withLock { $0["\(notice)"] ?? 0 }
    }

    /// Waits for all threads; a failure of one ends the test.
    func wait(sourceLocation: SourceLocation = #_sourceLocation) throws {
        while !isDone { sched_yield() }
        let failures = failures.withLock { $0 }
        let notices = notices.withLock { $0 }
        try #require(failures.isEmpty, "notices: \(notices)", sourceLocation: sourceLocation)
    }

    private func publish(
        _ share: [ModelEvent],
        as producer: String,
        to endpoint: String,
        random: SeededGenerator,
        crashes: Bool
    ) throws {
        var random = random
        var next = 0
        var known = 0
        while known < share.count {
            var configuration = PublisherConfiguration(producer: producer, epoch: .stored)
            // Short, because the daemon is often gone; long beside a commit that fails.
            configuration.answerTimeout = .seconds(1)
            configuration.keepaliveInterval = .milliseconds(400)
            configuration.patience = .seconds(120)
            configuration.mayRenumber = false
            let publisher = Publisher(endpoint: endpoint, configuration: configuration)
            publisher.onNotice = { [self] notice in
                notices.withLock { $0["\(notice)", default: 0] += 1 }
            }
            let welcome = try publisher.connect()
            next = try #require(Int(welcome.checkpoint ?? "0"))
            try #require(Int64(next) == welcome.committedSequence, "one line has one number")
            try #require(next >= known, "what was acknowledged is never lost")
            follow(next, &known)
            while next < share.count {
                let open = share.count * released.load(ordering: .relaxed) / steps
                guard next < open else {
                    try publisher.service()
                    follow(Int(publisher.acknowledgedSequence), &known)
                    sched_yield()
                    continue
                }
                let size = min(open - next, Int(random.next() % 24) + 1)
                let body = share[next..<next + size].map { $0.ndjsonLine() + "\n" }.joined()
                next += size
                try publisher.publish(
                    body: Array(body.utf8),
                    count: size,
                    checkpoint: "\(next)"
                )
                follow(Int(publisher.acknowledgedSequence), &known)
                // A crash of the producer: only what the daemon has stored is known after it.
                if crashes, random.next() % 40 == 0 { break }
            }
            guard next == share.count else { continue }
            let totals = try publisher.close()
            try #require(totals.rejected == 0)
            follow(share.count, &known)
        }
    }

    private func follow(_ sequence: Int, _ known: inout Int) {
        guard sequence > known else { return }
        acknowledged.add(sequence - known, ordering: .relaxed)
        known = sequence
    }
}
