import Bridge
import CZlib
import JSON
import Testing

/// What of an answer is sent, and what a client may do with it.
@Suite struct ContentTests {
    @Test(arguments: [
        "/usage", "/realtime", "/usage/daily", "/openapi.json", "/usage?days=0", "/nowhere",
    ])
    func `HEAD has the fields of GET and no body`(path: String) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let id = [("X-Request-ID", "one")]
        let whole = try await bridge.get(path, id)
        let head = try await HTTP.request("HEAD", bridge.url(path), id)
        #expect(head.status == whole.status)
        #expect(head.body.isEmpty)
        func comparable(_ answer: Answer) -> [String] {
            answer.fields.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }.sorted()
        }
        #expect(comparable(head) == comparable(whole))
        #expect(whole["Content-Length"] == "\(whole.body.count)")
    }

    @Test func `an ETag stays while the figures stay, and 304 saves them`() async throws {
        let daemon = try DaemonFixture()
        try daemon.publish(Events.messages(1...3))
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let path = "/usage?start_date=2025-05-31&end_date=2025-06-01"
        let first = try await bridge.get(path)
        let tag = try #require(first["ETag"])
        #expect(tag.hasPrefix("W/\""))

        // generated_at has moved, the figures have not.
        daemon.advance(seconds: 10)
        while try daemon.ask("usage")["meta"]?["generated_at"]
            == first.json["meta"]?["generated_at"]
        {}
        for field in [tag, "W/\"x\", \(tag)", String(tag.dropFirst(2)), "*"] {
            let second = try await bridge.get(path, [("If-None-Match", field)])
            #expect(second.status == 304, "\(field)")
            #expect(second.body.isEmpty)
            #expect(second["ETag"] == tag)
            #expect(second["Cache-Control"] == "private, no-cache")
        }
        #expect(try await bridge.get(path, [("If-None-Match", "W/\"x\"")]).status == 200)

        try daemon.publish(Events.messages(4...4))
        let third = try await bridge.get(path, [("If-None-Match", tag)])
        #expect(third.status == 200)
        #expect(third["ETag"] != tag)
    }

    @Test func `a refusal is never 304`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage?days=0", [("If-None-Match", "*")])
        #expect(answer.status == 400)
        #expect(answer["ETag"] == nil)
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("*", true), ("gzip;q=0", false),
        ("br", false), ("*;q=0", false), ("gzip;q=0, *", false),
    ])
    func `a long answer is compressed for who takes it`(
        accepted: String,
        isCompressed: Bool
    ) async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let plain = try await bridge.get("/usage/daily")
        let answer = try await bridge.get("/usage/daily", [("Accept-Encoding", accepted)])
        #expect(plain["Vary"] == "Accept-Encoding")
        #expect(answer["Vary"] == "Accept-Encoding")
        #expect(answer["ETag"] == plain["ETag"])
        #expect((answer["Content-Encoding"] == "gzip") == isCompressed)
        #expect(isCompressed ? answer.body.count < plain.body.count / 2 : answer.body == plain.body)
        #expect(isCompressed ? try inflated(answer.body) == plain.body : true)
    }

    @Test func `a short answer is not compressed`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage", [("Accept-Encoding", "gzip")])
        #expect(answer["Content-Encoding"] == nil)
    }

    @Test func `without an allowed origin no other page may read answers`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let answer = try await bridge.get("/usage", [("Origin", "https://example.org")])
        #expect(answer["Access-Control-Allow-Origin"] == nil)
        let other = try BridgeFixture(daemon.queryEndpoint) { $0.origins = ["https://other.org"] }
        let refused = try await other.get("/usage", [("Origin", "https://example.org")])
        #expect(refused["Access-Control-Allow-Origin"] == nil)
        #expect(refused["Vary"] == "Origin")
    }

    @Test func `an allowed origin may read answers, and is told so before it asks`() async throws {
        let daemon = try DaemonFixture()
        let origin = "https://example.org"
        let bridge = try BridgeFixture(daemon.queryEndpoint) { $0.origins = [origin] }
        let preflight = try await HTTP.request(
            "OPTIONS",
            bridge.url("/usage"),
            [("Origin", origin), ("Access-Control-Request-Method", "GET")]
        )
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == origin)
        #expect(preflight["Access-Control-Allow-Credentials"] == "true")
        #expect(preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS")
        #expect(preflight["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        for path in ["/usage", "/usage?days=0"] {
            let answer = try await bridge.get(path, [("Origin", origin)])
            #expect(answer["Access-Control-Allow-Origin"] == origin)
            #expect(answer["Access-Control-Expose-Headers"]?.contains("ETag") == true)
            #expect(answer["Vary"] == "Origin")
        }
    }

    @Test func `everybody's pages may read answers without cookies`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint) { $0.origins = ["*"] }
        let answer = try await bridge.get("/usage", [("Origin", "https://example.org")])
        #expect(answer["Access-Control-Allow-Origin"] == "*")
        #expect(answer["Access-Control-Allow-Credentials"] == nil)
    }

    @Test func `a request's own name is kept where it is harmless`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        #expect(
            try await bridge.get("/usage", [("X-Request-ID", "a-1.b")])["X-Request-ID"] == "a-1.b"
        )
        var seen: Set<String> = []
        for name in ["", "a b", "a\"b", String(repeating: "a", count: 129)] {
            let answer = try await bridge.get("/usage", [("X-Request-ID", name)])
            let id = try #require(answer["X-Request-ID"])
            #expect(id != name)
            seen.insert(id)
        }
        #expect(seen.count == 4)
    }

    private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        try #require(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK)
        defer { inflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: 1 << 20)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(code == Z_STREAM_END)
        return Array(output.prefix(Int(stream.total_out)))
    }
}
