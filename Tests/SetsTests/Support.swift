import Core

/// SplitMix64, so that a printed seed repeats a test.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// Prints the seed of a test's random inputs.
    init(for test: String = #function) {
        self.init(seed: UInt64.random(in: 0...UInt64.max))
        print("\(test): seed \(seed)")
    }

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number of any magnitude: each length in bits is equally likely.
    mutating func magnitude(bits: Int = 64) -> UInt64 {
        next() >> UInt64(64 - Int.random(in: 1...bits, using: &self))
    }

    /// Members that fill blocks sparsely, up to the limit of 512 and beyond it.
    mutating func ordinals() -> Set<UInt32> {
        var ordinals: Set<UInt32> = []
        for _ in 0..<Int.random(in: 0...4, using: &self) {
            let first = UInt32.random(in: 0...5, using: &self) << 13
            let size = [0, 1, 20, 511, 512, 513, 600, 8_192].randomElement(using: &self) ?? 0
            let members = (0..<UInt32(8_192)).shuffled(using: &self).prefix(size)
            ordinals.formUnion(members.map { first + $0 })
        }
        for _ in 0..<Int.random(in: 0...40, using: &self) {
            ordinals.insert(UInt32.random(in: 0...UInt32.max, using: &self))
        }
        return ordinals
    }

    /// Valid bytes with a few changes, or bytes of chance.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var damaged = bytes
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let place = Int.random(in: 0...damaged.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: damaged.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 1: damaged.removeLast(damaged.count - place)
            case 2 where place < damaged.count: damaged.remove(at: place)
            case _ where place < damaged.count:
                damaged[place] = UInt8.random(in: 0...255, using: &self)
            default: damaged.append(0xff)
            }
        }
        return damaged
    }
}

extension OrdinalSet {
    init(_ members: Set<UInt32>) { self.init(sorted: members.sorted()) }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

extension Distribution {
    init(_ kind: DurationKind, _ durations: [Int64]) {
        self.init(kind)
        for duration in durations { add(duration, count: 1) }
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }
}
