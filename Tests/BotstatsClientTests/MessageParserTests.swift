import JSON
import Testing

@testable import BotstatsClient

@Suite struct `Message parser` {
    @Test(
        arguments: [
            (#"{"b":1,"a":[true,false,null]}"#, #"{"b":1,"a":[true,false,null]}"#),
            (" [ ] ", "[]"),
            ("{ }", "{}"),
            (#"{"a":{"b":[{"c":-1.5e2}]}}"#, #"{"a":{"b":[{"c":-150.0}]}}"#),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9.223372036854776e+18"),
            (#""\u00e9\ud83d\ude00\n\"\\\/""#, #""é😀\n\"\\/""#),
            ("0.1", "0.1"),
            ("-0", "0"),
        ]
    )
    func `reads JSON and keeps the order of members`(text: String, expected: String) {
        #expect(MessageParser.parse(Array(text.utf8))?.serialized() == expected)
    }

    @Test(
        arguments: [
            "", " ", "{", "[1,]", #"{"a":}"#, #"{"a" 1}"#, "{a:1}", "01", "1.", ".5", "+1", "1e",
            "nul", "tru", #""a"#, "\"a\nb\"", #""\x""#, #""\ud800""#, #""\udc00""#,
            #""\ud800\u0041""#, "1 2", "NaN", "1e999", #"{"a":1,}"#, "--1", #""\u12g4""#,
        ]
    )
    func `refuses what is no JSON`(text: String) {
        #expect(MessageParser.parse(Array(text.utf8)) == nil)
    }

    @Test func `refuses bytes that are no UTF-8`() {
        #expect(MessageParser.parse([0x22, 0xFF, 0x22]) == nil)
    }

    @Test func `refuses nesting that could exhaust the stack`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8
            )
        }
        #expect(MessageParser.parse(nested(MessageParser.depthMaximum)) != nil)
        #expect(MessageParser.parse(nested(MessageParser.depthMaximum + 1)) == nil)
        #expect(MessageParser.parse(nested(1_000_000)) == nil)
    }
}
