import Foundation
import LMDB
import Testing

@Suite struct FreePageTests {
    /// The bytes that the file takes on disk.
    private func diskUse(_ store: TemporaryEnvironment) throws -> Int {
        var information = stat()
        try #require(stat(store.directory.path + "/data.mdb", &information) == 0)
        return Int(information.st_blocks) * 512
    }

    private func remove(
        _ numbers: Range<UInt64>,
        of store: TemporaryEnvironment
    ) throws(LMDBError) {
        try store.environment.withWrite { transaction throws(LMDBError) in
            for number in numbers { try transaction.delete(Key(number), in: store.table) }
        }
    }

    /// Releases everything in steps; returns how many there were.
    @discardableResult
    private func release(_ store: TemporaryEnvironment, limit: Int = 10_000) throws -> Int {
        var steps = 1
        var next = try store.environment.releaseFreePages(limit: limit)
        while let begin = next {
            steps += 1
            next = try store.environment.releaseFreePages(from: begin, limit: limit)
        }
        return steps
    }

    @Test func `free pages go back to the file system and can be used again`() throws {
        let store = try TemporaryEnvironment()
        try store.fill(0..<50_000)
        let full = try diskUse(store)
        try remove(100..<50_000, of: store)
        // What a commit freed can be used from the second one after it on.
        try release(store)
        try #expect(diskUse(store) >= full)
        try store.put("kept", for: 0)
        try release(store)
        try #expect(diskUse(store) < full / 10)
        try #expect(store.text(for: 0) == "kept")
        try #expect(store.numbers() == Array(0..<100))
        try store.fill(1_000..<50_000)
        try #expect(store.numbers() == Array(0..<100) + Array(1_000..<50_000))
        try #expect(diskUse(store) <= full + (1 << 20))
    }

    @Test func `what a reader still sees stays`() throws {
        let store = try TemporaryEnvironment()
        try store.fill(0..<20_000)
        var reader = try store.environment.beginRead()
        try remove(10..<20_000, of: store)
        for _ in 0..<3 { try store.put("later", for: 0) }
        let before = try diskUse(store)
        try release(store)
        try #expect(diskUse(store) == before)
        for number in UInt64(0)..<20_000 {
            try #expect(reader.text(for: Key(number), in: store.table) == "\(number)")
        }
        reader.reset()
        try release(store)
        try #expect(diskUse(store) < before / 4)
    }

    @Test func `a release goes on where it stopped`() throws {
        let store = try TemporaryEnvironment()
        for round in UInt64(0)..<40 { try store.fill(round * 1_000..<round * 1_000 + 1_000) }
        for round in UInt64(0)..<39 { try remove(round * 1_000..<round * 1_000 + 900, of: store) }
        for _ in 0..<2 { try store.put("later", for: 39_999) }
        try #expect(release(store, limit: 1) > 1)
        try #expect(store.numbers().count == 39 * 100 + 1_000)
    }

    @Test func `nothing is lost, whatever is written between releases`() throws {
        var random = SystemRandomNumberGenerator()
        let directory = try TemporaryDirectory()
        var expected: [UInt64: String] = [:]
        for _ in 0..<6 {
            let environment = try Environment(path: directory.path)
            let table = try environment.table(named: "table")
            for round in 0..<30 {
                let first = UInt64.random(in: 0..<3_000, using: &random)
                let text = String(
                    repeating: "\(round)",
                    count: .random(in: 1...900, using: &random)
                )
                let removes = Bool.random(using: &random)
                try environment.withWrite { transaction throws(LMDBError) in
                    for number in first..<first + 200 {
                        if removes {
                            try transaction.delete(Key(number), in: table)
                        } else {
                            try transaction.put(text, for: Key(number), in: table)
                        }
                    }
                }
                for number in first..<first + 200 { expected[number] = removes ? nil : text }
                _ = try environment.releaseFreePages(limit: 100_000)
            }
            let stored = try environment.withRead { transaction throws(LMDBError) in
                try transaction.withCursor(in: table) { cursor throws(LMDBError) in
                    var stored: [UInt64: String] = [:]
                    var found = try cursor.first()
                    while found {
                        stored[cursor.key.readUInt64BigEndian(at: 0)] = cursor.value.text
                        found = try cursor.next()
                    }
                    return stored
                }
            }
            #expect(stored == expected)
        }
    }
}
