import Core
import Testing

@Suite struct DistributionAccumulatorTests {
    private func isWithinBound(_ reported: Double?, _ duration: Int64) -> Bool {
        guard let reported else { return false }
        return abs(reported - Double(duration)) <= Double(duration) * Distribution.relativeError
    }

    /// The duration that a histogram of this one alone reports.
    private func reported(
        _ duration: Int64,
        _ accumulator: inout DistributionAccumulator
    ) -> Double? {
        accumulator.clear()
        accumulator.add(Distribution(.conversation, [duration]))
        return accumulator.quantile(0.5)
    }

    @Test func `every duration up to 200 seconds is reported within the bound`() {
        var accumulator = DistributionAccumulator(.conversation)
        var last = -1.0
        var wrong: [Int64] = []
        for duration in Int64(0)...200_000 {
            let value = reported(duration, &accumulator)
            if !isWithinBound(value, duration) || (value ?? -1) < last { wrong.append(duration) }
            if duration < 128, value != Double(duration) { wrong.append(duration) }
            last = value ?? last
        }
        #expect(wrong.isEmpty)
    }

    @Test func `durations of any length are reported within the bound`() {
        var random = SeededGenerator()
        var accumulator = DistributionAccumulator(.conversation)
        let edges = Distribution.edgeSeconds.dropFirst().flatMap { edge in
            [edge * 1_000 - 1, edge * 1_000, edge * 1_000 + 1]
        }
        // Beyond 2^52 a double has no room for halves.
        let powers = (1..<52).map { Int64(1) << Int64($0) }
        let chance = (0..<20_000).map { _ in Int64(random.magnitude(bits: 52)) }
        let durations = edges + powers + powers.map { $0 - 1 } + chance
        for duration in durations {
            #expect(
                isWithinBound(reported(duration, &accumulator), duration),
                "\(duration), seed \(random.seed)"
            )
        }
        #expect(reported(.max, &accumulator) != nil)
    }

    @Test func `figures of many rows are those of the sorted durations`() {
        var random = SeededGenerator()
        var accumulator = DistributionAccumulator(.conversation)
        for _ in 0..<60 {
            accumulator.clear()
            var all: [Int64] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let row = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                    Int64(random.magnitude(bits: 25))
                }
                all += row
                let bytes = Distribution(.conversation, row).encoded + [0x55]
                var reader = ByteReader(bytes.span.bytes)
                accumulator.addEncoded(&reader)
                #expect(reader.readUInt8() == 0x55 && reader.isAtEnd && !reader.failed)
            }
            all.sort()
            expect(accumulator, of: all, seed: random.seed)
        }
    }

    private func expect(_ accumulator: DistributionAccumulator, of all: [Int64], seed: UInt64) {
        let comment: Comment = "seed \(seed)"
        #expect(accumulator.count == Int64(all.count), comment)
        #expect(accumulator.sum == all.reduce(0, +), comment)
        for percent in 0...100 {
            let rank = max(1, (percent * all.count + 99) / 100)
            let quantile = accumulator.quantile(Double(percent) / 100)
            #expect(isWithinBound(quantile, all[rank - 1]), comment)
        }
        #expect(isWithinBound(accumulator.minimum, all[0]), comment)
        #expect(isWithinBound(accumulator.maximum, all[all.count - 1]), comment)
        let edges = Distribution.edgeSeconds.map { $0 * 1_000 } + [Int64.max]
        let counts = zip(edges, edges.dropFirst()).map { low, high in
            Int64(all.count { $0 >= low && $0 < high })
        }
        #expect(accumulator.edgeCounts == counts, comment)
    }

    @Test func `a duration on an edge belongs above it`() {
        for (index, edge) in Distribution.edgeSeconds.enumerated() where index > 0 {
            var accumulator = DistributionAccumulator(.conversation)
            accumulator.add(Distribution(.conversation, [edge * 1_000, edge * 1_000 - 1]))
            var expected: [Int64] = Array(repeating: 0, count: 8)
            expected[index] = 1
            expected[index - 1] = 1
            #expect(accumulator.edgeCounts == expected)
        }
    }

    @Test func `a change corrects what rows have added`() {
        var random = SeededGenerator()
        for _ in 0..<100 {
            var durations = (0..<40).map { _ in Int64(random.magnitude(bits: 25)) }
            var accumulator = DistributionAccumulator(.conversation)
            let bytes = Distribution(.conversation, durations).encoded
            var reader = ByteReader(bytes.span.bytes)
            accumulator.addEncoded(&reader)
            var change = Distribution(.conversation)
            for index in 0..<20 {
                change.add(durations[index], count: -1)
                durations[index] = Int64(random.magnitude(bits: 25))
                change.add(durations[index], count: 1)
            }
            accumulator.add(change)
            expect(accumulator, of: durations.sorted(), seed: random.seed)
        }
    }

    @Test func `without durations there are no figures`() {
        var accumulator = DistributionAccumulator(.firstResponse)
        #expect(accumulator.quantile(0.5) == nil)
        #expect(accumulator.minimum == nil && accumulator.maximum == nil)
        #expect(accumulator.count == 0 && accumulator.sum == 0)
        accumulator.add(Distribution(.firstResponse, [5]))
        var change = Distribution(.firstResponse)
        change.add(5, count: -1)
        accumulator.add(change)
        #expect(accumulator.quantile(0.5) == nil)
        #expect(accumulator.minimum == nil && accumulator.maximum == nil)
    }

    @Test func `clearing forgets everything`() {
        var accumulator = DistributionAccumulator(.response)
        accumulator.add(Distribution(.response, [1, 5_000, 90_000_000]))
        accumulator.clear()
        accumulator.add(Distribution(.response, [700]))
        expect(accumulator, of: [700], seed: 0)
    }

    @Test func `ranks of huge counts do not overflow`() {
        var distribution = Distribution(.response)
        distribution.add(1, count: .max / 2)
        distribution.add(2, count: .max / 2)
        var accumulator = DistributionAccumulator(.response)
        accumulator.add(distribution)
        #expect(accumulator.quantile(0.5) == 1)
        #expect(accumulator.quantile(0.51) == 2)
        #expect(accumulator.quantile(1) == 2)
    }
}
