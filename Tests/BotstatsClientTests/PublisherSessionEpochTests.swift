import BotstatsClient
import JSON
import Testing

@Suite struct `Publisher session, epochs and stores` {
    @Test func `the stored numbering of an unknown producer is a new one`() throws {
        var conversation = Conversation(.stored)
        try conversation.act()
        #expect(try conversation.header()["epoch"] == 1)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.epoch == 1)
        #expect(conversation.session.welcome?.committedSequence == 0)
    }

    @Test(arguments: [1, 2, 1_000_007] as [Int64])
    func `the stored numbering is found and continued`(epoch: Int64) throws {
        var conversation = Conversation(.stored)
        conversation.daemon.epoch = epoch
        conversation.daemon.committed = 40
        conversation.daemon.checkpoint = "here"
        try conversation.exchange()
        #expect(conversation.session.welcome?.epoch == epoch)
        #expect(conversation.session.welcome?.checkpoint == "here")
        #expect(conversation.session.nextSequence == 41)
        conversation.append("x")
        try conversation.exchange()
        #expect(conversation.daemon.committed == 41)
        #expect(conversation.session.totals.accepted == 1)
        #expect(conversation.session.totals.duplicate == 0)
    }

    @Test func `a named epoch is resumed and another one refused`() throws {
        var right = Conversation(.resume(3))
        right.daemon.epoch = 3
        right.daemon.committed = 10
        try right.exchange()
        #expect(right.session.nextSequence == 11)

        var wrong = Conversation(.resume(2))
        wrong.daemon.epoch = 3
        #expect(throws: PublisherError.unknownEpoch(producer: "p", stored: 3)) {
            try wrong.exchange()
        }
    }

    @Test func `a daemon that keeps refusing every epoch does not make it go on for ever`() throws {
        var conversation = Conversation(.stored)
        var epoch: Int64 = 2
        #expect(throws: PublisherError.self) {
            for _ in 0..<10 {
                try conversation.act()
                conversation.toDaemon = []
                epoch += 1
                try conversation.deliver(
                    conversation.daemon.nack(["code": "unknown_epoch", "epoch": .integer(epoch)])
                )
            }
        }
    }

    @Test(
        arguments: [
            ("fenced", PublisherError.fenced(producer: "p")),
            ("unauthorized", .unauthorized(producer: "p", message: nil)),
            ("unknown_epoch", .unknownEpoch(producer: "p", stored: 1)),
            ("malformed", .refused(code: "malformed", message: nil)),
            ("something_new", .refused(code: "something_new", message: nil)),
        ]
    )
    func `a refusal that no repetition cures ends the session`(
        code: String,
        error: PublisherError
    ) throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        try conversation.act()
        let header = try conversation.header()
        #expect(throws: error) {
            try conversation.deliver(conversation.daemon.refuse(header, code: code))
        }
        #expect(throws: error, "the reason stays") { try conversation.act() }
    }

    @Test(arguments: [0, 1, 2, 5])
    func `a fence is forgiven for each greeting given up without an answer and not once more`(
        givenUp: Int
    ) throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.append("b")
        try conversation.act()
        // The first connection's greeting was answered: it cannot overtake a later one.
        for _ in 0...givenUp {
            conversation.now += .seconds(10)
            try conversation.act()
            #expect(conversation.commands == ["HELLO"])
        }
        for _ in 0..<givenUp {
            try conversation.deliver(
                conversation.daemon.answer(conversation.toDaemon.removeFirst())
            )
            // Everything under way is refused, for one greeting that was read late.
            let headers = try [conversation.header(0), conversation.header(1)]
            conversation.toDaemon = []
            for header in headers {
                try conversation.deliver(conversation.daemon.refuse(header, code: "fenced"))
            }
            #expect(conversation.commands == ["HELLO"])
        }
        try conversation.deliver(conversation.daemon.answer(conversation.toDaemon.removeFirst()))
        let header = try conversation.header()
        #expect(throws: PublisherError.fenced(producer: "p"), "this is a rival") {
            try conversation.deliver(conversation.daemon.refuse(header, code: "fenced"))
        }
    }

    @Test func `a greeting that was refused excuses no fence`() throws {
        var conversation = Conversation()
        try conversation.act()
        conversation.toDaemon = []
        try conversation.deliver(conversation.daemon.nack(["code": "storage_full"]))
        conversation.now += .seconds(1)
        try conversation.act()
        #expect(conversation.commands == ["HELLO"], "the second on this connection")
        conversation.now += .seconds(10)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        conversation.append("a")
        for isForgiven in [true, false] {
            try conversation.act()
            let header = try conversation.header()
            conversation.toDaemon = []
            let refusal = conversation.daemon.refuse(header, code: "fenced")
            guard isForgiven else {
                #expect(throws: PublisherError.fenced(producer: "p")) {
                    try conversation.deliver(refusal)
                }
                return
            }
            try conversation.deliver(refusal)
            try conversation.deliver(
                conversation.daemon.answer(conversation.toDaemon.removeFirst())
            )
        }
    }

    @Test func `another store gets everything not acknowledged under new numbers`() throws {
        var conversation = Conversation()
        conversation.daemon.epoch = 8
        try conversation.exchange()
        conversation.append("a", "b")
        try conversation.exchange()
        conversation.append("c")
        conversation.append("d")
        try conversation.act()
        conversation.daemon = FakeDaemon(store: "store-b")
        conversation.now += .seconds(10)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.counted == ["store-b/1": ["c", "d"]])
        #expect(conversation.session.totals.accepted == 4)
        #expect(conversation.session.totals.duplicate == 0)
        #expect(
            conversation.notices == [
                .noAnswer, .storeChanged(from: "store-a", to: "store-b"), .renumbered(epoch: 1),
                .reconnected,
            ]
        )
    }

    @Test func `a store set back by a restore gets the rest under a new epoch`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a", "b", "c")
        try conversation.exchange()
        conversation.append("d")
        try conversation.act()
        conversation.daemon.committed = 1
        conversation.daemon.incarnation = 2
        conversation.daemon.counted = ["store-a/1": ["a"]]
        conversation.now += .seconds(10)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.counted == ["store-a/1": ["a"], "store-a/2": ["d"]])
        #expect(conversation.notices.contains(.storeRestored(missingEventCount: 2)))
        #expect(conversation.notices.contains(.renumbered(epoch: 2)))
    }

    @Test func `a backup older than the epoch gets the rest under a new one`() throws {
        var older = Conversation()
        older.daemon.epoch = 4
        try older.exchange()
        older.append("b")
        try older.act()
        older.now += .seconds(10)
        try older.act()
        older.toDaemon = []
        try older.deliver(older.daemon.nack(["code": "unknown_epoch", "epoch": 4]))
        #expect(older.commands == ["HELLO"])
        #expect(try older.header()["epoch"] == nil)
        older.daemon.epoch = 1_000_003  // A restored store's next epoch is far above.
        try older.exchange()
        #expect(older.session.isIdle)
        #expect(older.daemon.counted == ["store-a/1000004": ["b"]])
        #expect(older.notices.contains(.renumbered(epoch: 1_000_004)))
    }

    @Test func `a higher epoch belongs to another publisher`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.daemon.epoch = 2
        conversation.daemon.hasGreeting = false
        #expect(throws: PublisherError.unknownEpoch(producer: "p", stored: 2)) {
            try conversation.exchange()
        }
    }

    @Test func `a store restored without loss is reported and nothing is renumbered`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        try conversation.exchange()
        conversation.append("b")
        try conversation.act()
        conversation.daemon.incarnation = 2
        conversation.now += .seconds(10)
        try conversation.exchange()
        #expect(conversation.daemon.counted == ["store-a/1": ["a", "b"]])
        #expect(conversation.notices.contains(.storeRestored(missingEventCount: 0)))
    }

    @Test func `numbers that mean something are never given anew`() throws {
        var restored = Conversation(mayRenumber: false)
        try restored.exchange()
        restored.append("a", "b")
        try restored.exchange()
        restored.append("c")
        try restored.act()
        restored.daemon.committed = 1
        restored.now += .seconds(10)
        #expect(throws: PublisherError.rolledBack(producer: "p", committedSequence: 1)) {
            try restored.exchange()
        }

        var replaced = Conversation(mayRenumber: false)
        try replaced.exchange()
        replaced.append("a")
        try replaced.act()
        replaced.daemon = FakeDaemon(store: "store-b")
        replaced.now += .seconds(10)
        #expect(throws: PublisherError.unknownEpoch(producer: "p", stored: nil)) {
            try replaced.exchange()
        }
    }

    @Test func `events nobody here has sent are noticed`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        try conversation.act()
        conversation.toDaemon = []
        conversation.daemon.committed = 5
        conversation.now += .seconds(10)
        #expect(throws: PublisherError.numberedElsewhere(producer: "p", committedSequence: 5)) {
            try conversation.exchange()
        }
    }

    @Test func `answers of another producer or epoch are none of its business`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        try conversation.act()
        let strangers: [JSONValue] = [
            ["producer": "q", "epoch": 1, "committed_seq": 1, "accepted": 1],
            ["producer": "p", "epoch": 9, "committed_seq": 1, "accepted": 1],
        ]
        for header in strangers {
            try conversation.deliver([Array("ACK".utf8), header.serializedBytes()])
        }
        #expect(conversation.session.totals.accepted == 0)
        #expect(conversation.session.pendingEventCount == 1)
    }

    @Test(arguments: ["ACK", "WELCOME", "NACK", "HOWDY"])
    func `a message it cannot read ends the session`(command: String) throws {
        var conversation = Conversation()
        try conversation.exchange()
        #expect(throws: PublisherError.badMessage("a message “\(command)”")) {
            try conversation.deliver([Array(command.utf8), Array("[".utf8)])
        }
    }

    @Test func `a wire that loses and delays at random neither loses nor doubles an event`() throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var generator = Generator(state: seed)
        for _ in 0..<200 {
            var conversation = Conversation()
            var appended: [String] = []
            while appended.count < 30 || !conversation.session.isIdle {
                let size = Int.random(in: 1...3, using: &generator)
                if appended.count < 30, conversation.session.hasRoom(forByteCount: 4 * size) {
                    let lines = (0..<size).map { "e\(100 + appended.count + $0)" }
                    appended += lines
                    let body = Array(lines.map { $0 + "\n" }.joined().utf8)
                    conversation.session.append(body: body, count: size, at: conversation.now)
                }
                try conversation.act()
                try stir(&conversation, &generator)
                conversation.now += .seconds(Int.random(in: 0...3, using: &generator))
            }
            #expect(
                conversation.daemon.counted["store-a/\(conversation.daemon.epoch ?? 0)"] == appended
            )
            let totals = conversation.session.totals
            #expect(totals.accepted + totals.duplicate == Int64(appended.count))
        }
    }

    /// Lets the daemon read, lose, refuse or answer into the void some of its messages.
    private func stir(_ conversation: inout Conversation, _ generator: inout Generator) throws {
        var count = Int.random(in: 0...4, using: &generator)
        while count > 0, !conversation.toDaemon.isEmpty {
            count -= 1
            let frames = conversation.toDaemon.removeFirst()
            let isEvents = frames.count == 3
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: break
            case 1: _ = try conversation.daemon.answer(frames)
            case 2 where isEvents:
                let header = try JSONValue(parsing: frames[1])
                let wait = JSONValue.Member(name: "retry_after_ms", value: 1_500)
                try conversation.deliver(
                    conversation.daemon.refuse(header, code: "busy", with: [wait])
                )
            case 3: conversation.daemon.hasGreeting = false
            default: try conversation.deliver(conversation.daemon.answer(frames))
            }
        }
    }
}

/// SplitMix64, so that a seed repeats a run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
