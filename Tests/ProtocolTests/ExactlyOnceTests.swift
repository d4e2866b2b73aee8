import Daemon
import JSON
import Simulation
import Testing

/// `protocol/ingest.md`, "Numbers" and "Epochs": whatever happens between publisher and daemon,
/// every acknowledged event counts exactly once.
struct ExactlyOnceTests {
    private func messages(_ daemon: TestDaemon) throws -> Int64? {
        try daemon.ask("usage")["total_messages"]?.integerValue
    }

    @Test func `a batch sent twice is acknowledged twice and counted once`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let lines = Lines.messages(1...5)
        #expect(try peer.publish(from: 1, lines, checkpoint: "five").accepted == 5)
        let again = try peer.publish(from: 1, lines, checkpoint: "five")
        #expect(again.accepted == 0)
        #expect(again.rejected == 0)
        #expect(again["rejections"] == [])
        #expect(try messages(daemon) == 5)
        #expect(try daemon.count("events_duplicate") == 5)
        try daemon.stop()
    }

    @Test func `a batch inside the watermark is acknowledged up to the watermark`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...5), checkpoint: "five")
        let answer = try peer.events(from: 2, Lines.messages(2...3), checkpoint: "three")
        #expect(answer.command == "ACK")
        #expect(answer.committed == 5)
        #expect(answer.accepted == 0)
        #expect(try messages(daemon) == 5)
        let welcome = try peer.hello("p", epoch: peer.epoch)
        #expect(welcome["checkpoint"] == "five", "an old batch does not move the checkpoint back")
        try daemon.stop()
    }

    @Test func `a batch that overlaps the watermark counts only what is behind it`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...5))
        let answer = try peer.publish(from: 4, Lines.messages(4...9), checkpoint: "nine")
        #expect(answer.accepted == 4)
        #expect(try messages(daemon) == 9)
        #expect(try peer.hello("p", epoch: peer.epoch)["checkpoint"] == "nine")
        try daemon.stop()
    }

    @Test func `rejections of an overlap are those of its new part`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let first = try peer.publish(from: 1, ["{}", Lines.message(2)])
        #expect(first.rejected == 1)
        let answer = try peer.publish(from: 1, ["{}", Lines.message(2), "[]", Lines.message(4)])
        #expect(answer.accepted == 1)
        #expect(answer.rejected == 1)
        #expect(answer["rejections"]?.arrayValue?.first?["seq"] == 3)
        try daemon.stop()
    }

    @Test func `a gap is refused with the number to go on from and counts nothing`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...5))
        let gap = try peer.events(from: 8, Lines.messages(8...9))
        expectNACK(gap, "sequence_gap", from: peer, first: 8, expected: 6)
        #expect(try messages(daemon) == 5)
        try peer.publish(from: 6, Lines.messages(6...9))
        #expect(try messages(daemon) == 9)
        try daemon.stop()
    }

    @Test func `a reconnect in mid-window resumes at the watermark`() throws {
        let daemon = try TestDaemon()
        let first = try daemon.publisher(named: "p")
        for batch in 0..<20 {
            let start = batch * 10 + 1
            try first.sendEvents(
                from: Int64(start),
                Lines.messages(start..<start + 10),
                checkpoint: "\(start + 9)"
            )
        }
        // The answers to the first connection are lost, whatever it has had.
        let second = try daemon.publisher()
        let welcome = try second.hello("p", epoch: first.epoch)
        let committed = try #require(welcome.committed)
        #expect((0...200).contains(committed))
        #expect(committed % 10 == 0, "a batch is committed as a whole")
        let checkpoint = welcome["checkpoint"] ?? .null
        #expect(checkpoint == (committed == 0 ? .null : .string("\(committed)")))
        var next = committed + 1
        while next <= 200 {
            try second.publish(from: next, Lines.messages(Int(next)..<Int(next) + 10))
            next += 10
        }
        #expect(try messages(daemon) == 200)
        try daemon.stop()
    }

    @Test func `a WELCOME speaks of everything that was taken in before its HELLO`() throws {
        // A commit waits for more, so that the batch is taken in and not committed when the
        // second connection greets. Were the watermark told without the batch, the second would
        // give its numbers to other events, and they would pass for known ones.
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 2_000 }
        let first = try daemon.publisher(named: "p")
        let second = try daemon.publisher()
        _ = try second.answersBeforePong()
        try first.sendEvents(from: 1, Lines.messages(1...3), checkpoint: "three")
        // The PONG comes at once and says that the batch before it was taken in.
        let early = try first.answersBeforePong()
        let welcome = try second.hello("p", epoch: first.epoch)
        let committed = try #require(welcome.committed)
        #expect(committed == 3)
        #expect(welcome["checkpoint"] == "three")
        let fresh = try second.publish(from: committed + 1, [Lines.message(4)])
        #expect(fresh.accepted == 1)
        #expect(try messages(daemon) == 4)
        let answers = try early + first.answersBeforePong()
        #expect(!answers.isEmpty, "every EVENTS is covered by an ACK or gets a NACK")
        try daemon.stop()
    }

    @Test func `a HELLO without epoch gets no ACK of the connection before it`() throws {
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 2_000 }
        let first = try daemon.publisher(named: "p")
        let second = try daemon.publisher()
        _ = try second.answersBeforePong()
        try first.sendEvents(from: 1, Lines.messages(1...3))
        let early = try first.answersBeforePong()
        try second.sendHello("p")
        let answer = try second.receive()
        #expect(answer.command == "WELCOME", "\(answer.header.serialized())")
        if answer.command == "WELCOME" {
            #expect(answer.epoch == 2)
            #expect(answer.committed == 0)
        }
        let answers = try early + first.answersBeforePong()
        #expect(!answers.isEmpty, "every EVENTS is covered by an ACK or gets a NACK")
        try daemon.stop()
    }

    @Test func `the newest HELLO owns the producer and the older connection is fenced`() throws {
        let daemon = try TestDaemon()
        let first = try daemon.publisher(named: "p")
        try first.publish(from: 1, Lines.messages(1...2))
        let second = try daemon.publisher(named: "p", epoch: first.epoch)
        let refused = try first.events(from: 3, Lines.messages(3...3))
        expectNACK(refused, "fenced", from: first, first: 3, expected: 3)
        try second.publish(from: 3, Lines.messages(3...4))
        // Even what is known already is not acknowledged to a connection that lost the name.
        let repeated = try first.events(from: 1, Lines.messages(1...2))
        expectNACK(repeated, "fenced", from: first, first: 1, expected: 5)
        try first.hello("p", epoch: first.epoch)
        try first.publish(from: 5, Lines.messages(5...5))
        let late = try second.events(from: 6, Lines.messages(6...6))
        expectNACK(late, "fenced", from: second, first: 6, expected: 6)
        #expect(try messages(daemon) == 5)
        try daemon.stop()
    }

    @Test func `every older connection is fenced however many said HELLO since`() throws {
        let daemon = try TestDaemon()
        let owner = try daemon.publisher(named: "p")
        var older = [owner]
        for _ in 0..<100 { older.append(try daemon.publisher(named: "p", epoch: 1)) }
        let newest = older.removeLast()
        // Names do not share what is remembered.
        let other = try daemon.publisher(named: "q")
        for peer in older {
            let refused = try peer.events(from: 1, Lines.messages(1...1))
            expectNACK(refused, "fenced", from: peer, first: 1, expected: 1)
        }
        let header: JSONValue = ["producer": "p", "epoch": 1, "first_seq": 1, "count": 1]
        try other.send("EVENTS", header, Array(Lines.message(1).utf8))
        #expect(try other.receive().code == "hello_required")
        try newest.publish(from: 1, Lines.messages(1...1))
        try owner.hello("p", epoch: 1)
        try owner.publish(from: 2, Lines.messages(2...2))
        try daemon.stop()
    }

    @Test func `two publishers that fight for one name count every number once`() throws {
        let daemon = try TestDaemon()
        var random = SeededGenerator.announced("fight for one name")
        let peers = try [daemon.publisher(named: "p"), daemon.publisher(named: "p", epoch: 1)]
        var accepted: Int64 = 0
        for _ in 0..<200 {
            let peer = peers[Int(random.next() % 2)]
            if random.next() % 4 == 0 { try peer.hello("p", epoch: 1) }
            let first = Int(random.next() % 60) + 1
            let count = Int(random.next() % 10) + 1
            let answer = try peer.events(from: Int64(first), Lines.messages(first..<first + count))
            accepted += answer.accepted ?? 0
            if answer.command == "NACK" {
                #expect(["fenced", "sequence_gap"].contains(answer.code))
            }
        }
        #expect(try messages(daemon) == accepted)
        let status = try daemon.ask("system.status")["producers"]?.arrayValue?.first
        #expect(status?["committed_seq"] == .integer(accepted))
        try daemon.stop()
    }

    @Test func `names of equal letters in other bytes are two producers`() throws {
        let daemon = try TestDaemon()
        let composed = try daemon.publisher()
        #expect(try composed.hello("caf\u{e9}").epoch == 1)
        let decomposed = try daemon.publisher()
        #expect(try decomposed.hello("cafe\u{301}").epoch == 1, "names are compared byte by byte")
        try composed.publish(from: 1, Lines.messages(1...2))
        try decomposed.publish(from: 1, Lines.messages(3...3))
        try daemon.restart()
        let again = try daemon.publisher()
        #expect(try again.hello("caf\u{e9}", epoch: 1).committed == 2)
        #expect(try again.hello("cafe\u{301}", epoch: 1).committed == 1)
        try daemon.stop()
    }

    @Test func `a restart with the epoch resumes and repeats count nothing`() throws {
        let daemon = try TestDaemon()
        let first = try daemon.publisher(named: "p")
        try first.publish(from: 1, Lines.messages(1...7), checkpoint: "row 7")
        try daemon.restart()
        let second = try daemon.publisher()
        let welcome = try second.hello("p", epoch: first.epoch)
        #expect(welcome.committed == 7)
        #expect(welcome["checkpoint"] == "row 7")
        // The ACK was lost, as far as the publisher knows.
        #expect(try second.publish(from: 1, Lines.messages(1...7)).accepted == 0)
        #expect(try second.publish(from: 8, Lines.messages(8...9)).accepted == 2)
        #expect(try messages(daemon) == 9)
        try daemon.stop()
    }

    @Test func `a restart without the epoch begins a new one at number 1`() throws {
        let daemon = try TestDaemon()
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3), checkpoint: "x")
        try daemon.restart()
        let peer = try daemon.publisher()
        let welcome = try peer.hello("p")
        #expect(welcome.epoch == 2)
        #expect(welcome.committed == 0)
        #expect(welcome["checkpoint"] ?? .null == .null)
        try peer.publish(from: 1, Lines.messages(4...5))
        #expect(try messages(daemon) == 5)
        let old = try daemon.publisher()
        try old.sendHello("p", epoch: 1)
        let refused = try old.receive()
        #expect(refused.code == "unknown_epoch")
        #expect(refused.epoch == 2)
        try daemon.stop()
    }

    @Test func `an epoch that was welcomed is never given again`() throws {
        let daemon = try TestDaemon()
        for expected in 1...4 {
            #expect(try daemon.publisher(named: "p").epoch == Int64(expected))
            try daemon.restart()
        }
        try daemon.stop()
    }

    @Test func `EVENTS of an epoch that is over are refused`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...3))
        try peer.hello("p")
        let answer = try peer.events(from: 4, Lines.messages(4...4), epoch: 1)
        expectNACK(answer, "unknown_epoch", from: peer, first: 4, expected: 1, epoch: 2)
        #expect(try messages(daemon) == 3)
        try daemon.stop()
    }

    @Test func `a poison batch advances the watermark and does not come back`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let poison = ["", "{", "null", "\u{0}", "{}", String(repeating: "[", count: 5_000)]
        let answer = try peer.publish(from: 1, poison, checkpoint: "behind")
        #expect(answer.accepted == 0)
        #expect(answer.rejected == 6)
        try daemon.restart()
        let again = try daemon.publisher()
        let welcome = try again.hello("p", epoch: 1)
        #expect(welcome.committed == 6)
        #expect(welcome["checkpoint"] == "behind")
        try again.publish(from: 7, Lines.messages(1...1))
        #expect(try messages(daemon) == 1)
        try daemon.stop()
    }

    @Test func `an id does not tell duplicates apart`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let id = #","id":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}"#
        let line = Lines.message(1).dropLast() + id
        try peer.publish(from: 1, [String(line), String(line)])
        #expect(try messages(daemon) == 2)
        try daemon.stop()
    }

    @Test func `producers do not share numbers`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "a")
        try peer.publish(from: 1, Lines.messages(1...3))
        // One connection may speak for several producers.
        try peer.hello("b")
        try peer.publish(from: 1, Lines.messages(4...5))
        try peer.hello("a", epoch: 1)
        try peer.publish(from: 4, Lines.messages(6...6))
        #expect(try messages(daemon) == 6)
        try daemon.stop()
    }
}
