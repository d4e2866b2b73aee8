import EventDecoding
import Foundation
import Testing

@Suite struct SyntaxTests {
    private func isJSON(_ line: [UInt8]) -> Bool? {
        decode(line).flatMap { $0.first?.isInvalidJSON }.map { !$0 }
    }

    @Test(arguments: [
        ("0", "zero"), ("-0", "minus zero"), ("-1", "negative"), ("10", "two digits"),
        ("0.5", "a fraction"), ("1.0e5", "an exponent"), ("1E+5", "a signed one"),
        ("1e-005", "an exponent may begin with zeros"),
        ("12345678901234567890123456789", "more than 64 bits"), ("1e999", "more than a double"),
        ("null", "null"), ("true", "true"), ("false", "false"), ("[]", "an empty array"),
        ("{}", "an empty object"), ("[ ]", "space in it"), ("{ \t}", "space in it"),
        ("[1,[2,[]],{\"a\":{}}]", "nested"), ("[[],[]]", "siblings"),
        ("{\"a\":1,\"a\":2}", "a name twice"), ("\"\"", "an empty string"),
        ("\"\u{7f}\u{e9}\u{20ac}\u{1f600}\"", "any character"), (#""\u0000""#, "an escaped NUL"),
        (#""\ud83d\ude00\uD83D\uDE00""#, "surrogate pairs"), (#""\\\"\/\b\f\n\r\t""#, "escapes"),
    ])
    func `any JSON value may stand in an unknown field`(value: String, reason: String) {
        for name in ["x", "tokens_used", "channel", "timestamp"] {
            #expect(isJSON(Array("{\"\(name)\":\(value)}".utf8)) == true, "\(reason) in \(name)")
            #expect(isJSON(Array("{\"\(name)\" : \(value) }\r".utf8)) == true, "\(reason), spaced")
        }
    }

    @Test(arguments: [
        ("", "nothing"), ("tru", "half a literal"), ("nul", "half a literal"),
        ("truefalse", "two literals"), ("nulls", "more than a literal"), ("True", "a capital"),
        ("NaN", "not a number"), ("Infinity", "infinity"), ("-", "a sign alone"),
        ("+1", "a plus"), ("01", "a leading zero"), ("-01", "a leading zero"),
        ("1.", "no fraction"),
        (".5", "no integer"), ("1.e5", "no fraction"), ("1e", "no exponent"),
        ("1e+", "no exponent"),
        ("0x10", "hexadecimal"), ("1_000", "an underscore"), ("1 2", "two numbers"),
        ("[1,]", "a comma before the end"), ("[,1]", "a comma at the beginning"),
        ("[1,,2]", "two commas"), ("[1 2]", "no comma"), ("[", "an open array"),
        ("[1}", "the wrong bracket"), ("{]", "the wrong bracket"),
        ("]", "an end without beginning"),
        ("[1]]", "an end too much"), ("{\"a\"}", "no value"), ("{\"a\":}", "no value"),
        ("{\"a\" 1}", "no colon"), ("{a:1}", "a name without quotes"),
        ("{1:1}", "a number as name"),
        ("{\"a\":1,}", "a comma before the end"), ("{,}", "a comma alone"),
        ("{\"a\"::1}", "two colons"),
        ("{\"a\":1 \"b\":2}", "no comma"), ("'x'", "single quotes"), ("\"x", "an open string"),
        ("\"\t\"", "a tab in a string"), ("\"\u{1}\"", "a control character"),
        ("\"\u{0}\"", "a NUL"), ("\u{0}", "a NUL outside"), ("\u{c}", "a form feed is no space"),
        ("\u{a0}1", "a no-break space is no space"), (#""\x""#, "no such escape"),
        (#""\"#, "an escape cut off"), (#""\u12""#, "two digits"), (#""\u123g""#, "no digit"),
        (#""\ud800""#, "half a pair"), (#""\ud800x""#, "half a pair"),
        (#""\ud800\n""#, "half a pair"), (#""\ud800\u0041""#, "half a pair"),
        (#""\udc00""#, "the second half alone"), (#""\ud800\ud800""#, "two first halves"),
        ("/* */1", "a comment"), ("1//", "a comment"), ("1;", "a semicolon"),
    ])
    func `broken JSON is refused wherever it stands`(value: String, reason: String) {
        for name in ["x", "channel", "timestamp", "bot_id"] {
            for line in [
                "{\"\(name)\":\(value)}", "{\"\(name)\":\(value),\"type\":\"message\"}",
                "{\"a\":[{\"\(name)\":\(value)}]}",
            ] {
                #expect(isJSON(Array(line.utf8)) == false, "\(reason): \(line)")
            }
        }
    }

    @Test(arguments: [
        "", " ", "\r", "null", "1", "\"{}\"", "[]", "[{}]", "{", "}", "{}{}", "{} {}", "{},", "{}x",
        "{}\u{0}", "\u{0}{}", "x{}", "{\"a\"}", "{\"a\":1", "{\"a\"", "{\"", "{\"a", "{\"a\\",
        "{:1}", "{,}", "{\"a\":1,}", "{\"a\":1,,\"b\":2}", "{\"type\":\"message\"", "\u{feff}{}",
        "{\"a\":1}]", "{\"type\"\"message\"}", "{\"type\":", "{type:1}", "{'type':1}",
    ])
    func `a line must be exactly one object`(line: String) {
        let outcomes = decode(Array((line + "\n").utf8))
        #expect(outcomes?.count == 1)
        #expect(outcomes?.first?.isInvalidJSON == true)
    }

    @Test(arguments: [
        ([0x80], "a continuation alone"), ([0xC3], "a sequence cut off"),
        ([0xC0, 0x80], "an overlong NUL"), ([0xC1, 0xBF], "overlong"),
        ([0xE0, 0x80, 0x80], "overlong"), ([0xED, 0xA0, 0x80], "a surrogate"),
        ([0xF0, 0x80, 0x80, 0x80], "overlong"), ([0xF4, 0x90, 0x80, 0x80], "beyond U+10FFFF"),
        ([0xF5, 0x80, 0x80, 0x80], "beyond U+10FFFF"), ([0xFF], "never a byte of UTF-8"),
        ([0xE9], "Latin-1"), ([0xE2, 0x82], "a sequence cut off"),
    ])
    func `a line must be UTF-8, and hurts no other`(bytes: [UInt8], reason: String) throws {
        let valid = Array(text("message", ["note": "\"\u{e9}\u{1f600}\""]).utf8)
        let broken = Array("{\"x\":\"".utf8) + bytes + Array("\"}".utf8)
        let body = valid + [10] + broken + [10] + valid + [10] + broken + [10] + valid
        let outcomes = try #require(decode(body))
        #expect(outcomes.map { $0.event != nil } == [true, false, true, false, true], "\(reason)")
        #expect(outcomes[1].isInvalidJSON && outcomes[3].isInvalidJSON)
        // At the very end of the line a sequence must not be completed by the next one.
        let ends = try #require(decode(broken.dropLast(2) + [10] + valid))
        #expect(ends[0].isInvalidJSON && ends[1].event != nil)
    }

    @Test(arguments: [
        (511, true), (512, false), (513, false), (100_000, false),
    ])
    func `nesting is bounded`(levels: Int, isAccepted: Bool) {
        // The event's own object is one level more.
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = open == "[" ? "" : "1"
            let value =
                String(repeating: open, count: levels) + inner
                + String(repeating: close, count: levels)
            #expect(isJSON(Array("{\"x\":\(value)}".utf8)) == isAccepted)
            #expect(isJSON(Array("{\"bot_id\":\(value)}".utf8)) == isAccepted)
        }
        #expect(isJSON(Array(repeating: UInt8(ascii: "["), count: levels)) == false)
        #expect(isJSON(Array(String(repeating: "{\"a\":", count: levels).utf8)) == false)
    }

    @Test func `what is JSON after random damage is what Foundation takes for JSON`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("random damage: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let samples = [
            text("message", ["timestamp": "\"2025-01-06T14:00:00.123Z\"", "tokens": "12"]),
            text("feedback", ["note": #"[1,-2.5,{"a":null,"b":[true,false,[]],"c":{}}]"#]),
            #" { "ty\u0070e" : "error" , "x" : "\ud83d\ude00\n\u00e9 \"é漢😀" , "code":"a"}"#,
        ].map { Array($0.utf8) }
        let neighbour = Array(text("session.resolved", ["confirmed": "true"]).utf8)
        let expectedNeighbour = try #require(decode(neighbour)?.first).description
        let decoder = EventDecoder()
        var validCount = 0
        for _ in 0..<20_000 {
            let line = damaged(samples, by: &random)
            let body = neighbour + [10] + line + [10] + neighbour
            let outcomes = try #require(decode(body, by: decoder))
            #expect(outcomes.count == 3, "seed \(seed)")
            #expect(outcomes[0].description == expectedNeighbour, "seed \(seed)")
            #expect(outcomes[2].description == expectedNeighbour, "seed \(seed)")
            let alone = try #require(decode(line + [10], by: decoder)?.first)
            #expect(outcomes[1].description == alone.description, "seed \(seed)")
            // Two differences are meant: Foundation takes a comma before a closing brace or
            // bracket, which RFC 8259 does not, and refuses a number too large for a double, which
            // the RFC's grammar allows.
            if String(decoding: line, as: UTF8.self).contains(/,\s*[}\]]|\d[eE]\+?\d{3}/) {
                continue
            }
            let isValid = isFoundationObject(line)
            validCount += isValid ? 1 : 0
            #expect(
                outcomes[1].isInvalidJSON != isValid,
                "\(String(decoding: line, as: UTF8.self)), seed \(seed)"
            )
        }
        #expect((1_000...19_000).contains(validCount), "the damage must leave some of both")
    }

    /// One of the samples after at most three random changes, none of which makes a newline.
    private func damaged(
        _ samples: [[UInt8]],
        by random: inout SeededGenerator
    ) -> [UInt8] {
        let telling = Array("{}[]\":,\\u+-.0123456789eEntf \t\r/x".utf8) + [0x80, 0xC3, 0xED, 0xA0]
        var line = samples[Int.random(in: 0..<samples.count, using: &random)]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let position = Int.random(in: 0..<line.count, using: &random)
            var byte = telling[Int.random(in: 0..<telling.count, using: &random)]
            if Int.random(in: 0..<4, using: &random) == 0 {
                byte = UInt8.random(in: 128...255, using: &random)
            }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: line[position] = byte
            case 1: line.insert(byte, at: position)
            case 2: line.remove(at: position)
            case 3: line[position] ^= 1 << UInt8.random(in: 0..<5, using: &random)
            default: line.swapAt(position, Int.random(in: 0..<line.count, using: &random))
            }
            if line.isEmpty { line = [32] }
        }
        return line.map { $0 == 10 ? 13 : $0 }
    }

    /// Whether Foundation finds one object.
    ///
    /// It guesses other encodings from NULs and byte order marks, of which a line may have none.
    private func isFoundationObject(_ line: [UInt8]) -> Bool {
        guard !line.contains(0), line.starts(with: [0xEF, 0xBB, 0xBF]) == false,
            line.starts(with: [0xFE, 0xFF]) == false, line.starts(with: [0xFF, 0xFE]) == false
        else { return false }
        return (try? JSONSerialization.jsonObject(with: Data(line))) is [String: Any]
    }
}
