import Testing

@testable import Core

struct OrdinalTableTests {
    @Test func `an ordinal table is a dictionary`() {
        var generator = SeededGenerator()
        var table = OrdinalTable()
        var judge: [UInt32: Int] = [:]
        for step in 0..<60_000 {
            // New ones in a row, and old ones from anywhere.
            let isNew = Bool.random(using: &generator)
            let ordinal =
                isNew ? UInt32(step) : UInt32.random(in: 0...UInt32(step + 1), using: &generator)
            if Int.random(in: 0..<3, using: &generator) > 0 {
                table[ordinal] = step
                judge[ordinal] = step
            } else {
                table[ordinal] = nil
                judge[ordinal] = nil
            }
            #expect(table.count == judge.count)
        }
        for ordinal in 0..<UInt32(60_001) { #expect(table[ordinal] == judge[ordinal]) }
    }

    @Test func `a table of first messages is a dictionary`() {
        var generator = SeededGenerator()
        var table = FirstMessageTable()
        for _ in 0..<3 {
            var judge: [UInt64: FirstMessage] = [:]
            for _ in 0..<20_000 {
                let user = UInt32.random(in: 0..<9_000, using: &generator)
                let scope = Bool.random(using: &generator) ? 7 : SlotKey.allBots
                let key = FirstMessageTable.key(user: user, scope: scope)
                let message = FirstMessage(quarter: Quarter(user % 700), channel: UInt16(user % 3))
                table.set(message, for: key)
                judge[key] = message
            }
            #expect(table.count == judge.count)
            for user in 0..<UInt32(9_001) {
                for scope in [7, SlotKey.allBots] {
                    let key = FirstMessageTable.key(user: user, scope: scope)
                    #expect(table[key] == judge[key])
                }
            }
            table.removeAll()
            #expect(table[FirstMessageTable.key(user: 1, scope: 7)] == nil)
        }
    }

    @Test func `channels are found behind the few that are near`() throws {
        var ordinals = ChannelOrdinals()
        let tokens = try (0..<1_000).map { try #require(ChannelToken("channel-\($0)")) }
        for (ordinal, token) in tokens.enumerated() { ordinals.set(UInt16(ordinal), for: token) }
        for _ in 0..<2 {
            for (ordinal, token) in tokens.enumerated() {
                #expect(ordinals.find(token) == UInt16(ordinal))
            }
        }
        #expect(ordinals.find(try #require(ChannelToken("another"))) == nil)
    }
}
