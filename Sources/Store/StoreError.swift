public import LMDB

/// Why the store could not do what it was asked for.
public enum StoreError: Error, Sendable {
    /// The library refused an operation.
    case lmdb(LMDBError)
    /// A value does not decode.
    case corrupt(table: String, key: String)
    /// The store was written by a newer program.
    case newerFormat(found: Int, known: Int)
    /// Another process uses the data directory.
    case locked(path: String)
    /// The data directory cannot be made or used.
    case unusableDirectory(path: String, reason: String)
    /// The zone database does not have the zone of the day tier.
    case unknownZone(String)
    /// The realtime window is not there yet.
    case rebuilding
    /// Events are missing between the journal and the store.
    case journalGap(folded: UInt64, first: UInt64)
}

extension StoreError: CustomStringConvertible {
    /// One sentence for the operator.
    public var description: String {
        switch self {
        case .lmdb(let error):
            "\(error)"
        case .corrupt(let table, let key):
            "The store is damaged: table \(table) has a value at \(key) that cannot be read; "
                + "restore a backup."
        case .newerFormat(let found, let known):
            "The store has format \(found) and this program knows \(known); use the newer program."
        case .locked(let path):
            "Another process uses the data directory \(path); stop it or name another --data-dir."
        case .unusableDirectory(let path, let reason):
            "The data directory \(path) cannot be used: \(reason)."
        case .unknownZone(let name):
            "--timezone \(name) is not an IANA time zone of this system; "
                + "use a name such as America/Sao_Paulo."
        case .rebuilding:
            "The realtime window is being rebuilt after the start; ask again in a second."
        case .journalGap(let folded, let first):
            "The journal begins with commit \(first) but the store ends with \(folded); "
                + "restore a backup."
        }
    }

    /// Whether the disk is full, so that trying again later can help.
    public var isDiskFull: Bool {
        if case .lmdb(let error) = self { return error.kind == .diskFull }
        return false
    }
}

/// Runs a library call and maps its error.
func mapped<R: ~Copyable>(
    _ body: () throws(LMDBError) -> R
) throws(StoreError) -> R {
    do throws(LMDBError) { return try body() } catch { throw .lmdb(error) }
}
