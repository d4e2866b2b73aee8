import BotstatsClient
import Testing

@Suite struct `Line hash` {
    private func digest(_ lines: String...) -> String {
        var hash = LineHash()
        for line in lines { hash.add(Array(line.utf8)) }
        return hash.digest
    }

    @Test func `stays the same for ever, because stores keep it`() {
        #expect(digest() == "1ef4646ee147ea17f209717fc4b4820b")
        #expect(digest("") == "57f96f01b365fcd30a92db39ca726f86")
        #expect(
            digest(#"{"type":"message"}"#, "12345678", "a") == "8a0870af599823e3b19e346ea15b25b6"
        )
    }

    @Test func `depends on where lines end, on their order and on every byte`() {
        let digests = [
            digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("c", "ab"),
            digest("ab", "c", ""), digest("", "ab", "c"), digest("ab", "d"), digest("ab\0", "c"),
            digest("12345678"), digest("12345678\0"), digest("12345678", ""),
        ]
        #expect(Set(digests).count == digests.count)
        #expect(digests.allSatisfy { $0.count == 32 })
    }

    @Test func `one changed bit changes about half of the digest`() {
        let line = Array("0123456789abcdef0123".utf8)
        var original = LineHash()
        original.add(line)
        let digits = Array(original.digest)
        for bit in 0..<line.count * 8 {
            var changed = line
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var hash = LineHash()
            hash.add(changed)
            let differing = zip(digits, hash.digest).count { $0 != $1 }
            #expect(differing >= 20, "bit \(bit)")
        }
    }

    @Test func `a cut line is told from a whole one`() {
        var whole = LineHash()
        whole.add([1, 2, 3])
        var cut = LineHash()
        cut.add([1, 2, 3], byteCount: 4)
        #expect(whole.digest != cut.digest)
        #expect(whole.lineCount == cut.lineCount)
    }
}
