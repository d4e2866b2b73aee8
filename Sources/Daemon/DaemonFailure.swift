/// Why a daemon cannot start.
public enum DaemonFailure: Error, Sendable, CustomStringConvertible {
    /// The configuration is wrong, in these ways.
    case configuration([String])
    /// The data directory or the store is unusable.
    case storage(String)
    /// The secret, a file of keys or the store of API keys is unusable.
    case access(String)
    /// A socket cannot be made or bound.
    case socket(option: String, reason: String)

    /// One sentence for the operator, or one for each wrong option.
    public var description: String {
        switch self {
        case .configuration(let problems): problems.joined(separator: "; ") + "."
        case .storage(let reason), .access(let reason): reason
        case .socket(let option, let reason): "\(option): \(reason)"
        }
    }
}
