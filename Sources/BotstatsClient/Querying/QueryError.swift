public import JSON

/// Why a query has no result.
public enum QueryError: Error, Sendable, Equatable {
    /// The endpoint cannot be used at all.
    case badEndpoint(endpoint: String, reason: String)
    /// The other side does not let this one in, or closes every connection: the keys do not fit.
    case connectionRefused(endpoint: String, reason: String)
    /// No answer came in time.
    case timedOut(endpoint: String)
    /// The answer is not what the protocol demands.
    case badAnswer
    /// The daemon refused.
    case refused(QueryRefusal)
}

/// The daemon's reason for refusing a query.
public struct QueryRefusal: Sendable, Equatable {
    /// A JSON-RPC code, or an HTTP status such as 403.
    public let code: Int64
    /// The reason as a sentence.
    public let message: String
    /// The reason as a token, such as `invalid_parameter`.
    public let reason: String?
    /// The parameter at fault.
    public let parameter: String?
    /// Everything the daemon added.
    public let data: JSONValue?

    /// A refusal that the client finds itself.
    init(code: Int64, message: String, reason: String) {
        self.code = code
        self.message = message
        self.reason = reason
        parameter = nil
        data = nil
    }

    /// Reads the `error` member of an answer; nil when it is no error object.
    init?(_ error: JSONValue) {
        guard let code = error["code"]?.integerValue else { return nil }
        self.code = code
        data = error["data"]
        reason = data?["error"]?.stringValue
        parameter = data?["parameter"]?.stringValue
        message =
            data?["message"]?.stringValue ?? error["message"]?.stringValue
            ?? "the daemon refused with code \(code)"
    }
}

extension QueryError: CustomStringConvertible {
    /// One sentence that names the parameter at fault.
    public var description: String {
        switch self {
        case .badEndpoint(_, let reason), .connectionRefused(_, let reason): return reason
        case .timedOut(let endpoint):
            return "no answer from \(endpoint) in time; is the daemon running there?"
        case .badAnswer: return "the daemon's answer is no valid JSON-RPC response"
        case .refused(let refusal):
            guard let parameter = refusal.parameter, !refusal.message.contains(parameter) else {
                return refusal.message
            }
            return "\(parameter): \(refusal.message)"
        }
    }
}
