import CEventDecoder
import EventDecoding
import Testing

@Suite struct BodyTests {
    private let valid = text("message")

    private func shape(_ body: String) -> String? {
        decode(Array(body.utf8))?.map { $0.event != nil ? "+" : "-" }.joined()
    }

    @Test func `a body is split at newlines`() {
        #expect(shape("")?.isEmpty == true, "no bytes, no lines")
        #expect(shape("\n") == "-", "a blank line is a line")
        #expect(shape("\n\n\n") == "---")
        #expect(shape(valid) == "+", "the last newline is optional")
        #expect(shape(valid + "\n") == "+", "and begins no line")
        #expect(shape(valid + "\r\n" + valid + "\r\n") == "++")
        #expect(shape(valid + "\n\n" + valid) == "+-+", "sequence numbers count blank lines")
        #expect(shape(valid + "\n \n" + valid + "\n\n") == "+-+-")
        #expect(shape("x\n" + valid + "\n{\n" + valid + "\n\"\n[[[\n" + valid) == "-+-+--+")
    }

    @Test func `a string open at a line's end does not reach into the next line`() {
        #expect(
            shape("{\"x\":\"\n" + valid + "\n{\"x\":\"\\\n" + valid + "\n{\"\\u12\n") == "-+-+-"
        )
    }

    @Test(arguments: 0...200)
    func `lines at any distance from the body's end are read alike`(padding: Int) throws {
        let filler = String(repeating: " ", count: padding)
        let expected = try #require(decodeLine(valid)).description
        for body in [valid + filler, valid + "\n" + filler, filler + valid + "\n" + valid] {
            // An allocation of exactly the body's size, so that a sanitizer sees any overrun.
            let outcomes = try #require(decode(Array(body.utf8)))
            #expect(outcomes[0].description == expected)
        }
    }

    @Test func `every prefix of an event is invalid JSON`() {
        let bytes = Array(text("message", ["note": #"[{"a":"\u00e9\ud83d\ude00"},-1.5e3]"#]).utf8)
        for length in 1..<bytes.count {
            let body = bytes[..<length] + [10] + bytes
            let outcomes = decode(Array(body))
            #expect(outcomes?.count == 2)
            #expect(outcomes?.first?.isInvalidJSON == true, "the first \(length) bytes")
            #expect(outcomes?.last?.event != nil)
        }
    }

    @Test func `every single byte is handled as a line`() {
        for byte in UInt8.min...UInt8.max where byte != 10 {
            #expect(decode([byte])?.map(\.description) == ["invalid_json"])
        }
        let all = (UInt8.min...UInt8.max).filter { $0 != 10 }
        #expect(decode(all)?.map(\.description) == ["invalid_json"])
    }

    @Test func `a line of a megabyte is read, or refused, like any other`() {
        let text1MB = String(repeating: "x", count: 1 << 20)
        let long = text("message", ["content": "\"\(text1MB)\""])
        #expect(shape(long + "\n" + valid) == "++")
        #expect(shape(valid + "\n" + long) == "++")
        #expect(shape(text1MB) == "-")
        #expect(shape(String(repeating: " ", count: 1 << 20)) == "-")
        #expect(shape("{\"x\":\"" + text1MB) == "-")
        let escaped = String(repeating: "\\u00e9\\n", count: 100_000)
        #expect(shape(text("message", ["content": "\"\(escaped)\""])) == "+")
        #expect(shape(text("message", ["channel": "\"\(escaped)\""])) == "-")
        #expect(shape("{\"\(escaped)\":1,\"\(escaped)\":1}\n" + valid) == "-+")
        let digits = String(repeating: "9", count: 1 << 20)
        #expect(shape(text("message", ["x": digits])) == "+")
        #expect(shape(text("message", ["tokens": digits])) == "-")
    }

    @Test func `a body with too many lines is refused whole`() {
        let decoder = EventDecoder(capacity: 3)
        let three = [valid, valid, valid].joined(separator: "\n")
        #expect(decode(Array(three.utf8), by: decoder)?.count == 3)
        #expect(decode(Array((three + "\n").utf8), by: decoder)?.count == 3)
        #expect(decode(Array((three + "\n\n").utf8), by: decoder) == nil)
        #expect(decoder.count == 0, "nothing of the refused body can be read")
        let blank = [UInt8](repeating: 10, count: 1 << 20)
        #expect(decode(blank, by: decoder) == nil)
        #expect(decode(Array(valid.utf8), by: decoder)?.count == 1, "the decoder goes on")
    }

    @Test func `a decoder used again remembers nothing`() throws {
        let decoder = EventDecoder()
        let rich = text("message", ["channel": "\"a-channel-that-is-quite-long\"", "tokens": "5"])
        _ = decode(Array(([rich, rich].joined(separator: "\n")).utf8), by: decoder)
        let again = try #require(decode(Array(valid.utf8), by: decoder))
        #expect(again.map(\.description) == [try #require(decodeLine(valid)).description])
        #expect(shape("{\"type\":\"error\"}\n{}") == "--", "nor a line anything of the one before")
    }

    @Test func `a span decodes like a buffer`() {
        let decoder = EventDecoder()
        let body = Array((valid + "\n{}").utf8)
        #expect(decoder.decode(body.span.bytes) == 2)
        #expect(decoder[0].rejection == nil)
        #expect(decoder[1].rejection == Rejection(code: .missingField, field: .type))
    }

    @Test func `a line beyond the body cannot be read`() async {
        await #expect(processExitsWith: .failure) {
            let decoder = EventDecoder(capacity: 4)
            _ = decode(Array("{}\n{}".utf8), by: decoder)
            _ = decoder[2]
        }
    }
}
