import LMDB
import Testing

@Suite struct KeyTests {
    @Test func `integers are appended big-endian`() {
        var key = Key()
        key.append(UInt8(0x01))
        key.append(UInt16(0x0203))
        key.append(UInt32(0x0405_0607))
        key.append(UInt64(0x0809_0a0b_0c0d_0e0f))
        #expect(key.description == "0102030405060708090a0b0c0d0e0f")
        #expect(key.byteCount == 15)
        let span = key.bytes
        #expect(span.readUInt8(at: 0) == 0x01)
        #expect(span.readUInt16BigEndian(at: 1) == 0x0203)
        #expect(span.readUInt32BigEndian(at: 3) == 0x0405_0607)
        #expect(span.readUInt64BigEndian(at: 7) == 0x0809_0a0b_0c0d_0e0f)
    }

    @Test func `keys order as their byte strings do`() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        print("seed \(seed)")
        var random = Random(state: seed)
        for _ in 0..<2_000 {
            // Two letters make common prefixes and equal keys frequent.
            let left = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                UInt8.random(in: 254...255, using: &random)
            }
            let right = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                UInt8.random(in: 254...255, using: &random)
            }
            let (leftKey, rightKey) = (Key(left.span.bytes), Key(right.span.bytes))
            #expect((leftKey < rightKey) == left.lexicographicallyPrecedes(right))
            #expect((leftKey == rightKey) == (left == right))
            #expect(leftKey.starts(with: rightKey) == left.starts(with: right))
            if left == right { #expect(leftKey.hashValue == rightKey.hashValue) }
        }
    }

    @Test func `a truncated key equals one that was never longer`() {
        var key = Key("abcdef")
        key.truncate(to: 3)
        #expect(key == Key("abc"))
        #expect(key.hashValue == Key("abc").hashValue)
        key.append(UInt8(ascii: "x"))
        #expect(key == Key("abcx"))
    }

    @Test func `a key holds 32 bytes`() {
        var key = Key()
        for number in 0..<4 { key.append(UInt64(number)) }
        #expect(key.byteCount == Key.byteCountMaximum)
        #expect(key.bytes.readUInt64BigEndian(at: 24) == 3)
    }

    @Test func `a key that would grow past 32 bytes traps`() async {
        await #expect(processExitsWith: .failure) {
            var key = Key(String(repeating: "a", count: 25))
            key.append(UInt64(1))
            print(key)
        }
    }

    @Test func `reading past the end of a span traps`() async {
        await #expect(processExitsWith: .failure) {
            print(Key("abc").bytes.readUInt32BigEndian(at: 0))
        }
    }
}

/// SplitMix64, so that a printed seed repeats a run.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
