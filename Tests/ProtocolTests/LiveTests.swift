import Daemon
import Foundation
import JSON
import Testing
import ZeroMQ

/// `protocol/realtime.md`: the live socket.
struct LiveTests {
    private static let otherBot = "6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02"

    /// The only bot of events that name none, as a topic.
    private static let topic = "realtime." + Lines.bot

    @Test func `all bots and each of them say what realtime says at the same second`() throws {
        let daemon = try TestDaemon()
        let now = daemon.clock.now
        try daemon.publisher(named: "p").publish(
            from: 1,
            [
                Lines.message(1, at: now - 600_000), Lines.message(2, at: now - 20_000),
                Lines.message(3, at: now - 10_000, bot: Self.otherBot),
                Lines.message(3, at: now - 1_500_000, bot: Self.otherBot),
            ]
        )
        let listener = try Listener(daemon, "realtime")
        for _ in 0..<3 {
            let total = try listener.nextSecond().total
            let expected = try daemon.ask("realtime")
            let ofBots = try [Lines.bot, Self.otherBot].map { bot in
                ("realtime." + bot, try daemon.ask("realtime", ["bot_id": .string(bot)]))
            }
            #expect(total == expected)
            #expect(total["messages_per_minute"] == 2)
            let found = try listener.nextSecond().rest
            #expect(found == Dictionary(uniqueKeysWithValues: ofBots))
        }
        try daemon.stop()
    }

    @Test func `events count in the second after their ACK`() throws {
        let daemon = try TestDaemon()
        let publisher = try daemon.publisher(named: "p")
        let listener = try Listener(daemon, "realtime")
        for number in 1...5 {
            let line = Lines.message(number, at: daemon.clock.now - 5_000)
            try publisher.publish(from: Int64(number), [line])
            let total = try listener.nextSecond().total
            #expect(total["active_sessions"] == .integer(Int64(number)))
        }
    }

    @Test func `an idle bot is silent, and one that falls silent says so once`() throws {
        let daemon = try TestDaemon()
        let now = daemon.clock.now
        try daemon.publisher(named: "p").publish(
            from: 1,
            [
                Lines.message(1, at: now - 600_000),
                Lines.message(2, at: now - 2_400_000, bot: Self.otherBot),
            ]
        )
        let listener = try Listener(daemon, "realtime")
        _ = try listener.nextSecond()
        #expect(try listener.nextSecond().rest.keys.sorted() == [Self.topic])
        let total = try listener.nextSecond(after: 1_500).total
        #expect(total["active_sessions"] == 0)
        let last = try listener.nextSecond().rest
        #expect(last.keys.sorted() == [Self.topic])
        #expect(last[Self.topic]?["active_sessions"] == 0)
        #expect(last[Self.topic]?["lag_seconds"] != .null)
        for _ in 0..<3 { #expect(try listener.nextSecond().rest.isEmpty) }
    }

    @Test func `who asks for the sum or for one bot gets nothing else`() throws {
        let daemon = try TestDaemon()
        let now = daemon.clock.now
        try daemon.publisher(named: "p").publish(
            from: 1,
            [
                Lines.message(1, at: now - 60_000),
                Lines.message(2, at: now - 60_000, bot: Self.otherBot),
            ]
        )
        let sum = try Listener(daemon, "all")
        let total = try sum.nextSecond().total
        #expect(total == (try daemon.ask("realtime")))
        #expect(try sum.nextSecond().rest.isEmpty)
        let one = try Listener(daemon, Self.topic)
        let figures = try one.nextSecond().total
        #expect(figures == (try daemon.ask("realtime", ["bot_id": .string(Lines.bot)])))
        let part = try Listener(daemon, "realtime.6f1c2b9e-0d7a", first: Self.topic)
        #expect(try part.nextSecond().total["active_sessions"] == 1)
        // The sum comes twice to who asks for everything while somebody asks for it alone.
        let everything = try Listener(daemon, "")
        _ = try everything.nextSecond()
        let rest = try everything.nextSecond().rest
        #expect(Set(rest.keys) == [Self.topic, "realtime." + Self.otherBot, "all"])
    }

    @Test func `a second has all bots, however many`() throws {
        let daemon = try TestDaemon()
        let bots = (0..<600).map { number in
            "6f1c2b9e-0d7a-4c55-9a35-" + String(100_000_000_000 + number)
        }
        let now = daemon.clock.now
        let lines = bots.enumerated().map { Lines.message($0, at: now - 60_000, bot: $1) }
        try daemon.publisher(named: "p").publish(from: 1, lines)
        let listener = try Listener(daemon, "realtime")
        _ = try listener.nextSecond()
        let found = try listener.nextSecond().rest
        #expect(Set(found.keys) == Set(bots.map { "realtime." + $0 }))
        #expect(found.values.allSatisfy { $0["active_sessions"] == 1 })
    }

    @Test func `garbage and a subscriber that does not read stop nobody`() throws {
        let daemon = try TestDaemon()
        try daemon.publisher(named: "p").publish(from: 1, [Lines.message(1)])
        let deaf = try Listener(daemon, "", waitingMessages: 1)
        // Frames that are no subscription, ends of ones that never were, and prefixes of nothing.
        let garbler = try Socket(context: daemon.context, type: .xsub, options: [.linger(.zero)])
        try garbler.connect(daemon.liveEndpoint)
        let frames: [[UInt8]] = [
            [], [2], [0], [0, 1, 2], [1, 0xff, 0xfe], [1] + Array("realtime.zzz".utf8),
            [1] + Array((Self.topic + "x").utf8), [1] + Array(Self.topic.uppercased().utf8),
            Array("realtime".utf8),
        ]
        for frame in frames { #expect(try garbler.send(frame) == .sent) }
        _ = try garbler.sendMultipart([[1], [1], [0]])
        let listener = try Listener(daemon, "realtime")
        for _ in 0..<30 {
            let total = try listener.nextSecond().total
            #expect(total["active_sessions"] == 1)
        }
        #expect(try daemon.ask("system.status")["status"] == "ok")
        withExtendedLifetime(deaf) {}
        try daemon.stop()
    }

    @Test func `a restart is passed over by those who listen`() throws {
        let directory = try TemporaryDirectory()
        let daemon = try TestDaemon { $0.liveEndpoint = "ipc://\(directory.path)/live" }
        try daemon.publisher(named: "p").publish(from: 1, [Lines.message(1)])
        let listener = try Listener(daemon, "realtime")
        #expect(try listener.nextSecond().total["active_sessions"] == 1)
        try daemon.restart()
        try listener.passOverRestart()
        #expect(try listener.nextSecond().total["active_sessions"] == 1)
        try daemon.stop()
    }
}

/// A subscriber of the live socket, and the clock that it moves from second to second.
private final class Listener {
    private let socket: Socket
    private let daemon: TestDaemon
    private var clockKeeper: IngestPeer
    private let first: String
    private var isHeard = false

    /// Subscribes to a topic; each second begins with it, or with the other one that is named.
    init(
        _ daemon: TestDaemon,
        _ topic: String,
        first: String? = nil,
        waitingMessages: Int = 0
    ) throws {
        self.daemon = daemon
        clockKeeper = try daemon.publisher()
        self.first = first ?? (topic.isEmpty ? "realtime" : topic)
        socket = try Socket(
            context: daemon.context,
            type: .sub,
            options: [
                .linger(.zero), .receiveHighWaterMark(waitingMessages),
                .receiveTimeout(.milliseconds(100)), .subscribe(Array(topic.utf8)),
            ]
        )
        try socket.connect(daemon.liveEndpoint)
    }

    /// Goes on after a restart, when nothing may come for a while.
    func passOverRestart() throws {
        isHeard = false
        clockKeeper = try daemon.publisher()
        while try receive() != nil {}
    }

    /// Moves the clock and waits for the figures that each second begins with.
    ///
    /// - Parameter seconds: How far the clock moves.
    /// - Returns: Those, and what came before them: the rest of the second before.
    /// - Throws: Where nothing comes.
    func nextSecond(
        after seconds: Int64 = 1
    ) throws -> (total: JSONValue, rest: [String: JSONValue]) {
        // Nobody tells when a subscription has arrived.
        while !isHeard {
            try advance(by: 1)
            isHeard = try receive() != nil
        }
        try advance(by: seconds)
        let now = Date(timeIntervalSince1970: Double(daemon.clock.endOfSecond / 1_000))
        let text = now.formatted(.iso8601).replacing("Z", with: "+00:00")
        let deadline = ContinuousClock.now + patience
        var rest: [String: JSONValue] = [:]
        while ContinuousClock.now < deadline {
            guard let message = try receive() else { continue }
            guard message.topic == first else {
                #expect(rest.updateValue(message.content, forKey: message.topic) == nil)
                continue
            }
            if message.content["meta"]?["generated_at"] == .string(text) {
                return (message.content, rest)
            }
            rest = [:]
        }
        throw NothingCame()
    }

    private struct NothingCame: Error {}

    /// Moves the clock; a message makes the daemon look at it.
    private func advance(by seconds: Int64) throws {
        daemon.clock.advance(by: seconds * 1_000)
        _ = try clockKeeper.answersBeforePong()
    }

    private func receive() throws -> (topic: String, content: JSONValue)? {
        guard let frames = try socket.receiveMultipart() else { return nil }
        try #require(frames.count == 2)
        let topic = String(decoding: frames[0], as: UTF8.self)
        return (topic, try JSONValue(parsing: frames[1]))
    }
}
