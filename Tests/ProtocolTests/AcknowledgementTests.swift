import Daemon
import JSON
import Testing

/// What WELCOME, ACK and PONG contain.
struct AcknowledgementTests {
    @Test func `WELCOME tells the store, the watermark and the limits`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        let welcome = try peer.hello("p")
        let store = try #require(welcome["store"]?.stringValue)
        #expect(store.count == 36)
        #expect(store == store.lowercased())
        #expect(welcome["incarnation"] == 1)
        #expect(welcome["epoch"] == 1)
        #expect(welcome["committed_seq"] == 0)
        #expect(welcome["window_batches"] == 32)
        #expect(welcome["window_bytes"] == 4_194_304)
        #expect(welcome["max_batch_bytes"] == 1_048_576)
        #expect(welcome["max_batch_events"] == 10_000)
        #expect(welcome["checkpoint"] ?? .null == .null)
        try daemon.restart()
        let again = try daemon.publisher().hello("p", epoch: 1)
        #expect(again["store"] == .string(store), "a store keeps its identity")
        #expect(again["incarnation"] == 1)
        try daemon.stop()
    }

    @Test func `two stores have two identities`() throws {
        let first = try TestDaemon()
        let second = try TestDaemon()
        #expect(
            try first.publisher().hello("p")["store"] != second.publisher().hello("p")["store"]
        )
    }

    @Test func `PING is answered without HELLO and for a refused producer`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher()
        try peer.send("PING", [:])
        let pong = try peer.receive()
        #expect(pong.command == "PONG")
        #expect(pong.header == [:])
        try daemon.stop()
    }

    @Test func `a checkpoint moves with its batch and only with it`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.publish(from: 1, Lines.messages(1...2), checkpoint: "two \u{1F600} \"\\\n")
        #expect(try peer.hello("p", epoch: 1)["checkpoint"] == "two \u{1F600} \"\\\n")
        _ = try peer.events(from: 9, Lines.messages(9...9), checkpoint: "gap")
        _ = try peer.events(from: 3, Lines.messages(3...3), checkpoint: "count", count: 2)
        #expect(try peer.hello("p", epoch: 1)["checkpoint"] == "two \u{1F600} \"\\\n")
        // The checkpoint stored with the watermark is that of the last batch: here none.
        try peer.publish(from: 3, Lines.messages(3...3))
        #expect(try peer.hello("p", epoch: 1)["checkpoint"] ?? .null == .null)
        try peer.publish(from: 4, Lines.messages(4...4), checkpoint: "")
        #expect(try peer.hello("p", epoch: 1)["checkpoint"] == "")
        try daemon.restart()
        #expect(try daemon.publisher().hello("p", epoch: 1)["checkpoint"] == "")
        try daemon.stop()
    }

    @Test func `100 rejections are listed and more are said to be truncated`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let exact = try peer.publish(from: 1, Array(repeating: "{}", count: 100))
        #expect(exact.rejected == 100)
        #expect(exact["rejections"]?.arrayValue?.count == 100)
        #expect(exact["rejections_truncated"] ?? .bool(false) == .bool(false))
        let more = try peer.publish(
            from: 101,
            [Lines.message(1)] + Array(repeating: "{}", count: 101)
        )
        #expect(more.accepted == 1)
        #expect(more.rejected == 101)
        let listed = try #require(more["rejections"]?.arrayValue)
        #expect(listed.map { $0["seq"]?.integerValue } == (102...201).map { $0 })
        #expect(more["rejections_truncated"] == true)
        try daemon.stop()
    }

    @Test func `a rejection names its number, code, field and reason`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let good = Lines.message(2)
        let answer = try peer.publish(
            from: 1,
            [
                good, "nonsense", #"{"type":"greeting"}"#, #"{"type":"message"}"#,
                good.replacing("\"user\"", with: "\"cat\""),
                Lines.message(3, at: ManualClock.start + 300_001),
                Lines.message(4, at: 946_684_799_999), Lines.message(5),
            ]
        )
        #expect(answer.accepted == 2)
        #expect(answer.rejected == 6)
        let listed = try #require(answer["rejections"]?.arrayValue)
        let told = listed.map { rejection in
            [
                rejection["seq"]?.integerValue.map { "\($0)" }, rejection["code"]?.stringValue,
                rejection["field"]?.stringValue,
            ]
        }
        #expect(
            told == [
                ["2", "invalid_json", nil], ["3", "unknown_type", "type"],
                ["4", "missing_field", "bot_id"], ["5", "invalid_field", "role"],
                ["6", "timestamp_in_future", "timestamp"],
                ["7", "timestamp_too_old", "timestamp"],
            ]
        )
        for rejection in listed {
            #expect(rejection["message"]?.stringValue?.isEmpty == false)
        }
        let counts = try daemon.ask("system.status")["events_rejected"]
        for code in ["invalid_json", "unknown_type", "missing_field", "timestamp_too_old"] {
            #expect(counts?[code] == 1, "\(code)")
        }
        try daemon.stop()
    }

    @Test func `an ACK may cover several batches and its tallies add up`() throws {
        let daemon = try TestDaemon { $0.commitIntervalMilliseconds = 200 }
        let peer = try daemon.publisher(named: "p")
        var sent: Int64 = 0
        for number in 1...30 {
            try peer.sendEvents(from: sent + 1, [Lines.message(number), "{}", "[]"])
            sent += 3
        }
        var accepted: Int64 = 0
        var rejected: Int64 = 0
        var sequences: [Int64] = []
        var last: Int64 = 0
        while last < sent {
            let answer = try peer.receive()
            try #require(answer.command == "ACK")
            accepted += answer.accepted ?? 0
            rejected += answer.rejected ?? 0
            let committed = try #require(answer.committed)
            #expect(committed > last)
            last = committed
            sequences +=
                answer["rejections"]?.arrayValue?.compactMap { $0["seq"]?.integerValue } ?? []
        }
        #expect(last == sent)
        #expect(accepted == 30)
        #expect(rejected == 60)
        #expect(sequences == (1...90).filter { $0 % 3 != 1 })
        #expect(try peer.answersBeforePong().isEmpty)
        try daemon.stop()
    }

    @Test func `an ACK names the producer and the epoch it speaks of`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.hello("p")
        let answer = try peer.publish(from: 1, Lines.messages(1...1))
        #expect(answer["producer"] == "p")
        #expect(answer["epoch"] == 2)
        try daemon.stop()
    }

    @Test func `an event that is acknowledged is visible to a question asked after`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let asker = try daemon.asker()
        for number in 1...300 {
            try peer.publish(from: Int64(number), [Lines.message(number)])
            let usage = try asker.ask("usage")
            #expect(usage["total_messages"] == .integer(Int64(number)))
            #expect(usage["active_users"] == .integer(Int64(number)))
        }
        try daemon.stop()
    }

    @Test func `data_version grows with a commit that changes an answer and not by itself`() throws
    {
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        let asker = try daemon.asker()
        let empty = try asker.ask("usage")["meta"]
        #expect(empty?["data_as_of"] == .null)
        var last = try #require(empty?["data_version"]?.integerValue)
        for number in 1...3 {
            try peer.publish(from: Int64(number), [Lines.message(number)])
            let meta = try asker.ask("usage")["meta"]
            let version = try #require(meta?["data_version"]?.integerValue)
            #expect(version > last)
            #expect(meta?["data_as_of"] != .null)
            last = version
        }
        let before = try asker.ask("usage")["meta"]
        try daemon.restart()
        let after = try daemon.ask("usage")["meta"]
        #expect(after?["data_version"] == before?["data_version"])
        #expect(after?["data_as_of"] == before?["data_as_of"])
        try daemon.stop()
    }
}
