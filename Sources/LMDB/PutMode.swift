internal import CLMDB

/// How a value is stored.
public enum PutMode: Sendable, Equatable {
    /// Replaces the value when the key exists.
    case overwrite
    /// Throws ``LMDBError/Kind/keyExists`` when the key exists.
    case insert
    /// Stores at the end, without a search; throws ``LMDBError/Kind/keyExists`` unless the key is
    /// greater than all others.
    case append

    var flags: UInt32 {
        switch self {
        case .overwrite: 0
        case .insert: UInt32(MDB_NOOVERWRITE)
        case .append: UInt32(MDB_APPEND)
        }
    }
}
