internal import Access
internal import Core
internal import JSON

/// A method of the query socket.
enum RPCMethod: Hashable {
    /// What only the daemon itself is about, beside its status.
    enum System: String, CaseIterable {
        case metrics = "system.metrics"
        case setLogLevel = "system.set_log_level"
    }

    case figures(QueryMethod)
    case keys(APIKeyRequest.Method)
    case reports(ReportMethod)
    case system(System)

    /// All methods.
    static let all: [RPCMethod] =
        QueryMethod.allCases.map(figures) + APIKeyRequest.Method.allCases.map(keys)
        + ReportMethod.allCases.map(reports) + System.allCases.map(system)

    init?(_ name: String) {
        if let method = QueryMethod(rawValue: name) {
            self = .figures(method)
        } else if let method = APIKeyRequest.Method(rawValue: name) {
            self = .keys(method)
        } else if let method = ReportMethod(rawValue: name) {
            self = .reports(method)
        } else if let method = System(rawValue: name) {
            self = .system(method)
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .figures(let method): method.rawValue
        case .keys(let method): method.rawValue
        case .reports(let method): method.rawValue
        case .system(let method): method.rawValue
        }
    }

    /// What the caller needs; nil where anybody is answered.
    var permission: Permission? {
        switch self {
        case .figures(.systemStatus), .system(.metrics): nil
        case .figures: .figures
        case .keys, .system(.setLogLevel): .administration
        case .reports: .reports
        }
    }

    /// Whether it is about the realtime window.
    var isRealtime: Bool { self == .figures(.realtime) || self == .figures(.realtimeActive) }
}

/// A method about reports.
enum ReportMethod: String, CaseIterable {
    case create = "reports.create"
    case get = "reports.get"
    case list = "reports.list"
    case delete = "reports.delete"
}

/// One call of a JSON-RPC request; its parameters have not been looked at.
struct RPCCall {
    let id: JSONValue
    let method: RPCMethod
    private let params: JSONValue?

    init(_ request: JSONValue) throws(RPCError) {
        guard case .object = request, request["jsonrpc"] == "2.0" else {
            throw .invalidRequest("A request is an object with \"jsonrpc\":\"2.0\".")
        }
        guard let id = request["id"], Self.isIdentifier(id) else {
            throw .invalidRequest("A request needs an id, a text or an integer.")
        }
        guard let name = request["method"]?.stringValue else {
            throw .invalidRequest("A request needs a method, a text.")
        }
        guard let method = RPCMethod(name) else { throw .unknownMethod(name) }
        self.id = id
        self.method = method
        params = request["params"]
    }

    /// The parameters, an object; nil where there are none.
    func parameters() throws(RPCError) -> JSONValue? {
        switch params {
        case nil, .object: return params
        default:
            throw .invalidParameter(
                ParameterError(parameter: nil, message: "params must be an object")
            )
        }
    }

    /// Refuses parameters but those that the method takes.
    func refuseParameters(except names: Set<String>) throws(RPCError) {
        let unknown = params?.objectValue?.first { !names.contains($0.name) }
        guard let unknown = unknown?.name else { return }
        let message = "\(unknown) is no parameter of \(method.name)"
        throw .invalidParameter(ParameterError(parameter: unknown, message: message))
    }

    /// The id of a request, as far as it has one.
    static func identifier(of request: JSONValue) -> JSONValue {
        let id = request["id"]
        return isIdentifier(id) ? id ?? .null : .null
    }

    private static func isIdentifier(_ id: JSONValue?) -> Bool {
        switch id {
        case .string, .integer: true
        default: false
        }
    }
}

/// Why a request is refused.
enum RPCError: Error {
    /// -32700
    case notJSON
    /// -32600
    case invalidRequest(String)
    /// -32601
    case unknownMethod(String)
    /// -32602
    case invalidParameter(ParameterError)
    /// 401, 403 or 429
    case refused(AccessRefusal)
    /// 404
    case notFound(String)
    /// 404 of a report: there was one, or there is none yet.
    case missingReport(token: String, String)
    /// 503
    case unavailable(String)

    /// The response that carries the refusal.
    func response(id: JSONValue) -> JSONValue {
        var data: [JSONValue.Member] = [
            JSONValue.Member(name: "error", value: .string(token)),
            JSONValue.Member(name: "message", value: .string(message)),
        ]
        if case .invalidParameter(let error) = self, let name = error.parameter {
            data.append(JSONValue.Member(name: "parameter", value: .string(name)))
        }
        if case .refused(.rateLimited(let rate)) = self {
            let seconds = JSONValue.integer(Int64(rate.retryAfterSeconds))
            data.append(JSONValue.Member(name: "retry_after_seconds", value: seconds))
            data += rate.members
        }
        return [
            "jsonrpc": "2.0",
            "id": id,
            "error": [
                "code": .integer(code),
                "message": .string(message),
                "data": .object(data),
            ],
        ]
    }

    private var code: Int64 {
        switch self {
        case .notJSON: -32_700
        case .invalidRequest: -32_600
        case .unknownMethod: -32_601
        case .invalidParameter: -32_602
        case .refused(let refusal): refusal.status
        case .notFound, .missingReport: 404
        case .unavailable: 503
        }
    }

    /// The reason as a token, of which there are few.
    var token: String {
        switch self {
        case .notJSON: "invalid_json"
        case .invalidRequest: "invalid_request"
        case .unknownMethod: "unknown_method"
        case .invalidParameter: "invalid_parameter"
        case .refused(let refusal): refusal.token
        case .notFound: "not_found"
        case .missingReport(let token, _): token
        case .unavailable: "unavailable"
        }
    }

    private var message: String {
        switch self {
        case .notJSON: "the frame is not JSON"
        case .invalidRequest(let reason): reason
        case .unknownMethod(let name): "there is no method \(name)"
        case .invalidParameter(let error): error.message
        case .refused(let refusal): refusal.message
        case .notFound(let reason), .missingReport(_, let reason), .unavailable(let reason): reason
        }
    }
}

extension RateStatus {
    /// The members of the frame that says how much of a rate is left.
    var members: [JSONValue.Member] {
        [
            JSONValue.Member(name: "limit", value: .integer(Int64(limit))),
            JSONValue.Member(name: "remaining", value: .integer(Int64(remaining))),
            JSONValue.Member(name: "reset_seconds", value: .integer(Int64(resetSeconds))),
        ]
    }
}
