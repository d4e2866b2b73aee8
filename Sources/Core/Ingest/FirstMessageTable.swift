/// A user's first message to a scope, for those who were met last: by open addressing, as every
/// new conversation asks twice.
struct FirstMessageTable: Sendable {
    private struct Entry: BitwiseCopyable {
        var key: UInt64
        var word: UInt64
    }

    /// No scope and no user has this number.
    private static let free = Entry(key: .max, word: 0)

    private var entries = Array(repeating: free, count: 1_024)
    private var mask: Int { entries.count - 1 }
    private(set) var count = 0

    /// The key of a user in a scope.
    static func key(user: UInt32, scope: UInt32) -> UInt64 { UInt64(scope) << 32 | UInt64(user) }

    subscript(key: UInt64) -> FirstMessage? {
        let entry = entries[index(of: key)]
        return entry.key == .max ? nil : FirstMessage(word: entry.word)
    }

    /// Adds or replaces an entry.
    mutating func set(_ message: FirstMessage, for key: UInt64) {
        let index = index(of: key)
        if entries[index].key == .max { count += 1 }
        entries[index] = Entry(key: key, word: message.word)
        if count * 3 > entries.count * 2 { grow() }
    }

    /// Forgets everything, keeping the memory.
    mutating func removeAll() {
        for index in entries.indices { entries[index] = Self.free }
        count = 0
    }

    private func home(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: key &* 0x9e37_79b9_7f4a_7c15 >> 32) & mask
    }

    private func index(of key: UInt64) -> Int {
        var index = home(of: key)
        while entries[index].key != key, entries[index].key != .max { index = (index + 1) & mask }
        return index
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Self.free, count: old.count * 2)
        for entry in old where entry.key != .max { entries[index(of: entry.key)] = entry }
    }
}
