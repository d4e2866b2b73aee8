import LMDB
import Testing

@Suite struct CursorTests {
    /// Numbers with gaps: 10, 20, … 1,000.
    private let temporary: TemporaryEnvironment

    init() throws {
        temporary = try TemporaryEnvironment()
        try temporary.fill((1...100).map { $0 * 10 })
    }

    private func read<R>(
        _ body: (inout Cursor) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        try temporary.environment.withRead { transaction throws(LMDBError) in
            try transaction.withCursor(in: temporary.table, body)
        }
    }

    @Test(
        arguments: [
            (0, 10),  // before the first
            (10, 10),  // exactly the first
            (11, 20),  // between two
            (1_000, 1_000),  // exactly the last
            (1_001, nil),  // after the last
        ] as [(UInt64, UInt64?)]
    )
    func `seeking finds the entry at or after the key`(start: UInt64, found: UInt64?) throws {
        let number = try read { cursor throws(LMDBError) in
            try cursor.seek(atOrAfter: Key(start)) ? cursor.key.readUInt64BigEndian(at: 0) : nil
        }
        #expect(number == found)
    }

    @Test(
        arguments: [
            (10, nil),  // nothing before the first
            (11, 10),  // between two
            (20, 10),  // exactly one
            (5_000, 1_000),  // after the last
        ] as [(UInt64, UInt64?)]
    )
    func `seeking before finds the entry before the key`(start: UInt64, found: UInt64?) throws {
        let number = try read { cursor throws(LMDBError) in
            try cursor.seek(before: Key(start)) ? cursor.key.readUInt64BigEndian(at: 0) : nil
        }
        #expect(number == found)
    }

    @Test func `seeking to a key needs exactly that key`() throws {
        let result = try read { cursor throws(LMDBError) in
            [
                try cursor.seek(to: Key(20)) ? cursor.value.text : nil,
                try cursor.seek(to: Key(21)) ? cursor.value.text : nil,
            ]
        }
        #expect(result == ["20", nil])
    }

    @Test func `a range is read in order and in reverse`() throws {
        let (ascending, descending) = try read { cursor throws(LMDBError) in
            var ascending: [String] = []
            var found = try cursor.seek(atOrAfter: Key(35))
            while found, cursor.key.readUInt64BigEndian(at: 0) <= 60 {
                ascending.append(cursor.value.text)
                found = try cursor.next()
            }
            var descending: [String] = []
            found = try cursor.last()
            while found, cursor.key.readUInt64BigEndian(at: 0) >= 980 {
                descending.append(cursor.value.text)
                found = try cursor.previous()
            }
            return (ascending, descending)
        }
        #expect(ascending == ["40", "50", "60"])
        #expect(descending == ["1000", "990", "980"])
    }

    @Test func `a cursor past the end is at no entry`() throws {
        let (more, isAtEntry) = try read { cursor throws(LMDBError) in
            try cursor.last()
            return (try cursor.next(), cursor.isAtEntry)
        }
        #expect(!more)
        #expect(!isAtEntry)
    }

    @Test func `a cursor over an empty table finds nothing`() throws {
        let empty = try temporary.environment.table(named: "empty")
        let found = try temporary.environment.withRead { transaction throws(LMDBError) in
            try transaction.withCursor(in: empty) { cursor throws(LMDBError) in
                [
                    try cursor.first(), try cursor.last(), try cursor.next(),
                    try cursor.previous(), try cursor.seek(atOrAfter: Key(0)),
                    try cursor.seek(before: Key(1)),
                ]
            }
        }
        #expect(found == Array(repeating: false, count: 6))
    }

    @Test func `deleting at a cursor keeps the place`() throws {
        let table = temporary.table
        try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.withWriteCursor(in: table) { cursor throws(LMDBError) in
                var found = try cursor.position.seek(atOrAfter: Key(20))
                while found, cursor.position.key.readUInt64BigEndian(at: 0) < 1_000 {
                    try cursor.deleteCurrent()
                    found = try cursor.position.next()
                }
            }
        }
        #expect(try temporary.numbers() == [10, 1_000])
    }

    @Test func `putting at a cursor replaces the value, also by a longer one`() throws {
        let table = temporary.table
        let long = String(repeating: "x", count: 10_000)
        let seen = try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.withWriteCursor(in: table) { cursor throws(LMDBError) in
                try cursor.position.seek(to: Key(500))
                let bytes = Array(long.utf8)
                try cursor.putCurrent(bytes.span.bytes)
                let seen = cursor.position.value.text
                try cursor.position.next()
                return [seen, cursor.position.value.text]
            }
        }
        #expect(seen == [long, "510"])
        #expect(try temporary.text(for: 500) == long)
        #expect(try temporary.numbers().count == 100)
    }

    @Test func `an error inside a cursor closure keeps its type`() {
        #expect(throws: OwnError.stopped) {
            try temporary.environment.withRead(mapError: OwnError.init) {
                transaction throws(OwnError) in
                try transaction.withCursor(in: temporary.table, mapError: OwnError.init) {
                    _ throws(OwnError) in
                    throw OwnError.stopped
                }
            }
        }
    }

    @Test func `reading at no entry traps`() async {
        await #expect(processExitsWith: .failure) {
            let temporary = try TemporaryEnvironment()
            try temporary.environment.withRead { transaction throws(LMDBError) in
                try transaction.withCursor(in: temporary.table) { cursor throws(LMDBError) in
                    print(cursor.value.byteCount)
                }
            }
        }
    }
}
