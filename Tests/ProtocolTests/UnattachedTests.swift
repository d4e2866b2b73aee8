import Core
import Daemon
import JSON
import Testing

/// `events_unattached` is the same whether it was followed or added up.
struct UnattachedTests {
    private static let day: Int64 = 86_400_000

    private func resolution(_ number: Int, at timestamp: Int64) -> String {
        Lines.message(number, at: timestamp).replacing(
            #""type":"message","role":"user""#,
            with: #""type":"session.resolved""#
        )
    }

    @Test func `unattached events are followed commit by commit`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let time = ManualClock.start - 600_000
        var next: Int64 = 1
        /// The count that is followed, then the one that a new daemon adds up.
        func expect(_ count: Int64, after lines: [String]) throws {
            try peer.publish(from: next, lines)
            next += Int64(lines.count)
            #expect(try daemon.count("events_unattached") == count)
        }
        try expect(2, after: [resolution(1, at: time), resolution(2, at: time)])
        try expect(3, after: [resolution(3, at: time - 40 * Self.day)])
        // One that is attached by a message that comes late.
        try expect(2, after: [Lines.message(1, at: time - 1_000)])
        try expect(2, after: [resolution(1, at: time + 1_000)])
        try daemon.restart()
        #expect(try daemon.count("events_unattached") == 2)
        try daemon.stop()
    }

    @Test func `unattached events that are no longer kept are not counted`() throws {
        let daemon = try TestDaemon {
            $0.retention.hourDays = 2; $0.retention.dayDays = 3
        }
        let peer = try daemon.publisher(named: "p")
        let start = ManualClock.start
        let lines = (0..<6).map { resolution($0, at: start - Int64($0) * Self.day) }
        try peer.publish(from: 1, lines)
        // Today and the three days before it.
        #expect(try daemon.count("events_unattached") == 4)
        let late = (6..<12).map { resolution($0, at: start - Int64($0 - 6) * Self.day) }
        try peer.publish(from: 7, late)
        #expect(try daemon.count("events_unattached") == 8)
        daemon.clock.advance(by: 2 * Self.day)
        // Answers come in turns that follow the clock; one turn may give several.
        for _ in 0..<50 { _ = try peer.answersBeforePong() }
        #expect(try daemon.count("events_unattached") == 4)
        try daemon.restart()
        #expect(try daemon.count("events_unattached") == 4)
        try daemon.stop()
    }
}
