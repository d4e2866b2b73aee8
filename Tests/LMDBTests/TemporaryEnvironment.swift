import Foundation
import LMDB

/// A directory that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("lmdb-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// An environment with one table, in a directory of its own.
struct TemporaryEnvironment {
    let directory: TemporaryDirectory
    let environment: Environment
    let table: Table

    init(options: EnvironmentOptions = .init(mapSize: 16 << 20)) throws {
        directory = try TemporaryDirectory()
        environment = try Environment(path: directory.path, options: options)
        table = try environment.table(named: "table")
    }

    /// Stores a text under a number.
    func put(_ text: String, for number: UInt64) throws(LMDBError) {
        try environment.withWrite { transaction throws(LMDBError) in
            try transaction.put(text, for: Key(number), in: table)
        }
    }

    /// Reads the text under a number.
    func text(for number: UInt64) throws(LMDBError) -> String? {
        try environment.withRead { transaction throws(LMDBError) in
            try transaction.text(for: Key(number), in: table)
        }
    }

    /// Stores the numbers, each with its decimal text.
    func fill(_ numbers: some Sequence<UInt64>) throws(LMDBError) {
        try environment.withWrite { transaction throws(LMDBError) in
            for number in numbers {
                try transaction.put("\(number)", for: Key(number), in: table)
            }
        }
    }

    /// All numbers in the table, in order.
    func numbers() throws(LMDBError) -> [UInt64] {
        try environment.withRead { transaction throws(LMDBError) in
            try transaction.withCursor(in: table) { cursor throws(LMDBError) in
                var numbers: [UInt64] = []
                var found = try cursor.first()
                while found {
                    numbers.append(cursor.key.readUInt64BigEndian(at: 0))
                    found = try cursor.next()
                }
                return numbers
            }
        }
    }
}

extension Key {
    init(_ number: UInt64) {
        self.init()
        append(number)
    }
}

extension RawSpan {
    var text: String { String(decoding: copied(), as: UTF8.self) }
}

extension Transaction where Self: ~Copyable {
    borrowing func text(for key: Key, in table: Table) throws(LMDBError) -> String? {
        try value(for: key, in: table)?.text
    }
}

extension WriteTransaction {
    mutating func put(
        _ text: String,
        for key: Key,
        in table: Table,
        mode: PutMode = .overwrite
    ) throws(LMDBError) {
        let bytes = Array(text.utf8)
        try put(bytes.span.bytes, for: key, in: table, mode: mode)
    }
}

/// An error that is not LMDB's.
enum OwnError: Error, Equatable {
    case stopped
    case lmdb(LMDBError.Kind)

    init(_ error: LMDBError) { self = .lmdb(error.kind) }
}
