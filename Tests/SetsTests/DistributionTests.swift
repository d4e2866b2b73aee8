import Core
import Testing

@Suite struct DistributionTests {
    /// A random change: durations of every magnitude, added and taken back.
    private func change(_ random: inout SeededGenerator) -> Distribution {
        var change = Distribution(.response)
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            let bits = Int.random(in: 0..<4, using: &random) == 0 ? 63 : 12
            let duration = Int64(random.magnitude(bits: bits))
            change.add(duration, count: Int64.random(in: -3...3, using: &random))
        }
        return change
    }

    private func sum(_ parts: Distribution...) -> Distribution {
        var sum = Distribution(.response)
        for part in parts { sum.merge(part) }
        return sum
    }

    @Test func `addition is associative and commutative, and the empty one is its identity`() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let (a, b, c) = (change(&random), change(&random), change(&random))
            #expect(sum(sum(a, b), c) == sum(a, sum(b, c)), "seed \(random.seed)")
            #expect(sum(a, b) == sum(b, a), "seed \(random.seed)")
            #expect(sum(a, Distribution(.response)) == a)
        }
    }

    @Test func `what is taken back leaves nothing`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let base = change(&random)
            var value = base
            let durations = (0..<50).map { _ in Int64(random.magnitude(bits: 63)) }
            for duration in durations { value.add(duration, count: 2) }
            for duration in durations.shuffled(using: &random) { value.add(duration, count: -2) }
            #expect(value == base, "seed \(random.seed)")
            value.merge(Distribution(.response, durations))
            for duration in durations { value.add(duration, count: -1) }
            #expect(value == base, "seed \(random.seed)")
        }
    }

    @Test func `a correction within a cell is no empty change`() {
        var change = Distribution(.conversation)
        change.add(100_000, count: 1)
        change.add(100_001, count: -1)
        #expect(!change.isEmpty)
        var stored = Distribution(.conversation, [100_001])
        stored.merge(change)
        #expect(stored == Distribution(.conversation, [100_000]))
        change.add(1, count: 1)
        change.add(0, count: -1)
        change.add(0, count: 0)
        #expect(!change.isEmpty)
    }

    @Test func `a negative duration counts as zero`() {
        var value = Distribution(.response)
        value.add(.min, count: 1)
        #expect(value == Distribution(.response, [0]))
    }

    @Test func `adding one by one, merging and shuffling give the same bytes`() {
        var random = SeededGenerator()
        for _ in 0..<100 {
            let durations = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                Int64(random.magnitude(bits: 41))
            }
            let whole = Distribution(.conversation, durations)
            let cut = Int.random(in: 0...durations.count, using: &random)
            var parts = Distribution(.conversation, Array(durations[cut...]).shuffled())
            parts.merge(Distribution(.conversation, Array(durations[..<cut])))
            #expect(parts.encoded == whole.encoded, "seed \(random.seed)")
            let bytes = whole.encoded + [0x55]
            var reader = ByteReader(bytes.span.bytes)
            #expect(Distribution(decoding: &reader, .conversation) == whole)
            #expect(reader.readUInt8() == 0x55, "seed \(random.seed)")
            var skipper = ByteReader(bytes.span.bytes)
            Distribution.skip(&skipper, .conversation)
            #expect(skipper.readUInt8() == 0x55 && skipper.isAtEnd && !skipper.failed)
        }
    }

    @Test func `large counts and durations come back`() {
        var value = Distribution(.response)
        value.add(3_155_760_000_000, count: 2_000_000)
        value.add(0, count: .max)
        value.add(Int64.max, count: 1)
        value.add(Int64.max, count: -1)
        let bytes = value.encoded
        var reader = ByteReader(bytes.span.bytes)
        #expect(Distribution(decoding: &reader, .response) == value)
    }

    @Test func `a small distribution takes few bytes`() {
        #expect(Distribution(.conversation).encoded == [1, 0])
        #expect(Distribution(.conversation, [600_000]).encoded.count <= 5)
        #expect(Distribution(.conversation, [86_400_000 * 36_525]).encoded.count <= 9)
        #expect(Distribution(.response, [1_000, 1_000, 1_000]).encoded.count <= 6)
    }

    @Test(
        arguments: [
            [],  // no size
            [1],  // no sum
            [0],  // no room for the sum
            [2, 0],  // shorter than it says
            [1, 1],  // a sum without durations
            [2, 0, 1],  // a count announced, but none
            [2, 0, 0x80],
            [1, 0x80, 0],  // a number that reaches behind the end
            [2, 1, 0],  // a sum that one duration of 0 ms cannot have
            [3, 0, 0x80, 0],  // not the shortest form
            [3, 0, 0x8e, 0x3a],  // cell 3,719
            [12, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],  // no count
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0],
        ] as [[UInt8]]
    )
    func `bytes that are no canonical distribution are refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        #expect(Distribution(decoding: &reader, .response) == nil)
    }

    @Test func `damaged bytes never trap and never give a second spelling`() {
        var random = SeededGenerator()
        var accumulator = DistributionAccumulator(.response)
        for _ in 0..<5_000 {
            let durations = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                Int64(random.magnitude(bits: 41))
            }
            let bytes = random.damage(Distribution(.response, durations).encoded)
            var reader = ByteReader(bytes.span.bytes)
            if let decoded = Distribution(decoding: &reader, .response) {
                let used = bytes.count - reader.remaining
                #expect(decoded.encoded == Array(bytes[..<used]), "seed \(random.seed)")
            }
            accumulator.clear()
            var second = ByteReader(bytes.span.bytes)
            accumulator.addEncoded(&second)
            _ = (accumulator.sum, accumulator.quantile(0.5), accumulator.edgeCounts)
            var third = ByteReader(bytes.span.bytes)
            Distribution.skip(&third, .response)
        }
        accumulator.clear()
        #expect(accumulator.edgeCounts == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(accumulator.sum == 0 && accumulator.count == 0)
    }
}
