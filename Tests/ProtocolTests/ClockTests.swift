import Daemon
import JSON
import Simulation
import Testing

/// The wall clock may stand still, leap and go back; answers follow it, and nothing is lost.
struct ClockTests {
    private let methods = [
        "usage", "usage.daily", "usage.monthly", "conversations", "conversations.volume",
        "conversations.duration", "conversations.resolution", "engagement",
        "engagement.retention", "engagement.satisfaction", "realtime", "realtime.active",
        "system.status",
    ]

    /// Asks until the daemon has followed the clock; its ingest thread looks each second.
    private func waitForNow(_ daemon: TestDaemon, _ expected: String) throws {
        let peer = try daemon.publisher()
        var now: String?
        for _ in 0..<1_000 {
            _ = try peer.answersBeforePong()
            now = try daemon.ask("usage")["meta"]?["generated_at"]?.stringValue
            if now == expected { return }
        }
        #expect(now == expected)
    }

    @Test func `now is the end of the running second`() throws {
        let daemon = try TestDaemon()
        try waitForNow(daemon, "2025-06-01T12:00:01+00:00")
        daemon.clock.advance(by: 999)
        try waitForNow(daemon, "2025-06-01T12:00:01+00:00")
        daemon.clock.advance(by: 1)
        try waitForNow(daemon, "2025-06-01T12:00:02+00:00")
        try daemon.stop()
    }

    @Test func `a clock that is set back does not move now back and loses nothing`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...3))
        daemon.clock.advance(by: -86_400_000)
        try peer.publish(from: 4, [Lines.message(4, at: daemon.clock.now)])
        let usage = try daemon.ask("usage")
        #expect(usage["total_messages"] == 4)
        #expect(usage["meta"]?["generated_at"] == "2025-06-01T12:00:01+00:00")
        try daemon.restart()
        let again = try daemon.publisher(named: "p", epoch: 1)
        #expect(try daemon.ask("usage")["total_messages"] == 4)
        // What lies ahead of the clock is refused by the clock.
        let ahead = try again.publish(from: 5, [Lines.message(5, at: ManualClock.start)])
        #expect(ahead.rejected == 1)
        try again.publish(from: 6, [Lines.message(6, at: daemon.clock.now + 300_000)])
        daemon.clock.advance(by: 2 * 86_400_000)
        try again.publish(from: 7, [Lines.message(7, at: daemon.clock.now)])
        #expect(try daemon.ask("usage")["total_messages"] == 6)
        try waitForNow(daemon, "2025-06-02T12:00:01+00:00")
        try daemon.stop()
    }

    @Test func `leaps in both directions leave what the model says`() throws {
        var random = SeededGenerator.announced("clock leaps")
        let daemon = try TestDaemon()
        var peer = try daemon.publisher(named: "p")
        var accepted: [ModelEvent] = []
        var latest = ManualClock.start
        for number in 1...200 as ClosedRange<Int64> {
            let leap = Int64(random.next() % 14_400_000) - 6_600_000
            daemon.clock.advance(by: random.next() % 12 == 0 ? leap * 40 : leap)
            latest = max(latest, daemon.clock.now)
            // A few sessions, so that conversations grow, merge and end.
            let back = Int64(random.next() % 7_200_000)
            let line = Lines.message(
                Int(random.next() % 9),
                at: daemon.clock.now + 300_000 - back
            )
            #expect(try peer.publish(from: number, [line]).accepted == 1)
            accepted.append(try ModelEvent(parsing: line))
            if random.next() % 40 == 0 {
                try daemon.restart()
                peer = try daemon.publisher(named: "p", epoch: 1)
            }
        }
        daemon.clock.set(latest)
        _ = try peer.answersBeforePong()
        let model = ReferenceModel(
            events: accepted,
            sessionTimeoutSeconds: 1_800,
            defaultTimezone: "UTC"
        )
        for method in methods where method != "system.status" && !method.hasPrefix("realtime") {
            let answer = try daemon.ask(method, ["days": 90])
            let expected = try model.answer(
                method: method,
                parameters: ["days": "90"],
                now: try now(of: answer)
            )
            let differences = JSONComparison.differences(actual: answer, expected: expected)
            #expect(differences.isEmpty, "\(method)")
        }
        try daemon.stop()
    }

    /// The time `generated_at` tells.
    private func now(of answer: JSONValue) throws -> Int64 {
        let text = try #require(answer["meta"]?["generated_at"]?.stringValue)
        let line = Lines.message(0, at: 0).replacing(
            "\"timestamp\":0",
            with: "\"timestamp\":\"\(text)\""
        )
        return try ModelEvent(parsing: line).timestamp
    }

    @Test(
        arguments: [
            (946_684_800_000, "the first instant of 2000"),
            (946_684_801_000, "the second after it"),
            (4_102_444_799_000 - 1, "the last second but one of 2099"),
            (4_102_444_799_999, "the last instant of 2099"),
        ] as [(Int64, String)]
    )
    func `every question is answered at the edges of time`(time: Int64, why: String) throws {
        let daemon = try TestDaemon(clock: ManualClock(time))
        let peer = try daemon.publisher(named: "p")
        _ = try peer.events(from: 1, [Lines.message(1, at: time), Lines.message(2)])
        for method in methods {
            let answer = try daemon.asker().exchange(
                #"{"jsonrpc":"2.0","id":1,"method":"\#(method)"}"#
            )
            #expect(answer["id"] == 1, "\(method), \(why)")
        }
        try daemon.restart()
        #expect(try daemon.publisher().hello("p", epoch: 1).committed == 2)
        try daemon.stop()
    }

    @Test func `a clock before the calendar is refused or followed, and no trap`() async {
        await #expect(processExitsWith: .success) {
            do {
                let daemon = try TestDaemon(clock: ManualClock(0))
                _ = try daemon.ask("realtime")
                try daemon.stop()
            } catch let failure as DaemonFailure {
                #expect(failure.description.contains("clock"))
            }
        }
    }

    @Test func `a clock that leaps past the calendar ends nothing`() async {
        await #expect(processExitsWith: .success) {
            let daemon = try TestDaemon()
            let peer = try daemon.publisher(named: "p")
            try peer.publish(from: 1, Lines.messages(1...3))
            daemon.clock.set(7_258_118_400_000)
            _ = try peer.answersBeforePong()
            _ = try daemon.ask("realtime")
            daemon.clock.set(ManualClock.start)
            try peer.publish(from: 4, Lines.messages(4...4))
            try daemon.stop()
        }
    }
}
