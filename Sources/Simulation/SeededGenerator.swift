internal import Foundation

/// A random number generator whose whole sequence follows from its seed (xoshiro256**).
///
/// A failing random test prints the seed; the same seed repeats the failure on any machine.
/// The state is filled by SplitMix64, as the generator's authors advise, so that small seeds
/// are as good as large ones.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The seed the sequence follows from.
    public let seed: UInt64
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a generator.
    ///
    /// - Parameter seed: Any number; equal seeds give equal sequences.
    public init(seed: UInt64) {
        self.seed = seed
        var mixer = seed
        state = (
            Self.splitMix(&mixer), Self.splitMix(&mixer), Self.splitMix(&mixer),
            Self.splitMix(&mixer)
        )
    }

    /// Makes a generator for a test and prints its seed.
    ///
    /// The environment variable `BOTSTATS_SEED` replaces the seed, to repeat a failure.
    ///
    /// - Parameters:
    ///   - name: What the seed is for; printed beside it.
    ///   - seed: The seed to use where the environment names none; a new one when nil.
    /// - Returns: The generator.
    public static func announced(_ name: String, seed: UInt64? = nil) -> SeededGenerator {
        let given = ProcessInfo.processInfo.environment["BOTSTATS_SEED"].flatMap { UInt64($0) }
        let chosen = given ?? seed ?? UInt64.random(in: 0...UInt64.max)
        print("\(name): BOTSTATS_SEED=\(chosen)")
        return SeededGenerator(seed: chosen)
    }

    /// The next number of the sequence.
    ///
    /// - Returns: Any 64-bit number, each equally likely.
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// One step of SplitMix64: a bijection that spreads consecutive numbers over all bits.
    static func splitMix(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension SeededGenerator {
    /// Whether something of the given probability happens.
    mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) < probability * 0x1p53
    }

    /// A number below `bound`, quickly: the bias of at most bound ÷ 2³² does not matter here.
    mutating func below(_ bound: Int) -> Int {
        Int(((next() >> 32) &* UInt64(bound)) >> 32)
    }

    /// A random element of a list that is not empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// A random UUID's lower-case text.
    mutating func uuidText() -> String {
        var bytes: [UInt8] = []
        Self.appendUUID(high: next(), low: next(), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the 36 bytes of a version 4 UUID's lower-case text.
    static func appendUUID(high: UInt64, low: UInt64, to bytes: inout [UInt8]) {
        let words = [
            high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
            low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000,
        ]
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                bytes.append(UInt8(ascii: "-"))
            }
            let digit = UInt8(truncatingIfNeeded: words[index / 16] >> (60 - 4 * (index % 16))) & 15
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
