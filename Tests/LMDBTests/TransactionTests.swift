import LMDB
import Testing

@Suite struct TransactionTests {
    @Test func `a committed value is read back`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("one", for: 1)
        #expect(try temporary.text(for: 1) == "one")
        #expect(try temporary.text(for: 2) == nil)
    }

    @Test func `a closure that throws changes nothing`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("before", for: 1)
        let table = temporary.table
        #expect(throws: OwnError.stopped) {
            try temporary.environment.withWrite(mapError: OwnError.init) {
                transaction throws(OwnError) in
                do throws(LMDBError) {
                    try transaction.put("after", for: Key(1), in: table)
                } catch {
                    throw OwnError(error)
                }
                throw OwnError.stopped
            }
        }
        #expect(try temporary.text(for: 1) == "before")
    }

    @Test func `an error of LMDB is mapped to the caller's type`() throws {
        let directory = try TemporaryDirectory()
        _ = try Environment(path: directory.path, options: .init(mapSize: 1 << 20))
        let environment = try Environment(path: directory.path, options: .init(readOnly: true))
        #expect(throws: OwnError.lmdb(.accessDenied)) {
            try environment.withWrite(mapError: OwnError.init) { _ throws(OwnError) in }
        }
    }

    @Test func `a dropped write transaction changes nothing`() throws {
        let temporary = try TemporaryEnvironment()
        do {
            var transaction = try temporary.environment.beginWrite()
            try transaction.put("lost", for: Key(1), in: temporary.table)
            let seen = try transaction.text(for: Key(1), in: temporary.table)
            #expect(seen == "lost")
            transaction.abort()
        }
        #expect(try temporary.text(for: 1) == nil)
    }

    @Test func `a committed write transaction lets the next one begin`() throws {
        let temporary = try TemporaryEnvironment()
        for number in UInt64(1)...3 {
            var transaction = try temporary.environment.beginWrite()
            try transaction.put("\(number)", for: Key(number), in: temporary.table)
            try transaction.commit()
        }
        #expect(try temporary.numbers() == [1, 2, 3])
    }

    @Test func `a snapshot does not see later commits until it is renewed`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("old", for: 1)
        var snapshot = try temporary.environment.beginRead()
        let identifier = snapshot.transactionID
        try temporary.put("new", for: 1)

        let before = try snapshot.text(for: Key(1), in: temporary.table)
        #expect(before == "old")
        try snapshot.renew()
        let after = try snapshot.text(for: Key(1), in: temporary.table)
        #expect(after == "new")
        #expect(snapshot.transactionID == identifier + 1)
    }

    @Test func `a snapshot that was reset refuses to read until it is renewed`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("value", for: 1)
        var snapshot = try temporary.environment.beginRead()
        snapshot.reset()
        snapshot.reset()
        var kind: LMDBError.Kind?
        do throws(LMDBError) {
            _ = try snapshot.text(for: Key(1), in: temporary.table)
        } catch {
            kind = error.kind
        }
        #expect(kind == .badTransaction)
        try snapshot.renew()
        let text = try snapshot.text(for: Key(1), in: temporary.table)
        #expect(text == "value")
    }

    @Test func `a snapshot knows a table opened later only when it is renewed`() throws {
        let temporary = try TemporaryEnvironment()
        var snapshot = try temporary.environment.beginRead()
        let later = try temporary.environment.table(named: "later")
        var kind: LMDBError.Kind?
        do throws(LMDBError) { _ = try snapshot.entryCount(in: later) } catch { kind = error.kind }
        #expect(kind == .badTable)
        try snapshot.renew()
        let count = try snapshot.entryCount(in: later)
        #expect(count == 0)
    }

    @Test func `an insert refuses a key that exists and an append one out of order`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.fill([5])
        for (number, mode) in [(UInt64(5), PutMode.insert), (4, .append)] {
            let error = #expect(throws: LMDBError.self) {
                try temporary.environment.withWrite { transaction throws(LMDBError) in
                    try transaction.put("x", for: Key(number), in: temporary.table, mode: mode)
                }
            }
            #expect(error?.kind == .keyExists)
        }
        try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.put("6", for: Key(6), in: temporary.table, mode: .insert)
            try transaction.put("7", for: Key(7), in: temporary.table, mode: .append)
        }
        #expect(try temporary.numbers() == [5, 6, 7])
    }

    @Test(arguments: [0, 1, 100, 100_000])
    func `a value written in place is stored`(byteCount: Int) throws {
        let temporary = try TemporaryEnvironment()
        try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.put(byteCount: byteCount, for: Key(1), in: temporary.table) { bytes in
                for offset in 0..<byteCount {
                    bytes.storeBytes(of: UInt8(offset % 251), toByteOffset: offset, as: UInt8.self)
                }
            }
        }
        let stored = try temporary.environment.withRead { transaction throws(LMDBError) in
            try transaction.value(for: Key(1), in: temporary.table)?.copied()
        }
        #expect(stored == (0..<byteCount).map { UInt8($0 % 251) })
    }

    @Test func `deleting says whether the key existed`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.fill([1, 2])
        let (first, second) = try temporary.environment.withWrite {
            transaction throws(LMDBError) in
            (
                try transaction.delete(Key(1), in: temporary.table),
                try transaction.delete(Key(1), in: temporary.table)
            )
        }
        #expect(first)
        #expect(!second)
        #expect(try temporary.numbers() == [2])
    }

    @Test func `a cleared table is empty and usable`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.fill(1...1_000)
        let before = try temporary.environment.withRead { transaction throws(LMDBError) in
            try transaction.statistics(of: temporary.table)
        }
        #expect(before.entryCount == 1_000)
        #expect(before.depth == 2)
        #expect(before.pageCount == before.leafPageCount + 1)
        try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.clear(temporary.table)
            try transaction.put("3", for: Key(3), in: temporary.table)
        }
        let count = try temporary.environment.withRead { transaction throws(LMDBError) in
            try transaction.entryCount(in: temporary.table)
        }
        #expect(count == 1)
    }

    @Test func `keys of any length up to 511 bytes are stored`() throws {
        let temporary = try TemporaryEnvironment()
        let long = [UInt8](repeating: 7, count: 511)
        let value: [UInt8] = [1, 2, 3]
        let stored = try temporary.environment.withWrite { transaction throws(LMDBError) in
            try transaction.put(value.span.bytes, for: long.span.bytes, in: temporary.table)
            return try transaction.value(for: long.span.bytes, in: temporary.table)?.copied()
        }
        #expect(stored == value)
        for refused in [[], long + [7]] {
            let error = #expect(throws: LMDBError.self) {
                try temporary.environment.withWrite { transaction throws(LMDBError) in
                    try transaction.put(
                        value.span.bytes,
                        for: refused.span.bytes,
                        in: temporary.table
                    )
                }
            }
            #expect(error?.kind == .badSize)
        }
    }

    @Test func `the same reading code serves both kinds of transaction`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("same", for: 1)
        func read(
            _ transaction: borrowing some Transaction & ~Copyable
        ) throws(LMDBError) -> String? {
            try transaction.text(for: Key(1), in: temporary.table)
        }
        let inRead = try temporary.environment.withRead { transaction throws(LMDBError) in
            try read(transaction)
        }
        let inWrite = try temporary.environment.withWrite { transaction throws(LMDBError) in
            try read(transaction)
        }
        #expect(inRead == "same")
        #expect(inWrite == "same")
    }

    @Test func `a random history agrees with a dictionary`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Random(state: seed)
        let temporary = try TemporaryEnvironment()
        var model: [UInt64: String] = [:]
        for round in 0..<60 {
            var changed = model
            let commits = Bool.random(using: &random)
            var transaction = try temporary.environment.beginWrite()
            for _ in 0..<40 {
                let number = UInt64.random(in: 0..<200, using: &random)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let existed = try transaction.delete(Key(number), in: temporary.table)
                    #expect(existed == (changed.removeValue(forKey: number) != nil))
                } else {
                    let text = String(repeating: "\(round)", count: Int(number) + 1)
                    try transaction.put(text, for: Key(number), in: temporary.table)
                    changed[number] = text
                }
            }
            if commits {
                try transaction.commit()
                model = changed
            } else {
                transaction.abort()
            }
            #expect(try temporary.numbers() == model.keys.sorted())
        }
        for (number, text) in model { #expect(try temporary.text(for: number) == text) }
    }
}
