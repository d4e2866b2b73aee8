public import LMDB

/// Why the door cannot be set up or its keys cannot be stored; one sentence for the operator.
public enum AccessFailure: Error, Sendable, CustomStringConvertible {
    /// A file of secrets or keys cannot be used.
    case file(option: String, path: String, reason: String)
    /// The keys' environment cannot be opened, read or written.
    case storage(LMDBError)
    /// A stored key does not decode.
    case corrupt(path: String)
    /// The keys were written by a newer program.
    case newerFormat(path: String, found: Int)

    /// One sentence that names the thing and the remedy.
    public var description: String {
        switch self {
        case .file(let option, let path, let reason): "\(option) \(path) \(reason)."
        case .storage(let error): "\(error)"
        case .corrupt(let path):
            "The API keys in \(path) are damaged; restore a backup, or remove that directory and "
                + "make new keys."
        case .newerFormat(let path, let found):
            "The API keys in \(path) have format \(found), which is newer than this program; use "
                + "the newer program."
        }
    }
}
