/// Why the bridge cannot start.
public enum BridgeFailure: Error, Sendable, Equatable {
    /// The configuration is wrong in these points.
    case configuration([String])
    /// The address cannot be bound.
    case address(host: String, port: Int, reason: String)
    /// The certificate or its key cannot be used.
    case certificate(String)
    /// The query endpoint cannot be used.
    case queryEndpoint(String)
    /// The live endpoint cannot be used.
    case liveEndpoint(String)
}

extension BridgeFailure: CustomStringConvertible {
    /// One sentence that says what to change.
    public var description: String {
        switch self {
        case .configuration(let problems): problems.joined(separator: "; ") + "."
        case .address(let host, let port, let reason):
            "HTTP cannot be bound to \(host), port \(port): \(reason); "
                + "choose another with --http-host and --http-port."
        case .certificate(let reason): reason
        case .queryEndpoint(let reason): "The query endpoint cannot be used: \(reason)."
        case .liveEndpoint(let reason): "The live endpoint cannot be used: \(reason)."
        }
    }
}
