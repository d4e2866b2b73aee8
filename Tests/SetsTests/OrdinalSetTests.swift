import Core
import Testing

@Suite struct OrdinalSetTests {
    @Test func `insertions and removals follow a plain set`() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var plain = random.ordinals()
            var set = OrdinalSet(plain)
            for _ in 0..<400 {
                let known = plain.randomElement(using: &random)
                let chance = UInt32.random(in: 0..<40_000, using: &random)
                let ordinal = Bool.random(using: &random) ? known ?? chance : chance
                if Bool.random(using: &random) {
                    #expect(set.insert(ordinal) == plain.insert(ordinal).inserted)
                } else {
                    #expect(set.remove(ordinal) == (plain.remove(ordinal) != nil))
                }
                #expect(set.contains(ordinal) == plain.contains(ordinal))
            }
            #expect(set.members == plain.sorted(), "seed \(random.seed)")
            #expect(set.count == plain.count)
            #expect(set.isEmpty == plain.isEmpty)
        }
    }

    @Test func `algebra follows plain sets`() {
        var random = SeededGenerator()
        for _ in 0..<60 {
            let (left, right) = (random.ordinals(), random.ordinals())
            let (a, b) = (OrdinalSet(left), OrdinalSet(right))
            var union = a
            union.formUnion(b)
            var difference = a
            difference.subtract(b)
            var intersection = a
            intersection.formIntersection(b)
            #expect(union == OrdinalSet(left.union(right)), "seed \(random.seed)")
            #expect(difference == OrdinalSet(left.subtracting(right)), "seed \(random.seed)")
            #expect(intersection == OrdinalSet(left.intersection(right)), "seed \(random.seed)")
            #expect(union.members == left.union(right).sorted(), "seed \(random.seed)")
            #expect(a.intersectionCount(with: b) == left.intersection(right).count)
            #expect(a.unionCount(with: b) == left.union(right).count)
            #expect(intersection.count == left.intersection(right).count)
        }
    }

    @Test func `a set combined with itself is itself or empty`() {
        var random = SeededGenerator()
        for _ in 0..<10 {
            let set = OrdinalSet(random.ordinals())
            var union = set
            union.formUnion(set)
            #expect(union == set)
            var intersection = set
            intersection.formIntersection(set)
            #expect(intersection == set)
            var difference = set
            difference.subtract(set)
            #expect(difference == OrdinalSet())
        }
    }

    @Test func `equal sets have equal bytes, however they came about`() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            let plain = random.ordinals()
            let set = OrdinalSet(plain)
            var oneByOne = OrdinalSet()
            for ordinal in plain.shuffled(using: &random).prefix(1_500) { oneByOne.insert(ordinal) }
            oneByOne.insert(sorted: plain.sorted())
            var shrunk = set
            let extra = random.ordinals().subtracting(plain)
            shrunk.insert(sorted: extra.sorted())
            for ordinal in extra { shrunk.remove(ordinal) }
            #expect(oneByOne == set, "seed \(random.seed)")
            #expect(shrunk == set, "seed \(random.seed)")
            #expect(oneByOne.encoded == set.encoded)
            #expect(shrunk.encoded == set.encoded)
        }
    }

    @Test func `a decoded set is the encoded one, and skipping ends behind it`() {
        var random = SeededGenerator()
        for _ in 0..<40 {
            let set = OrdinalSet(random.ordinals())
            let bytes = set.encoded + [0x55]
            var reader = ByteReader(bytes.span.bytes)
            #expect(OrdinalSet(decoding: &reader) == set, "seed \(random.seed)")
            #expect(reader.readUInt8() == 0x55)
            var skipper = ByteReader(bytes.span.bytes)
            OrdinalSet.skip(&skipper)
            #expect(skipper.readUInt8() == 0x55, "seed \(random.seed)")
            #expect(skipper.isAtEnd && !skipper.failed)
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 8_191, 8_192])
    func `a block is right on both sides of its limit`(size: Int) {
        for first in [UInt32(0), 8_192, UInt32.max - 8_191] {
            let members = (0..<UInt32(size)).map { first + $0 }
            var set = OrdinalSet(sorted: members)
            #expect(set.members == members)
            #expect(set.encoded.count <= 6 + 1_024)
            set.insert(first)
            set.insert(first ^ 8_191)
            set.remove(first ^ 8_191)
            let expected = Set(members).union([first]).subtracting([first ^ 8_191])
            #expect(set == OrdinalSet(expected))
        }
    }

    @Test func `the smallest sets take few bytes`() {
        #expect(OrdinalSet().encoded == [0])
        #expect(OrdinalSet(sorted: [5]).encoded == [2, 5])
        #expect(OrdinalSet(sorted: [5, 6, 9]).encoded == [6, 5, 0, 2])
        #expect(OrdinalSet(sorted: [.max]).encoded.count == 6)
    }

    @Test(
        arguments: [
            [],  // no header
            [2],  // a member missing
            [4, 0],
            [2, 0xff, 0xff, 0xff, 0xff, 0x10],  // beyond 32 bits
            [4, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],  // the successor of the last ordinal
            [1],  // bitmaps announced, but none
            [1, 0, 0] + Array(repeating: 0, count: 1_023),  // a byte short
            [1, 0, 0] + Array(repeating: 0, count: 1_024),  // an empty bitmap
            [1, 0, 0] + Array(repeating: 0xff, count: 64) + Array(repeating: 0, count: 960),
            [2 << 1 | 1, 0, 0, 0, 0] + Array(repeating: 0xff, count: 1_024),  // listed and dense
            [1, 0xff, 0xff, 0x1f] + Array(repeating: 0xff, count: 1_024),
            [0x82, 0x08] + Array(repeating: 0, count: 513),  // a crowded block in the list
        ] as [[UInt8]]
    )
    func `bytes that are no canonical set are refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        #expect(OrdinalSet(decoding: &reader) == nil)
    }

    @Test func `damaged bytes never trap and never give a second spelling`() {
        var random = SeededGenerator()
        var accumulator = UserAccumulator()
        for _ in 0..<200 {
            let set = OrdinalSet(Set(random.ordinals().shuffled(using: &random).prefix(700)))
            let bytes = random.damage(set.encoded)
            var reader = ByteReader(bytes.span.bytes)
            if let decoded = OrdinalSet(decoding: &reader) {
                let used = bytes.count - reader.remaining
                #expect(decoded.encoded == Array(bytes[..<used]), "seed \(random.seed)")
            }
            accumulator.clear()
            var second = ByteReader(bytes.span.bytes)
            accumulator.insertEncoded(&second)
            var third = ByteReader(bytes.span.bytes)
            OrdinalSet.skip(&third)
        }
    }
}
