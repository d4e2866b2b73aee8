import Core
import Testing

struct RealtimeWindowTests {
    private let now = RealtimeScenario.start
    private let second = Milliseconds.second
    private let minute = Milliseconds.minute

    private func event(
        _ kind: EventKind,
        at timestamp: UnixMilliseconds,
        bot: UInt32 = 0,
        session: UInt32 = 0,
        user: UInt32 = 0,
        channel: UInt16 = 0
    ) -> RealtimeEvent {
        RealtimeEvent(
            timestamp: timestamp,
            bot: bot,
            session: session,
            user: user,
            channel: channel,
            kind: kind
        )
    }

    private func snapshot(
        _ window: RealtimeWindow,
        bot: UInt32? = nil,
        channel: UInt16? = nil,
        minutes: Int = 30
    ) -> RealtimeSnapshot {
        window.snapshot(bot: bot, channel: channel, windowMinutes: minutes)
    }

    @Test func `an empty window has zeros, rows and no newest event`() {
        let snapshot = snapshot(RealtimeWindow(now: now), minutes: 2)
        #expect(snapshot.activeSessions == 0 && snapshot.activeUsers == 0)
        #expect(snapshot.newest == nil && snapshot.lagMilliseconds == nil)
        #expect(snapshot.series.map(\.start) == [now - 2 * minute, now - minute])
        #expect(snapshot.series.allSatisfy { $0.messages == 0 && $0.isComplete })
    }

    @Test(
        arguments: [
            (0, 0, "now itself has not passed"), (-1, 1, "the last millisecond"),
            (-1_800_000, 1, "the first millisecond"), (-1_800_001, 0, "one too early"),
        ]
    )
    func `a window holds its first millisecond and not its end`(
        offset: Int64,
        expected: Int,
        reason: Comment
    ) {
        var window = RealtimeWindow(now: now)
        window.record(event(.incoming, at: now + offset))
        #expect(snapshot(window).activeSessions == expected, reason)
        #expect(snapshot(window).activeUsers == expected, reason)
    }

    @Test func `an early message counts in the second that passes it`() {
        var window = RealtimeWindow(now: now)
        window.record(event(.incoming, at: now + 300 * second - 1))
        window.advance(to: now + 299 * second)
        #expect(snapshot(window).activeSessions == 0)
        #expect(snapshot(window).messagesPerMinute == 0)
        #expect(snapshot(window).series.allSatisfy { $0.messages == 0 })
        #expect(snapshot(window).newest == nil)
        window.advance(to: now + 300 * second)
        #expect(snapshot(window).activeSessions == 1)
        #expect(snapshot(window).messagesPerMinute == 1)
        #expect(snapshot(window).series.last?.messages == 1)
        #expect(snapshot(window).lagMilliseconds == 1)
    }

    @Test func `a message that arrives after its session's end does not reopen it`() {
        var window = RealtimeWindow(now: now)
        window.record(event(.ended, at: now - 5_000))
        window.record(event(.incoming, at: now - 5_000))
        #expect(snapshot(window).activeSessions == 0)
        #expect(snapshot(window).activeUsers == 1)
        window.record(event(.assistant, at: now - 4_999))
        #expect(snapshot(window).activeSessions == 1)
        window.record(event(.resolved, at: now - 4_999))
        #expect(snapshot(window).activeSessions == 0)
    }

    @Test func `an end closes a session on all its channels, a message on one reopens all`() {
        var window = RealtimeWindow(now: now)
        for channel: UInt16 in 0...2 {
            window.record(
                event(.incoming, at: now - 60_000 + Int64(channel) * 9_000, channel: channel)
            )
        }
        let channels = window.active(bot: 0, channel: nil, windowMinutes: 1).channels
        #expect(channels.map(\.activeSessions) == [1, 1, 1])
        #expect(snapshot(window, bot: 0).activeSessions == 1)
        window.record(event(.ended, at: now - 20_000, channel: 7))
        #expect(window.active(bot: nil, channel: nil, windowMinutes: 60).channels.isEmpty)
        window.record(event(.agent, at: now - 19_999, channel: 1))
        #expect(window.active(bot: nil, channel: nil, windowMinutes: 60).channels.count == 3)
        #expect(snapshot(window, bot: 0).activeSessions == 1)
    }

    @Test func `an end ahead of now closes when now passes it`() {
        var window = RealtimeWindow(now: now)
        window.record(event(.incoming, at: now - 1))
        window.record(event(.ended, at: now + 1_500))
        window.advance(to: now + second)
        #expect(snapshot(window).activeSessions == 1)
        window.advance(to: now + 2 * second)
        #expect(snapshot(window).activeSessions == 0)
    }

    @Test func `a user of several bots is one user of them together`() {
        var window = RealtimeWindow(now: now)
        for bot: UInt32 in 0...3 {
            window.record(
                event(.incoming, at: now - 1, bot: bot, session: bot, channel: UInt16(bot % 2))
            )
        }
        #expect(snapshot(window).activeUsers == 1)
        let three = window.snapshot(bots: [0, 1, 2, 2], channel: nil, windowMinutes: 5)
        #expect(three.activeUsers == 1 && three.activeSessions == 3)
        let even = window.snapshot(bots: [0, 1, 2], channel: 0, windowMinutes: 5)
        #expect(even.activeUsers == 1 && even.activeSessions == 2)
        #expect(window.snapshot(bots: [], channel: nil, windowMinutes: 5).activeUsers == 0)
    }

    @Test func `now does not go back`() {
        var window = RealtimeWindow(now: now)
        window.advance(to: now - minute)
        #expect(window.now == now)
    }

    @Test func `a restored newest event tells the lag of its scopes only`() {
        var window = RealtimeWindow(now: now)
        window.restoreNewest(bot: 1, channel: 2, instant: now - Milliseconds.day)
        window.restoreNewest(bot: 1, channel: 3, instant: now + 500)
        #expect(snapshot(window).lagMilliseconds == Milliseconds.day)
        #expect(snapshot(window, channel: 2).lagMilliseconds == Milliseconds.day)
        #expect(snapshot(window, bot: 1, channel: 3).newest == nil)
        #expect(snapshot(window, bot: 0).newest == nil)
        window.advance(to: now + second)
        #expect(snapshot(window, bot: 1).lagMilliseconds == 500)
    }

    @Test func `a session of an hour ago starts anew`() {
        var window = RealtimeWindow(now: now)
        window.record(event(.incoming, at: now - 1, channel: 0))
        window.record(event(.incoming, at: now - 1, channel: 1))
        window.advance(to: now + 61 * minute)
        window.record(event(.ended, at: now + 30))
        #expect(snapshot(window, bot: 0, minutes: 60).activeSessions == 0)
        window.record(event(.incoming, at: now + 2 * minute, channel: 2))
        let active = window.active(bot: 0, channel: nil, windowMinutes: 60)
        #expect(active.channels.map(\.ordinal) == [2])
        #expect(active.channels.map(\.activeSessions) == [1])
    }
}
