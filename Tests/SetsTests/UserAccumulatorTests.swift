import Core
import Testing

@Suite struct UserAccumulatorTests {
    @Test func `unions and subtractions follow a plain set, through every clearing`() {
        var random = SeededGenerator()
        var accumulator = UserAccumulator()
        for _ in 0..<15 {
            accumulator.clear()
            #expect(accumulator.isEmpty)
            var plain: Set<UInt32> = []
            for _ in 0..<6 {
                let members = random.ordinals()
                let set = OrdinalSet(members)
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let bytes = set.encoded + [0x55]
                    var reader = ByteReader(bytes.span.bytes)
                    accumulator.insertEncoded(&reader)
                    #expect(reader.readUInt8() == 0x55 && reader.isAtEnd && !reader.failed)
                    plain.formUnion(members)
                case 1:
                    accumulator.formUnion(set)
                    plain.formUnion(members)
                case 2:
                    var other = UserAccumulator()
                    for ordinal in members { other.insert(ordinal) }
                    accumulator.formUnion(other)
                    plain.formUnion(members)
                default:
                    accumulator.subtract(set)
                    plain.subtract(members)
                }
                #expect(accumulator.count == plain.count, "seed \(random.seed)")
                let probe = random.ordinals()
                #expect(
                    accumulator.intersectionCount(with: OrdinalSet(probe))
                        == plain.intersection(probe).count,
                    "seed \(random.seed)"
                )
            }
            #expect(accumulator.makeSet() == OrdinalSet(plain), "seed \(random.seed)")
        }
    }

    @Test func `single ordinals come and go`() {
        var accumulator = UserAccumulator()
        accumulator.insert(7)
        accumulator.insert(7)
        accumulator.insert(.max)
        #expect(accumulator.count == 2)
        #expect(accumulator.contains(7) && accumulator.contains(.max))
        #expect(!accumulator.contains(8) && !accumulator.contains(100_000))
        accumulator.remove(7)
        accumulator.remove(7)
        accumulator.remove(100_000)
        #expect(accumulator.count == 1)
        #expect(accumulator.makeSet().members == [.max])
    }

    @Test func `a block used again after clearing is empty`() {
        var accumulator = UserAccumulator()
        for ordinal in UInt32(0)..<8_192 { accumulator.insert(ordinal) }
        accumulator.clear()
        accumulator.insert(3 << 13)
        accumulator.insert(1)
        #expect(accumulator.makeSet().members == [1, 3 << 13])
    }

    @Test func `a copy is not changed by the original`() {
        var accumulator = UserAccumulator()
        accumulator.insert(1)
        let copy = accumulator
        accumulator.insert(2)
        #expect(copy.makeSet().members == [1])
    }
}
