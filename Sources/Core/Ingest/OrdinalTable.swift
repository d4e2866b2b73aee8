/// Where an ordinal's entry lies in a table by open addressing.
///
/// Ordinals are given in order, so those met together are near each other: eight neighbours share
/// a home, which an entry of eight bytes fills a cache line with, and only the homes are spread.
/// With homes in the order of ordinals, a long run of new ones would leave an old one that falls
/// into it no place but behind its end.
enum OrdinalHome {
    static func place(_ ordinal: UInt32, mask: Int) -> Int {
        let spread = UInt64(ordinal >> 3) &* 0x9e37_79b9_7f4a_7c15 >> 32
        return (Int(spread) << 3 | Int(ordinal & 7)) & mask
    }
}

/// A map from ordinals to places, eight bytes an entry, between 3/8 and 3/4 full.
struct OrdinalTable: Sendable {
    /// Ordinal (32 bits) · place plus one (32 bits); 0 is free.
    private var entries: [UInt64] = Array(repeating: 0, count: 1_024)
    private var mask: Int { entries.count - 1 }
    private(set) var count = 0

    /// The place of an ordinal, nil when it has none; setting it adds, replaces or removes.
    subscript(ordinal: UInt32) -> Int? {
        get {
            let entry = entries[index(of: ordinal)]
            return entry == 0 ? nil : Int(UInt32(truncatingIfNeeded: entry)) - 1
        }
        set {
            let index = index(of: ordinal)
            guard let newValue else {
                if entries[index] != 0 { remove(at: index) }
                return
            }
            if entries[index] == 0 { count += 1 }
            entries[index] = UInt64(ordinal) << 32 | UInt64(newValue + 1)
            if count * 4 > entries.count * 3 { grow() }
        }
    }

    private static func ordinal(_ entry: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: entry >> 32)
    }

    /// The index of an ordinal's entry, or of the free one where it would go.
    private func index(of ordinal: UInt32) -> Int {
        var index = OrdinalHome.place(ordinal, mask: mask)
        while entries[index] != 0, Self.ordinal(entries[index]) != ordinal {
            index = (index + 1) & mask
        }
        return index
    }

    /// Frees an entry and moves later ones of the same run back, so that no tombstones build up.
    private mutating func remove(at removed: Int) {
        count -= 1
        var hole = removed
        var index = removed
        while true {
            index = (index + 1) & mask
            let entry = entries[index]
            if entry == 0 { break }
            let home = OrdinalHome.place(Self.ordinal(entry), mask: mask)
            if (index - home) & mask >= (index - hole) & mask {
                entries[hole] = entry
                hole = index
            }
        }
        entries[hole] = 0
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 { entries[index(of: Self.ordinal(entry))] = entry }
    }
}
