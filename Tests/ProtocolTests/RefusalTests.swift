import Daemon
import JSON
import Testing

/// Every NACK of the table in `protocol/ingest.md`, with its fields, and the limits that lead there.
struct RefusalTests {
    /// What the daemon said of itself in WELCOME.
    private func limit(_ name: String, _ welcome: IngestAnswer) throws -> Int {
        Int(try #require(welcome[name]?.integerValue))
    }

    @Test func `EVENTS without HELLO are refused with number 1 where the producer is new`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        try peer.send(
            "EVENTS",
            ["producer": "p", "epoch": 4, "first_seq": 9, "count": 1],
            Array(Lines.message(1).utf8)
        )
        let answer = try peer.receive()
        #expect(answer.command == "NACK")
        #expect(answer.code == "hello_required")
        #expect(answer["producer"] == "p")
        #expect(answer.epoch == 4)
        #expect(answer["first_seq"] == 9)
        #expect(answer.expected == 1)
        try daemon.stop()
    }

    @Test func `a new connection has to say HELLO even for a producer that is known`() throws {
        let daemon = try TestDaemon()
        let first = try daemon.publisher(named: "p")
        try first.publish(from: 1, Lines.messages(1...3))
        let second = try daemon.publisher(named: "q")
        let header: JSONValue = ["producer": "p", "epoch": 1, "first_seq": 4, "count": 1]
        try second.send("EVENTS", header, Array(Lines.message(4).utf8))
        let answer = try second.receive()
        #expect(answer.code == "hello_required")
        #expect(answer["producer"] == "p")
        #expect(answer.expected == 4)
        // The attempt took nothing from the owner.
        try first.publish(from: 4, Lines.messages(4...4))
        try daemon.stop()
    }

    @Test func `a daemon that began anew asks for HELLO`() throws {
        let daemon = try TestDaemon {
            $0.ingestEndpoint = "ipc://\($0.dataDirectory.dropLast(5))/ingest"
        }
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...3))
        try daemon.restart()
        let answer = try peer.events(from: 4, Lines.messages(4...4))
        expectNACK(answer, "hello_required", from: peer, first: 4, expected: 4)
        try peer.hello("p", epoch: 1)
        try peer.publish(from: 4, Lines.messages(4...4))
        try daemon.stop()
    }

    @Test func `a body over its limit is too_large and one at its limit is not`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        let maximum = try limit("max_batch_bytes", try peer.hello("p"))
        #expect(maximum == 1 << 20)
        var body = Array((Lines.message(1) + "\n" + "{\"content\":\"").utf8)
        body += Array(repeating: UInt8(ascii: "x"), count: maximum - body.count - 3)
        body += Array("\"}\n".utf8)
        let header: JSONValue = ["producer": "p", "epoch": 1, "first_seq": 1, "count": 2]
        try peer.send("EVENTS", header, body + [UInt8(ascii: " ")])
        expectNACK(try peer.receive(), "too_large", from: peer, first: 1, expected: 1)
        try peer.send("EVENTS", header, body)
        let answer = try peer.receive()
        #expect(answer.command == "ACK")
        #expect(answer.accepted == 1)
        #expect(answer.rejected == 1)
        try daemon.stop()
    }

    @Test func `a body far over its limit is answered too`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let header: JSONValue = ["producer": "p", "epoch": 1, "first_seq": 1, "count": 1]
        try peer.send("EVENTS", header, Array(repeating: UInt8(ascii: "x"), count: 2 << 20))
        expectNACK(try peer.receive(), "too_large", from: peer, first: 1, expected: 1)
        try daemon.stop()
    }

    @Test func `more events than a batch may have are too_large`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        let maximum = try limit("max_batch_events", try peer.hello("p"))
        #expect(maximum == 10_000)
        let short = Array(repeating: "{}", count: maximum)
        let answer = try peer.events(from: 1, short + ["{}"])
        expectNACK(answer, "too_large", from: peer, first: 1, expected: 1)
        #expect(try peer.publish(from: 1, short).rejected == Int64(maximum))
        try daemon.stop()
    }

    @Test func `a checkpoint has at most 256 bytes`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        // Bytes and not characters count.
        let longest = String(repeating: "\u{e9}", count: 128)
        let answer = try peer.events(from: 1, [Lines.message(1)], checkpoint: longest + "x")
        expectNACK(answer, "too_large", from: peer, first: 1, expected: 1)
        try peer.publish(from: 1, [Lines.message(1)], checkpoint: longest)
        #expect(try peer.hello("p", epoch: 1)["checkpoint"] == .string(longest))
        try daemon.stop()
    }

    @Test func `a header has at most 4 KiB and its refusal says where to go on`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        func header(byteCount: Int) -> [UInt8] {
            let start = #"{"producer":"p","epoch":1,"first_seq":1,"count":1,"note":""#
            let filler = String(repeating: "x", count: byteCount - start.utf8.count - 2)
            return Array((start + filler + #""}"#).utf8)
        }
        let body = Array(Lines.message(1).utf8)
        try peer.send([Array("EVENTS".utf8), header(byteCount: 4_097), body])
        let answer = try peer.receive()
        #expect(answer.code == "too_large")
        #expect(answer.expected != nil, "expected_seq is in every NACK of an EVENTS")
        try peer.send([Array("EVENTS".utf8), header(byteCount: 4_096), body])
        #expect(try peer.receive().command == "ACK")
        try daemon.stop()
    }

    @Test(arguments: [1, -1, 999] as [Int64])
    func `a count that differs from the lines is malformed and counts nothing`(
        difference: Int64
    ) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let lines = Lines.messages(1...3)
        let answer = try peer.events(from: 1, lines, count: 3 + difference)
        expectNACK(answer, "malformed", from: peer, first: 1, expected: 1)
        #expect(try daemon.ask("usage")["total_messages"] == 0)
        #expect(try daemon.count("messages_malformed") == 1)
        try peer.publish(from: 1, lines)
        try daemon.stop()
    }

    @Test func `the last line may lack its newline and an empty line is a line`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let header: JSONValue = ["producer": "p", "epoch": 1, "first_seq": 1, "count": 3]
        try peer.send("EVENTS", header, Array("\(Lines.message(1))\r\n\n\(Lines.message(2))".utf8))
        let answer = try peer.receive()
        #expect(answer.accepted == 2)
        #expect(answer["rejections"]?.arrayValue?.first?["seq"] == 2)
        #expect(answer["rejections"]?.arrayValue?.first?["code"] == "invalid_json")
        try daemon.stop()
    }

    @Test(
        arguments: [
            #"{"epoch":1,"first_seq":1,"count":1}"#,
            #"{"producer":"p","first_seq":1,"count":1}"#,
            #"{"producer":"p","epoch":1,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":0,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":1,"count":0}"#,
            #"{"producer":"p","epoch":1,"first_seq":-1,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":1,"count":1.5}"#,
            #"{"producer":"p","epoch":"1","first_seq":1,"count":1}"#,
            #"{"producer":7,"epoch":1,"first_seq":1,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":1,"count":1,"checkpoint":7}"#,
            #"{"producer":"p","epoch":1,"first_seq":18446744073709551615,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":9223372036854775807,"count":1}"#,
            #"{"producer":"p","epoch":1,"first_seq":99999999999999999999999,"count":1}"#,
            #"{"producer":null,"epoch":1,"first_seq":1,"count":1}"#,
            "[]", "7", "", "{", "\u{0}",
        ]
    )
    func `an EVENTS header that breaks the protocol is malformed`(header: String) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.send([
            Array("EVENTS".utf8), Array(header.utf8), Array(Lines.message(1).utf8),
        ])
        let answer = try peer.receive()
        #expect(answer.command == "NACK")
        #expect(answer.code == "malformed")
        #expect(answer.expected == 1, "expected_seq is in every NACK of an EVENTS")
        try peer.publish(from: 1, Lines.messages(1...1))
        try daemon.stop()
    }

    @Test(
        arguments: [
            (#"{"producer":"p"}"#, "no protocol"),
            (#"{"protocol":2,"producer":"p"}"#, "another protocol"),
            (#"{"protocol":"1","producer":"p"}"#, "a protocol that is a text"),
            (#"{"protocol":1}"#, "no producer"),
            (#"{"protocol":1,"producer":""}"#, "an empty name"),
            (#"{"protocol":1,"producer":"p","epoch":-1}"#, "an epoch below 0"),
            (#"{"protocol":1,"producer":"p","epoch":"1"}"#, "an epoch that is a text"),
            ("[]", "no object"), ("", "an empty header"), (#"{"protocol":1,"#, "broken JSON"),
        ]
    )
    func `a HELLO that breaks the protocol is malformed`(header: String, why: String) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        try peer.send([Array("HELLO".utf8), Array(header.utf8)])
        let answer = try peer.receive()
        #expect(answer.command == "NACK", "\(why)")
        #expect(answer.code == "malformed", "\(why)")
        #expect(answer["first_seq"] == nil, "\(why)")
        #expect(answer["message"]?.stringValue?.isEmpty == false, "\(why)")
        #expect(try peer.hello("p").epoch == 1, "a refused HELLO takes no epoch")
        try daemon.stop()
    }

    @Test func `a name has 1 to 128 bytes`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        let longest = String(repeating: "\u{e9}", count: 64)
        try peer.sendHello(longest + "x")
        #expect(try peer.receive().code == "malformed")
        let header: JSONValue = [
            "producer": .string(longest + "x"), "epoch": 1, "first_seq": 7, "count": 1,
        ]
        try peer.send("EVENTS", header, Array(Lines.message(1).utf8))
        let refused = try peer.receive()
        #expect(refused.code == "malformed", "no HELLO could cure it")
        #expect(refused["producer"] == .string(longest + "x"))
        #expect(refused["first_seq"] == 7)
        #expect(refused.expected == 1)
        #expect(try peer.hello(longest).epoch == 1)
        try peer.publish(from: 1, Lines.messages(1...1))
        #expect(try peer.hello("a name with \"quotes\", a \u{0} and a \n").epoch == 1)
        try peer.publish(from: 1, Lines.messages(2...2))
        try daemon.restart()
        let again = try daemon.publisher()
        #expect(try again.hello(longest, epoch: 1).committed == 1)
        #expect(
            try again.hello("a name with \"quotes\", a \u{0} and a \n", epoch: 1).committed == 1
        )
        try daemon.stop()
    }

    @Test func `an epoch that was never given is unknown`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        for epoch in [0, 1, 7] as [Int64] {
            try peer.sendHello("new", epoch: epoch)
            let answer = try peer.receive()
            #expect(answer.code == "unknown_epoch")
            #expect(answer["producer"] == "new")
            #expect(answer.epoch == nil, "a new producer has none")
            #expect(answer["first_seq"] == nil)
        }
        #expect(try peer.hello("new").epoch == 1)
        try peer.sendHello("new", epoch: 2)
        #expect(try peer.receive().epoch == 1)
        try daemon.stop()
    }

    @Test func `a window that is exceeded is busy and says how long to wait`() throws {
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 2_000 }
        let peer = try daemon.publisher()
        let welcome = try peer.hello("p")
        let batches = try limit("window_batches", welcome)
        #expect(batches == 32)
        for number in 1...batches + 2 { try peer.sendEvents(from: Int64(number), ["{}"]) }
        let busy = try peer.receive()
        expectNACK(busy, "busy", from: peer, first: 33, expected: 33)
        let behind = try peer.receive()
        expectNACK(behind, "sequence_gap", from: peer, first: 34, expected: 33)
        let answer = try peer.receive()
        #expect(answer.command == "ACK")
        #expect(answer.committed == 32)
        #expect(answer.rejected == 32)
        try peer.publish(from: 33, ["{}", "{}"])
        try daemon.stop()
    }

    @Test func `bytes beyond the window are busy`() throws {
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 2_000 }
        let peer = try daemon.publisher()
        let welcome = try peer.hello("p")
        let bytes = try limit("window_bytes", welcome)
        #expect(bytes == 4 << 20)
        let line = "{\"x\":\"" + String(repeating: "x", count: bytes / 4 - 9) + "\"}"
        for number in 1...4 as ClosedRange<Int64> { try peer.sendEvents(from: number, [line]) }
        try peer.sendEvents(from: 5, ["{}"])
        expectNACK(try peer.receive(), "busy", from: peer, first: 5, expected: 5)
        #expect(try peer.receive().committed == 4)
        try daemon.stop()
    }

    @Test func `what the window holds of one publisher does not stop another`() throws {
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 1_000 }
        let greedy = try daemon.publisher(named: "greedy")
        let modest = try daemon.publisher(named: "modest")
        for number in 1...40 as ClosedRange<Int64> { try greedy.sendEvents(from: number, ["{}"]) }
        try modest.publish(from: 1, Lines.messages(1...1))
        try daemon.stop()
    }

    @Test(
        arguments: [
            ["EVENTS"], ["HELLO"], ["PING"], [""], ["hello", "{}"], ["NOSUCH", "{}"],
            ["EVENTS", #"{"producer":"p","epoch":1,"first_seq":1,"count":1}"#],
            ["EVENTS", #"{"producer":"p","epoch":1,"first_seq":1,"count":1}"#, "{}", "{}"],
            ["HELLO", #"{"protocol":1,"producer":"p"}"#, ""],
            ["PING", "{}", "{}"], ["WELCOME", "{}"], ["ACK", "{}"],
            ["", "HELLO", #"{"protocol":1,"producer":"p"}"#],
        ]
    )
    func `frames that are no message of the protocol are malformed`(frames: [String]) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.send(frames.map { Array($0.utf8) })
        let answer = try peer.receive()
        #expect(answer.command == "NACK")
        #expect(answer.code == "malformed")
        #expect(answer["message"]?.stringValue?.isEmpty == false)
        if frames[0] == "EVENTS" { #expect(answer.expected == 1) }
        // The connection and its HELLO stand.
        try peer.publish(from: 1, Lines.messages(1...1))
        try daemon.stop()
    }

    @Test func `members that are not named are ignored`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        try peer.send(
            "HELLO",
            ["protocol": 1, "producer": "p", "epoch": nil, "colour": "red", "count": 3]
        )
        let welcome = try peer.receive()
        #expect(welcome.command == "WELCOME")
        #expect(welcome.epoch == 1, "null is as good as absent")
        let header: JSONValue = [
            "producer": "p", "epoch": 1, "first_seq": 1, "count": 1, "checkpoint": nil,
            "nested": ["producer": "q", "first_seq": [7]],
        ]
        try peer.send("EVENTS", header, Array(Lines.message(1).utf8))
        #expect(try peer.receive().committed == 1)
        try daemon.stop()
    }

    @Test func `a disk with less than the free space asked for is storage_full`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...3))
        try daemon.restart { $0.minimumFreeBytes = 1 << 60 }
        let other = try daemon.publisher()
        for epoch in [nil, 1] as [Int64?] {
            try other.sendHello("p", epoch: epoch)
            let answer = try other.receive()
            #expect(answer.command == "NACK")
            #expect(answer.code == "storage_full")
            #expect(answer["producer"] == "p")
            #expect(answer["first_seq"] == nil)
            #expect(answer["message"]?.stringValue?.isEmpty == false)
        }
        try other.send("PING", [:])
        #expect(try other.receive().command == "PONG")
        #expect(try daemon.ask("usage")["total_messages"] == 3, "questions are answered")
        try daemon.restart { $0.minimumFreeBytes = 0 }
        let last = try daemon.publisher(named: "p", epoch: 1)
        try last.publish(from: 4, Lines.messages(4...4))
        try daemon.stop()
    }
}
