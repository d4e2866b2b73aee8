import Glibc
import JSON
import Simulation
import Testing
import ZeroMQ

/// Garbage on every socket neither ends the daemon nor disturbs anybody else.
struct GarbageTests {
    private static let rounds = 1_500

    /// Frames that look like the protocol's and are damaged, or like nothing at all.
    private struct Garbler {
        var random: SeededGenerator

        mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

        mutating func bytes(upTo maximum: Int) -> [UInt8] {
            let count = below(maximum + 1)
            return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }

        mutating func damaged(_ text: String) -> [UInt8] {
            var bytes = Array(text.utf8)
            for _ in 0..<below(4) {
                guard !bytes.isEmpty else { break }
                let place = below(bytes.count)
                switch below(4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[below(bytes.count)], at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            return bytes
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[below(elements.count)]
        }

        mutating func frames(_ templates: [[String]]) -> [[UInt8]] {
            if below(5) == 0 { return (0...below(5)).map { _ in bytes(upTo: 200) } }
            var frames = pick(templates).map { damaged($0) }
            if below(8) == 0 { frames.insert(bytes(upTo: 10), at: below(frames.count + 1)) }
            if below(8) == 0, frames.count > 1 { frames.remove(at: below(frames.count)) }
            return frames
        }
    }

    private let ingest = [
        ["HELLO", #"{"protocol":1,"producer":"fuzz"}"#],
        ["HELLO", #"{"protocol":1,"producer":"fuzz","epoch":1}"#],
        [
            "EVENTS", #"{"producer":"fuzz","epoch":1,"first_seq":1,"count":1,"checkpoint":"c"}"#,
            Lines.message(77),
        ],
        [
            "EVENTS", #"{"producer":"victim","epoch":1,"first_seq":5,"count":2}"#,
            Lines.message(78) + "\n" + Lines.message(79),
        ],
        ["PING", "{}"],
    ]
    private let events = [
        ["topic", Lines.message(80)],
        ["topic", #"{"producer":"fuzz","seq":17}"#, Lines.message(81) + "\n{}\n"],
    ]
    private let queries = [
        [#"{"jsonrpc":"2.0","id":1,"method":"usage","params":{"days":7,"timezone":"UTC"}}"#],
        [
            "",
            #"{"jsonrpc":"2.0","id":"x","method":"conversations.volume","params":"#
                + #"{"start_date":"2025-05-01","end_date":"2025-06-01T10:07:00+03:00","#
                + #""group_by":"hour","compare":"previous_year"}}"#,
            "Bearer x",
        ],
        [
            #"[{"jsonrpc":"2.0","id":1,"method":"realtime","params":{"window_minutes":3}},"#
                + #"{"jsonrpc":"2.0","id":2,"method":"engagement.retention","params":"#
                + #"{"criteria":"bracket","brackets":"1-3,4-7","group_by":"week"}}]"#
        ],
    ]

    @Test func `garbage on every socket disturbs nobody`() throws {
        var garbler = Garbler(random: SeededGenerator.announced("garbage"))
        let daemon = try TestDaemon()
        let victim = try daemon.publisher(named: "victim")
        let asker = try daemon.asker()
        let bad = try daemon.publisher()
        let badAsker = try daemon.asker()
        let shouter = try Socket(
            context: daemon.context,
            type: .xpub,
            options: [.linger(.zero), .receiveTimeout(patience)]
        )
        try shouter.connect(daemon.eventsEndpoint)
        #expect(try shouter.receiveMultipart() == [[1]])
        var questions = 0
        for round in 1...Self.rounds {
            try bad.send(garbler.frames(ingest))
            #expect(try shouter.sendMultipart(garbler.frames(events)) != .wouldBlock)
            try badAsker.send(garbler.frames(queries))
            questions += 1
            if round % 20 == 0 {
                // Every question is answered, whatever it was.
                for _ in 0..<questions { _ = try badAsker.receive() }
                questions = 0
                let number = Int64(round / 20)
                let answer = try victim.publish(from: number, [Lines.message(1_000 + round)])
                #expect(answer.accepted == 1)
                #expect(try asker.ask("system.status")["version"] != nil)
                _ = try bad.answersBeforePong()
            }
        }
        let last = Int64(Self.rounds / 20)
        #expect(try victim.hello("victim", epoch: 1).committed == last)
        let before = try asker.ask("usage")["total_messages"]
        try daemon.restart()
        #expect(try daemon.ask("usage")["total_messages"] == before)
        try daemon.stop()
    }

    @Test func `bytes that are not ZeroMQ's do no harm`() throws {
        var garbler = Garbler(random: SeededGenerator.announced("raw bytes"))
        let daemon = try TestDaemon()
        for endpoint in [
            daemon.ingestEndpoint, daemon.eventsEndpoint, daemon.queryEndpoint, daemon.liveEndpoint,
        ] {
            for round in 0..<40 {
                let connection = try RawConnection(endpoint)
                var bytes = garbler.bytes(upTo: 400)
                // Half of them begin as a ZeroMQ greeting does.
                if round % 2 == 0 { bytes = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3] + bytes }
                connection.send(bytes)
            }
        }
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3))
        #expect(try daemon.ask("usage")["total_messages"] == 3)
        try daemon.stop()
    }

    @Test func `a peer that never reads its answers stops nobody`() throws {
        let daemon = try TestDaemon()
        let deaf = try daemon.asker()
        let question = Array(#"{"jsonrpc":"2.0","id":1,"method":"system.status"}"#.utf8)
        for _ in 0..<900 { try deaf.send([question]) }
        let deafPublisher = try daemon.publisher()
        for _ in 0..<900 { try deafPublisher.send("NOSUCH", [:]) }
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3))
        #expect(try daemon.ask("usage")["total_messages"] == 3)
        try daemon.stop()
    }

    @Test func `peers that come and go stop nobody`() throws {
        let daemon = try TestDaemon()
        let steady = try daemon.publisher(named: "steady")
        for round in 1...60 {
            // Closed at once: the daemon's answers find nobody.
            let passing = try daemon.publisher()
            try passing.sendHello("passing-\(round % 3)")
            try daemon.asker().send([Array(#"{"jsonrpc":"2.0","id":1,"method":"usage"}"#.utf8)])
            try steady.publish(from: Int64(round), [Lines.message(round)])
        }
        #expect(try daemon.ask("usage")["total_messages"] == 60)
        try daemon.stop()
    }

    @Test func `a frame that is deep and wide costs no more memory than it should`() async {
        // In a process of its own, so that a parser that takes gigabytes ends that one.
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
            let kind = __rlimit_resource_t(RLIMIT_AS.rawValue)
            #expect(setrlimit(kind, &limit) == 0)
            let daemon = try TestDaemon()
            let peer = try daemon.asker()
            let values = Array(repeating: "1", count: 30_000).joined(separator: ",")
            for depth in [1, 30, 300, 500] {
                let frame =
                    String(repeating: "[", count: depth) + values
                    + String(repeating: "]", count: depth)
                _ = try peer.exchange(frame)
            }
            // No check of the store here: its map alone would exceed the limit.
            #expect(try peer.ask("usage")["total_messages"] == 0)
        }
    }
}
