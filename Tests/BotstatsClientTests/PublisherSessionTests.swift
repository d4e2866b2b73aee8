import BotstatsClient
import JSON
import Testing

@Suite struct `Publisher session` {
    @Test func `says hello before anything else and numbers events from one`() throws {
        var conversation = Conversation()
        #expect(!conversation.session.hasRoom(forByteCount: 1))
        try conversation.act()
        #expect(conversation.commands == ["HELLO"])
        #expect(
            try conversation.header() == ["protocol": 1, "producer": "p"],
            "a new numbering is asked for by leaving the epoch out"
        )
        try conversation.exchange()
        conversation.append("a", "b", checkpoint: "2")
        try conversation.act()
        #expect(
            try conversation.header()
                == ["producer": "p", "epoch": 1, "first_seq": 1, "count": 2, "checkpoint": "2"]
        )
        #expect(conversation.toDaemon[0][2] == Array("a\nb\n".utf8))
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.session.totals.accepted == 2)
        #expect(conversation.session.acknowledgedSequence == 2)
    }

    @Test func `one acknowledgement covers several batches`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.append("b", "c")
        try conversation.act()
        conversation.toDaemon = []
        conversation.daemon.committed = 3
        try conversation.deliver(conversation.daemon.acknowledge(accepted: 3))
        #expect(conversation.session.isIdle)
        #expect(conversation.session.totals.accepted == 3)
        #expect(conversation.session.totals.duplicate == 0)
    }

    @Test func `keeps no more than the window and has room again after an acknowledgement`()
        throws
    {
        var conversation = Conversation()
        try conversation.exchange()
        for line in ["a", "b", "c", "d"] {
            #expect(conversation.session.hasRoom(forByteCount: 2))
            conversation.append(line)
        }
        #expect(!conversation.session.hasRoom(forByteCount: 2), "four batches are the window")
        try conversation.act()
        #expect(conversation.toDaemon.count == 4)
        conversation.daemon.committed = 1
        try conversation.deliver(conversation.daemon.acknowledge(accepted: 1))
        #expect(conversation.session.hasRoom(forByteCount: 2))
    }

    @Test func `the window is also one of bytes but one batch always fits`() throws {
        var conversation = Conversation()
        conversation.daemon.limits = PublisherLimits(
            windowBatchCount: 10,
            windowByteCount: 10,
            batchByteCount: 400,
            batchEventCount: 100
        )
        try conversation.exchange()
        #expect(conversation.session.hasRoom(forByteCount: 300))
        conversation.append("12345")
        #expect(conversation.session.hasRoom(forByteCount: 4))
        #expect(!conversation.session.hasRoom(forByteCount: 5))
    }

    @Test func `a lost acknowledgement is made good by a new greeting without counting twice`()
        throws
    {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a", "b")
        try conversation.exchange(losingAnswers: true)
        #expect(!conversation.session.isIdle)
        conversation.now += .seconds(9)
        try conversation.act()
        #expect(conversation.connectionCount == 1, "the answer is not overdue yet")
        conversation.now += .seconds(1)
        try conversation.act()
        #expect(conversation.connectionCount == 2)
        #expect(try conversation.header()["epoch"] == 1)
        try conversation.deliver(
            conversation.daemon.answer(conversation.toDaemon.removeFirst())
        )
        #expect(conversation.toDaemon.isEmpty, "what is stored is not sent again")
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.allCounted == ["a", "b"])
        #expect(conversation.session.totals.accepted == 0)
        #expect(conversation.session.totals.duplicate == 2)
        #expect(conversation.notices == [.noAnswer, .reconnected])
    }

    @Test func `everything not acknowledged is sent again on a new connection`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.append("b")
        conversation.append("c")
        try conversation.act()
        conversation.toDaemon.removeLast(2)
        try conversation.exchange()
        conversation.now += .seconds(10)
        try conversation.act()
        #expect(conversation.commands == ["HELLO"])
        try conversation.deliver(
            conversation.daemon.answer(conversation.toDaemon.removeFirst())
        )
        #expect(conversation.firstSequences == [2, 3])
        try conversation.exchange()
        #expect(conversation.daemon.allCounted == ["a", "b", "c"])
        #expect(conversation.session.totals.accepted == 3)
    }

    @Test func `a batch that is stored in part is sent whole and its rest counted`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a", "b", "c")
        try conversation.act()
        conversation.toDaemon = []
        conversation.daemon.committed = 2
        conversation.now += .seconds(10)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.allCounted == ["c"])
        #expect(conversation.session.totals.accepted == 1)
        #expect(conversation.session.totals.duplicate == 2)
    }

    @Test func `a gap is closed by sending again from the expected number`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        for line in ["a", "b", "c", "d"] { conversation.append(line) }
        try conversation.act()
        conversation.toDaemon.remove(at: 1)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.allCounted == ["a", "b", "c", "d"])
        #expect(conversation.session.totals.accepted == 4)
        #expect(conversation.session.totals.duplicate == 0)
    }

    @Test func `several refusals of one gap cause one repetition`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        for line in ["a", "b", "c", "d"] { conversation.append(line) }
        try conversation.act()
        let headers = try (1...3).map { try conversation.header($0) }
        conversation.toDaemon = []
        for header in headers {
            try conversation.deliver(conversation.daemon.refuse(header, code: "sequence_gap"))
        }
        #expect(conversation.firstSequences == [1, 2, 3, 4])
    }

    @Test func `what the daemon has received but not stored is not taken for stored`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        for line in ["a", "b", "c"] { conversation.append(line) }
        try conversation.act()
        let last = try conversation.header(2)
        conversation.toDaemon = []
        conversation.daemon.committed = 1  // expected_seq is 2
        try conversation.deliver(conversation.daemon.refuse(last, code: "sequence_gap"))
        #expect(conversation.firstSequences == [2, 3])
        #expect(conversation.session.acknowledgedSequence == 0)
        #expect(conversation.session.pendingEventCount == 3)
    }

    @Test func `an expected number that makes no sense leads to a new greeting`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        try conversation.act()
        let header = try conversation.header()
        conversation.toDaemon = []
        conversation.daemon.committed = 7
        try conversation.deliver(conversation.daemon.refuse(header, code: "sequence_gap"))
        #expect(conversation.commands == ["HELLO"])
    }

    @Test func `busy makes it wait as long as the daemon asks`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.append("b")
        try conversation.act()
        let headers = try (0...1).map { try conversation.header($0) }
        conversation.toDaemon = []
        for header in headers {
            try conversation.deliver(
                conversation.daemon.refuse(
                    header,
                    code: "busy",
                    with: [.init(name: "retry_after_ms", value: 250)]
                )
            )
        }
        #expect(conversation.notices == [.busy])
        conversation.now += .milliseconds(249)
        try conversation.act()
        #expect(conversation.toDaemon.isEmpty)
        conversation.now += .milliseconds(1)
        try conversation.act()
        #expect(conversation.firstSequences == [1, 2])
        try conversation.exchange()
        #expect(conversation.session.totals.accepted == 2)
    }

    @Test(arguments: ["busy", "storage_full"])
    func `after a wait it goes on from the number the daemon expects`(code: String) throws {
        var conversation = Conversation()
        try conversation.exchange()
        for line in ["a", "b", "c"] { conversation.append(line) }
        try conversation.act()
        let last = try conversation.header(2)
        conversation.toDaemon = []
        conversation.daemon.committed = 2  // Taken in, and not acknowledged yet.
        let wait = JSONValue.Member(name: "retry_after_ms", value: 1_000)
        try conversation.deliver(conversation.daemon.refuse(last, code: code, with: [wait]))
        conversation.now += .seconds(1)
        try conversation.act()
        #expect(conversation.firstSequences == [3])
        #expect(conversation.session.pendingEventCount == 3, "only an ACK says what is durable")
    }

    @Test(arguments: ["", String(repeating: "ü", count: 65)])
    func `a name the daemon would not take is refused before anything is sent`(
        producer: String
    ) throws {
        var session = PublisherSession(
            configuration: PublisherConfiguration(producer: producer)
        )
        #expect(throws: PublisherError.badProducer(byteCount: producer.utf8.count)) {
            try session.nextAction(at: .zero)
        }
    }

    @Test func `a busy greeting is repeated`() throws {
        var conversation = Conversation()
        try conversation.act()
        conversation.toDaemon = []
        try conversation.deliver(conversation.daemon.nack(["code": "busy", "retry_after_ms": 5]))
        #expect(conversation.toDaemon.isEmpty)
        conversation.now += .milliseconds(5)
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.connectionCount == 1)
    }

    @Test func `a full disk is tried again after longer and longer pauses`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            try conversation.act()
            let header = try conversation.header()
            conversation.toDaemon = []
            try conversation.deliver(conversation.daemon.refuse(header, code: "storage_full"))
            conversation.now += .seconds(seconds) - .milliseconds(1)
            try conversation.act()
            #expect(conversation.toDaemon.isEmpty)
            conversation.now += .milliseconds(1)
        }
        try conversation.exchange()
        #expect(conversation.session.totals.accepted == 1)
        #expect(conversation.notices == [.storageFull])
    }

    @Test func `patience ends with the obstacle the daemon named`() throws {
        var conversation = Conversation(patience: .seconds(20))
        try conversation.exchange()
        conversation.now += .seconds(100)
        try conversation.exchange()
        conversation.append("a")
        try conversation.act()
        let header = try #require(
            try? JSONValue(parsing: conversation.toDaemon.removeFirst()[1])
        )
        try conversation.deliver(
            conversation.daemon.refuse(
                header,
                code: "busy",
                with: [.init(name: "retry_after_ms", value: 60_000)]
            )
        )
        conversation.now += .seconds(19)
        try conversation.act()
        conversation.now += .seconds(1)
        #expect(throws: PublisherError.busy) { try conversation.act() }
    }

    @Test func `patience ends where nobody ever answers`() throws {
        var conversation = Conversation(patience: .seconds(25))
        try conversation.act()
        conversation.now += .seconds(10)
        try conversation.act()
        conversation.now += .seconds(10)
        try conversation.act()
        #expect(conversation.connectionCount == 3)
        conversation.now += .seconds(5)
        #expect(throws: PublisherError.unreachable(endpoint: nil)) { try conversation.act() }
    }

    @Test func `a silent connection is probed and given up without an answer`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.now += .seconds(10)
        try conversation.act()
        #expect(conversation.commands == ["PING"])
        try conversation.exchange()
        #expect(conversation.connectionCount == 1)
        conversation.now += .seconds(10)
        try conversation.exchange(losingAnswers: true)
        conversation.now += .seconds(10)
        try conversation.act()
        #expect(conversation.connectionCount == 2)
        #expect(conversation.commands == ["HELLO"])
    }

    @Test func `a demand for a greeting is met on the same connection`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a")
        conversation.append("b")
        conversation.daemon.hasGreeting = false
        try conversation.exchange()
        #expect(conversation.connectionCount == 1)
        #expect(conversation.daemon.allCounted == ["a", "b"])
        #expect(conversation.session.totals.accepted == 2)
    }

    @Test func `rejections are counted by code and the last ones kept`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a", "bad", "b", "bad")
        try conversation.exchange()
        let totals = conversation.session.totals
        #expect(totals.accepted == 2)
        #expect(totals.rejected == 2)
        #expect(totals.rejectedByCode == ["invalid_json": 2])
        #expect(totals.lastRejections.map(\.sequence) == [2, 4])
    }

    @Test func `rejections that are not listed are counted all the same`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("a", "b", "c")
        try conversation.act()
        let header: JSONValue = [
            "producer": "p", "epoch": 1, "committed_seq": 3, "accepted": 0, "rejected": 3,
            "rejections": [["seq": 1, "code": "invalid_field", "field": "timestamp"]],
            "rejections_truncated": true,
        ]
        try conversation.deliver([Array("ACK".utf8), header.serializedBytes()])
        let totals = conversation.session.totals
        #expect(totals.rejected == 3)
        #expect(totals.rejectedByCode == ["invalid_field": 1, PublisherTotals.unlistedCode: 2])
        #expect(totals.lastRejections.first?.field == "timestamp")
    }

    @Test func `a batch too large for the daemon is halved until it fits`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append("aaaa", "bbbb", "cccc", "dddd", "eeee")
        conversation.daemon.limits = PublisherLimits(
            windowBatchCount: 4,
            windowByteCount: 1_000,
            batchByteCount: 10,
            batchEventCount: 100
        )
        try conversation.exchange()
        #expect(conversation.session.isIdle)
        #expect(conversation.daemon.allCounted == ["aaaa", "bbbb", "cccc", "dddd", "eeee"])
        #expect(conversation.session.totals.accepted == 5)
    }

    @Test func `one event too large for the daemon ends the session`() throws {
        var conversation = Conversation()
        try conversation.exchange()
        conversation.append(String(repeating: "a", count: 500))
        #expect(throws: PublisherError.tooLarge(byteCount: 501, limit: 400)) {
            try conversation.exchange()
        }
    }
}
