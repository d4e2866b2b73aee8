import Dispatch
import Foundation
import LMDB
import Synchronization
import Testing

@Suite struct EnvironmentTests {
    @Test func `a directory that does not exist is refused by name`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/missing"
        let error = #expect(throws: LMDBError.self) { _ = try Environment(path: path) }
        #expect(error?.kind == .notFound)
        #expect(error?.path == path)
        #expect(error?.description.contains("'\(path)'") == true)
    }

    @Test func `a file that is no environment is refused`() throws {
        let directory = try TemporaryDirectory()
        let garbage = Data(repeating: 0x55, count: 16_384)
        try garbage.write(to: URL(fileURLWithPath: directory.path + "/data.mdb"))
        let error = #expect(throws: LMDBError.self) { _ = try Environment(path: directory.path) }
        #expect(error?.kind == .invalidFile)
    }

    @Test func `one directory opens once, whatever path leads to it`() throws {
        let directory = try TemporaryDirectory()
        let link = directory.path + "-link"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: directory.path
        )
        defer { try? FileManager.default.removeItem(atPath: link) }
        let environment = try Environment(path: directory.path)
        for path in [directory.path, link] {
            let error = #expect(throws: LMDBError.self) { _ = try Environment(path: path) }
            #expect(error?.kind == .alreadyOpen)
        }
        #expect(environment.mapSize > 0)
    }

    @Test func `values survive closing and opening`() throws {
        let directory = try TemporaryDirectory()
        for number in UInt64(0)..<3 {
            let environment = try Environment(path: directory.path)
            let table = try environment.table(named: "table")
            let count = try environment.withWrite { transaction throws(LMDBError) in
                let count = try transaction.entryCount(in: table)
                try transaction.put("kept", for: Key(number), in: table)
                return count
            }
            #expect(count == Int(number))
        }
    }

    @Test func `a transaction keeps its environment open`() throws {
        let directory = try TemporaryDirectory()
        let snapshot = try Environment(path: directory.path).beginRead()
        let error = #expect(throws: LMDBError.self) { _ = try Environment(path: directory.path) }
        #expect(error?.kind == .alreadyOpen)
        #expect(snapshot.environment.path == directory.path)
    }

    @Test func `a full map is reported, and the transaction succeeds after growth`() throws {
        let temporary = try TemporaryEnvironment(options: .init(mapSize: 1 << 20))
        let value = [UInt8](repeating: 1, count: 2_000)
        func fill() throws(LMDBError) {
            try temporary.environment.withWrite { transaction throws(LMDBError) in
                for number in UInt64(0)..<2_000 {
                    try transaction.put(value.span.bytes, for: Key(number), in: temporary.table)
                }
            }
        }
        let error = #expect(throws: LMDBError.self) { try fill() }
        #expect(error?.kind == .mapFull)
        #expect(try temporary.numbers().isEmpty)

        try temporary.environment.grow(to: (8 << 20) - 5)
        #expect(temporary.environment.mapSize == 8 << 20)
        try fill()
        #expect(try temporary.numbers().count == 2_000)
        #expect(temporary.environment.usedBytes > 4_000_000)
    }

    @Test func `reader slots run out, and a free one serves again`() throws {
        let temporary = try TemporaryEnvironment(
            options: .init(mapSize: 1 << 20, maxReaders: 2)
        )
        let first = try temporary.environment.beginRead()
        do {
            let second = try temporary.environment.beginRead()
            let error = #expect(throws: LMDBError.self) {
                try temporary.environment.withRead { _ throws(LMDBError) in }
            }
            #expect(error?.kind == .readersFull)
            #expect(second.transactionID == first.transactionID)
        }
        try temporary.environment.withRead { _ throws(LMDBError) in }
    }

    @Test func `tables are separate, and one that is missing is reported`() throws {
        let temporary = try TemporaryEnvironment(
            options: .init(mapSize: 1 << 20, maxTables: 2)
        )
        let environment = temporary.environment
        let missing = #expect(throws: LMDBError.self) {
            _ = try environment.table(named: "other", create: false)
        }
        #expect(missing?.kind == .notFound)
        let other = try environment.table(named: "other")
        try temporary.put("here", for: 1)
        let text = try environment.withRead { transaction throws(LMDBError) in
            try transaction.text(for: Key(1), in: other)
        }
        #expect(text == nil)
        #expect(try environment.table(named: "table", create: false) == temporary.table)
        let full = #expect(throws: LMDBError.self) { _ = try environment.table(named: "third") }
        #expect(full?.kind == .tablesFull)
    }

    @Test func `a read-only environment reads and refuses to write`() throws {
        let directory = try TemporaryDirectory()
        do {
            let environment = try Environment(path: directory.path)
            let table = try environment.table(named: "table")
            try environment.withWrite { transaction throws(LMDBError) in
                try transaction.put("value", for: Key(1), in: table)
            }
        }
        let environment = try Environment(path: directory.path, options: .init(readOnly: true))
        let table = try environment.table(named: "table")
        let text = try environment.withRead { transaction throws(LMDBError) in
            try transaction.text(for: Key(1), in: table)
        }
        #expect(text == "value")
        let error = #expect(throws: LMDBError.self) {
            try environment.withWrite { _ throws(LMDBError) in }
        }
        #expect(error?.kind == .accessDenied)
    }

    @Test func `information shows the commit and the lag of the oldest reader`() throws {
        let temporary = try TemporaryEnvironment()
        try temporary.put("a", for: 1)
        let before = temporary.environment.information
        #expect(before.oldestReaderTransactionID == nil)
        #expect(before.oldestReaderLag == 0)
        var snapshot = try temporary.environment.beginRead()
        for number in UInt64(2)...4 { try temporary.put("b", for: number) }

        let held = temporary.environment.information
        #expect(held.lastTransactionID == before.lastTransactionID + 3)
        #expect(held.oldestReaderTransactionID == before.lastTransactionID)
        #expect(held.oldestReaderLag == 3)
        #expect(held.readerSlotMaximum == 1_024)
        snapshot.reset()
        #expect(temporary.environment.information.oldestReaderLag == 0)
    }

    @Test(arguments: [true, false])
    func `a copy opens with the same values`(compact: Bool) throws {
        let temporary = try TemporaryEnvironment(
            options: .init(mapSize: 16 << 20, durability: .process)
        )
        try temporary.fill(1...500)
        let target = try TemporaryDirectory()
        try temporary.environment.copy(to: target.path, compact: compact)
        let copy = try Environment(path: target.path)
        let table = try copy.table(named: "table", create: false)
        let count = try copy.withRead { transaction throws(LMDBError) in
            try transaction.entryCount(in: table)
        }
        #expect(count == 500)
        let again = #expect(throws: LMDBError.self) {
            try temporary.environment.copy(to: target.path)
        }
        #expect(again?.path == target.path)
    }

    @Test func `syncing and checking readers succeed`() throws {
        let temporary = try TemporaryEnvironment(
            options: .init(mapSize: 1 << 20, durability: .process)
        )
        try temporary.put("a", for: 1)
        try temporary.environment.sync()
        #expect(try temporary.environment.readerCheck() == 0)
    }

    @Test func `growth waits for the transaction that is open`() throws {
        let temporary = try TemporaryEnvironment()
        let (environment, table) = (temporary.environment, temporary.table)
        try temporary.put("value", for: 1)
        let grown = Atomic(false)
        let (begun, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        do {
            let snapshot = try environment.beginRead()
            Thread.detachNewThread {
                begun.signal()
                try? environment.grow(to: 64 << 20)
                grown.store(true, ordering: .sequentiallyConsistent)
                ended.signal()
            }
            begun.wait()
            // Without the gate the growth ends within the first few of these reads.
            for _ in 0..<50_000 where !grown.load(ordering: .sequentiallyConsistent) {
                let byteCount = try snapshot.value(for: Key(1), in: table)?.byteCount
                if byteCount != 5 { Issue.record("the snapshot changed") }
            }
            #expect(grown.load(ordering: .sequentiallyConsistent) == false)
        }
        ended.wait()
        #expect(environment.mapSize == 64 << 20)
    }

    @Test func `growth keeps out of the way of readers and writers`() throws {
        let temporary = try TemporaryEnvironment(
            options: .init(mapSize: 4 << 20, durability: .process)
        )
        let (environment, table) = (temporary.environment, temporary.table)
        try temporary.fill(0..<1_000)
        let failures = Mutex<[String]>([])
        let reading: @Sendable () throws -> Void = {
            var snapshot = try environment.beginRead()
            for _ in 0..<300 {
                try snapshot.renew()
                for number in UInt64(0)..<50 {
                    let text = try snapshot.text(for: Key(number), in: table)
                    if text != "\(number)" { failures.withLock { $0.append("read \(number)") } }
                }
                snapshot.reset()
            }
        }
        let writing: @Sendable () throws -> Void = {
            for number in UInt64(0)..<100 {
                try environment.withWrite { transaction throws(LMDBError) in
                    try transaction.put("\(number)", for: Key(number), in: table)
                }
            }
        }
        let growing: @Sendable () throws -> Void = {
            for step in 1...100 { try environment.grow(to: (4 + step) << 20) }
        }
        let done = DispatchGroup()
        for work in [growing, reading, reading, writing] {
            done.enter()
            Thread.detachNewThread {
                do { try work() } catch { failures.withLock { $0.append("\(error)") } }
                done.leave()
            }
        }
        done.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(environment.mapSize == 104 << 20)
        #expect(try temporary.numbers().count == 1_000)
    }

    @Test func `descriptions are one sentence that names the environment`() throws {
        let temporary = try TemporaryEnvironment(options: .init(mapSize: 1 << 20))
        let error = #expect(throws: LMDBError.self) {
            try temporary.environment.withWrite { transaction throws(LMDBError) in
                let key: [UInt8] = []
                try transaction.put(key.span.bytes, for: Key(), in: temporary.table)
            }
        }
        #expect(
            error?.description
                == "cannot put a value in the environment '\(temporary.directory.path)': "
                + "the key must have 1 to 511 bytes and the value must fit"
        )
    }
}
