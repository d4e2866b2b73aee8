internal import Core
internal import Glibc
internal import JSON
internal import LMDB

/// Where API keys live: an LMDB environment of their own, so that neither ingest nor the store's
/// writer is ever waited for.
final class APIKeyStore: Sendable {
    private static let format: UInt32 = 1
    /// At 300 bytes a key ten times what ``APIKeys/countMaximum`` keys take.
    private static let mapSize = 32 << 20

    private let environment: Environment
    private let meta: Table
    private let keys: Table

    init(dataDirectory: String) throws(AccessFailure) {
        let path = dataDirectory + "/access"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .file(
                option: "--data-dir",
                path: dataDirectory,
                reason: "cannot hold API keys: \(String(cString: strerror(errno)))"
            )
        }
        do throws(LMDBError) {
            environment = try Environment(
                path: path,
                options: EnvironmentOptions(mapSize: Self.mapSize, maxTables: 4, maxReaders: 8)
            )
            meta = try environment.table(named: "meta")
            keys = try environment.table(named: "keys")
        } catch {
            throw .storage(error)
        }
        try checkFormat()
    }

    /// Refuses keys of a newer format, without opening them for use; there may be none.
    static func verifyFormat(dataDirectory: String) throws(AccessFailure) {
        let path = dataDirectory + "/access"
        guard access(path + "/data.mdb", F_OK) == 0 else { return }
        let found: UInt32?
        do throws(LMDBError) {
            let environment = try Environment(
                path: path,
                options: EnvironmentOptions(readOnly: true)
            )
            let meta = try environment.table(named: "meta", create: false)
            found = try environment.withRead { transaction throws(LMDBError) in
                try transaction.value(for: Key("format"), in: meta)?.readUInt32BigEndian(at: 0)
            }
        } catch {
            // The first daemon on it has not finished making it.
            if error.kind == .notFound { return }
            throw .storage(error)
        }
        try refuseNewer(found ?? format, path)
    }

    private static func refuseNewer(_ found: UInt32, _ path: String) throws(AccessFailure) {
        guard found <= format else { throw .newerFormat(path: path, found: Int(found)) }
    }

    private func checkFormat() throws(AccessFailure) {
        let found: UInt32
        do throws(LMDBError) {
            found = try environment.format(orNew: Self.format, in: meta)
        } catch {
            throw .storage(error)
        }
        try Self.refuseNewer(found, environment.path)
    }

    /// All keys, in the order of their ids.
    func all() throws(AccessFailure) -> [APIKey] {
        try entries().map { id, value throws(AccessFailure) in
            guard let stored = try? JSONValue(parsing: value),
                let key = APIKey(id: id, stored: stored)
            else { throw .corrupt(path: environment.path) }
            return key
        }
    }

    private func entries() throws(AccessFailure) -> [(id: UUID128, value: [UInt8])] {
        do throws(LMDBError) {
            return try environment.withRead { transaction throws(LMDBError) in
                try transaction.withCursor(in: keys) { cursor throws(LMDBError) in
                    var entries: [(id: UUID128, value: [UInt8])] = []
                    var isAtEntry = try cursor.first()
                    while isAtEntry {
                        let id = UUID128(
                            high: cursor.key.readUInt64BigEndian(at: 0),
                            low: cursor.key.readUInt64BigEndian(at: 8)
                        )
                        entries.append((id, cursor.value.copied()))
                        isAtEntry = try cursor.next()
                    }
                    return entries
                }
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Stores keys and deletes others, in one durable commit.
    func write(_ changed: [APIKey], deleting deleted: [UUID128] = []) throws(AccessFailure) {
        do throws(LMDBError) {
            try environment.withWrite { transaction throws(LMDBError) in
                for id in deleted { _ = try transaction.delete(Self.key(id), in: keys) }
                for key in changed {
                    let bytes = key.stored.serializedBytes()
                    try transaction.put(bytes.span.bytes, for: Self.key(key.id), in: keys)
                }
            }
        } catch {
            throw .storage(error)
        }
    }

    private static func key(_ id: UUID128) -> Key {
        var key = Key()
        key.append(id.high)
        key.append(id.low)
        return key
    }
}
