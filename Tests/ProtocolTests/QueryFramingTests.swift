import JSON
import Testing
import ZeroMQ

/// `protocol/queries.md`: frames, ids, batches and refusals of the query socket.
struct QueryFramingTests {
    private let usage = #"{"jsonrpc":"2.0","id":1,"method":"usage"}"#

    @Test func `a REQ socket asks and is answered in one frame`() throws {
        let daemon = try TestDaemon()
        let peer = try QueryPeer(daemon.context, daemon.queryEndpoint, type: .req)
        for _ in 0..<3 { #expect(try peer.ask("usage")["total_messages"] == 0) }
        #expect(try peer.refusal("")?.code == -32_700)
        #expect(try peer.refusal("{}")?.code == -32_600)
        try daemon.stop()
    }

    @Test func `a DEALER gets the delimiter back that it sent and none that it did not`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        try peer.send([[], Array(usage.utf8)])
        let delimited = try peer.receive()
        try #require(delimited.count == 2)
        #expect(delimited[0].isEmpty)
        #expect(try JSONValue(parsing: delimited[1])["result"] != nil)
        try peer.send([Array(usage.utf8)])
        let plain = try peer.receive()
        try #require(plain.count == 1)
        #expect(try JSONValue(parsing: plain[0])["result"] != nil)
        try daemon.stop()
    }

    @Test(arguments: ["", "Bearer x", "ApiKey gb_1", "nonsense \u{0}"])
    func `a credential that nobody asks for is not looked at`(credential: String) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        try peer.send([Array(usage.utf8), Array(credential.utf8)])
        #expect(try peer.receiveJSON()["result"] != nil)
        try peer.send([[], Array(usage.utf8), Array(credential.utf8)])
        let answer = try peer.receive()
        try #require(answer.count == 2)
        #expect(try JSONValue(parsing: answer[1])["result"] != nil)
        try daemon.stop()
    }

    @Test func `many requests may be under way and are told apart by their id`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        for number in 1...200 {
            try peer.send([
                Array(#"{"jsonrpc":"2.0","id":"q\#(number)","method":"usage"}"#.utf8)
            ])
        }
        var ids: Set<String> = []
        for _ in 1...200 {
            let answer = try peer.receiveJSON()
            #expect(answer["result"] != nil)
            ids.insert(try #require(answer["id"]?.stringValue))
        }
        #expect(ids.count == 200)
        try daemon.stop()
    }

    @Test(
        arguments: [
            "1", "-1", "0", "9223372036854775807", "-9223372036854775808", #""""#,
            #""text \u00e9 \" \\ \n""#,
        ]
    )
    func `an id is a text or an integer and comes back as it was`(id: String) throws {
        let daemon = try TestDaemon()
        let request = #"{"jsonrpc":"2.0","id":\#(id),"method":"usage","params":{}}"#
        let answer = try daemon.asker().exchange(request)
        #expect(try answer["id"] == JSONValue(parsing: id.utf8))
        #expect(answer["result"] != nil)
        #expect(answer["error"] == nil)
        try daemon.stop()
    }

    @Test(
        arguments: [
            #"{"jsonrpc":"2.0","method":"usage"}"#,
            #"{"jsonrpc":"2.0","id":null,"method":"usage"}"#,
            #"{"jsonrpc":"2.0","id":1.5,"method":"usage"}"#,
            #"{"jsonrpc":"2.0","id":true,"method":"usage"}"#,
            #"{"jsonrpc":"2.0","id":[1],"method":"usage"}"#,
            #"{"jsonrpc":"2.0","id":{},"method":"usage"}"#,
            #"{"jsonrpc":"2.0","method":"no.such"}"#,
            "7", "null", "true", #""usage""#, "[]", "{}",
        ]
    )
    func `a request without an id is refused with the id null`(request: String) throws {
        let daemon = try TestDaemon()
        let refusal = try #require(try daemon.asker().refusal(request))
        #expect(refusal.code == -32_600)
        #expect(refusal.id == .null)
        try daemon.stop()
    }

    @Test(
        arguments: [
            (#"{"id":7,"method":"usage"}"#, -32_600),
            (#"{"jsonrpc":2.0,"id":7,"method":"usage"}"#, -32_600),
            (#"{"jsonrpc":"1.0","id":7,"method":"usage"}"#, -32_600),
            (#"{"jsonrpc":"2.0","id":7}"#, -32_600),
            (#"{"jsonrpc":"2.0","id":7,"method":7}"#, -32_600),
            (#"{"jsonrpc":"2.0","id":7,"method":""}"#, -32_601),
            (#"{"jsonrpc":"2.0","id":7,"method":"Usage"}"#, -32_601),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage "}"#, -32_601),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage\u0000"}"#, -32_601),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage","params":[]}"#, -32_602),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage","params":"days=7"}"#, -32_602),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage","params":{"days":"x"}}"#, -32_602),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage","params":{"days":null}}"#, -32_602),
            (#"{"jsonrpc":"2.0","id":7,"method":"usage","params":{"":1}}"#, -32_602),
            (#"{"jsonrpc":"2.0","id":7,"method":"system.status","params":{"days":7}}"#, -32_602),
        ] as [(String, Int64)]
    )
    func `a refusal carries the request's id and the right code`(
        request: String,
        code: Int64
    ) throws {
        let daemon = try TestDaemon()
        let refusal = try #require(try daemon.asker().refusal(request))
        #expect(refusal.code == code)
        #expect(refusal.id == 7)
        try daemon.stop()
    }

    @Test(
        arguments: [
            Array("".utf8), Array("{".utf8), Array("usage".utf8), Array(#"{"id":1,}"#.utf8),
            Array(#"{"jsonrpc":"2.0","id":1,"method":"usage"} x"#.utf8),
            Array(#"{"jsonrpc":"2.0","id":1,"method":"us"#.utf8), [0], [0, 0, 0, 0],
            [0xff, 0xfe, 0xfd],
            Array(#"{"jsonrpc":"2.0","id":""#.utf8) + [0xc3, 0x28]
                + Array(#"","method":"usage"}"#.utf8),
            Array(#"{"jsonrpc":"2.0","id":"\ud800","method":"usage"}"#.utf8),
            Array(#"{"jsonrpc":"2.0","id":01,"method":"usage"}"#.utf8),
            Array(#"{"jsonrpc":"2.0","id":NaN,"method":"usage"}"#.utf8),
            Array(repeating: UInt8(ascii: "["), count: 60_000),
            Array(String(repeating: #"{"a":"#, count: 10_000).utf8),
        ]
    )
    func `a frame that is not JSON is answered`(frame: [UInt8]) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        let refusal = try #require(try peer.refusal(frame))
        #expect(refusal.code == -32_700)
        #expect(refusal.id == .null)
        #expect(try peer.ask("usage")["total_messages"] == 0)
        try daemon.stop()
    }

    @Test(arguments: [1, 10, 100, 500, 512, 513, 5_000])
    func `deep nesting is answered`(depth: Int) throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        // An array of an array is a batch of something that is no request.
        let answer = try peer.exchange(nested)
        let code = (answer.arrayValue?.first ?? answer)["error"]?["code"]?.integerValue
        #expect([-32_700, -32_600].contains(code))
        let request = #"{"jsonrpc":"2.0","id":1,"method":"usage","params":{"days":\#(nested)}}"#
        let second = try #require(try peer.refusal(request))
        #expect([-32_700, -32_602].contains(second.code))
        #expect(try peer.ask("usage")["total_messages"] == 0)
        try daemon.stop()
    }

    @Test func `a frame over 64 KiB is refused and one of 64 KiB is not`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        let limit = 64 << 10
        func padded(_ count: Int) -> [UInt8] {
            Array(usage.utf8) + Array(repeating: 32, count: count - usage.utf8.count)
        }
        #expect(try peer.exchange(padded(limit))["result"] != nil)
        let refusal = try #require(try peer.refusal(padded(limit + 1)))
        #expect(refusal.code == -32_600)
        #expect(refusal.id == .null)
        #expect(try peer.refusal(padded(1 << 20))?.code == -32_600)
        try daemon.stop()
    }

    @Test func `a batch is answered in one array in its order, each on its own`() throws {
        let daemon = try TestDaemon()
        let answer = try daemon.asker().exchange(
            """
            [{"jsonrpc":"2.0","id":"b","method":"usage"}, 7,
             {"jsonrpc":"2.0","method":"usage"},
             {"jsonrpc":"2.0","id":"a","method":"no.such"},
             {"jsonrpc":"2.0","id":"a","method":"usage","params":{"days":0}}, [],
             {"jsonrpc":"2.0","id":5,"method":"realtime"}]
            """
        )
        let answers = try #require(answer.arrayValue)
        #expect(answers.map { $0["id"] } == ["b", .null, .null, "a", "a", .null, 5])
        #expect(
            answers.map { $0["error"]?["code"]?.integerValue } == [
                nil, -32_600, -32_600, -32_601, -32_602, -32_600, nil,
            ]
        )
        #expect(answers.first?["result"]?["total_messages"] == 0)
        #expect(answers.last?["result"]?["active_sessions"] == 0)
        try daemon.stop()
    }

    @Test func `a batch has at most 100 requests`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        func batch(_ count: Int) -> String {
            "[" + Array(repeating: usage, count: count).joined(separator: ",") + "]"
        }
        #expect(try peer.exchange(batch(100)).arrayValue?.count == 100)
        let refusal = try #require(try peer.refusal(batch(101)))
        #expect(refusal.code == -32_600)
        #expect(refusal.id == .null)
        try daemon.stop()
    }

    @Test func `a batch is answered from one snapshot with one now while events arrive`() throws {
        let daemon = try TestDaemon()
        let publisher = try daemon.publisher(named: "p")
        let peer = try daemon.asker()
        let entry = #"{"jsonrpc":"2.0","id":1,"method":"usage"}"#
        let daily = #"{"jsonrpc":"2.0","id":2,"method":"usage.daily"}"#
        let batch =
            "["
            + Array(repeating: [entry, daily], count: 20).joined()
            .joined(separator: ",") + "]"
        var sent: Int64 = 0
        for _ in 0..<60 {
            // Not waited for: commits fall between and into the questions.
            try publisher.sendEvents(from: sent + 1, [Lines.message(Int(sent))])
            sent += 1
            if sent % 10 == 0 { daemon.clock.advance(by: 700) }
            let answers = try #require(try peer.exchange(batch).arrayValue)
            let totals = answers.map {
                $0["result"]?["total_messages"] ?? $0["result"]?["totals"]?["messages"]
            }
            #expect(Set(totals.map { $0?.integerValue }).count == 1, "one snapshot")
            let metas = answers.map { $0["result"]?["meta"] }
            #expect(Set(metas.map { $0?["data_version"]?.integerValue }).count == 1)
            #expect(Set(metas.map { $0?["generated_at"]?.stringValue }).count == 1, "one now")
        }
        try daemon.stop()
    }
}
