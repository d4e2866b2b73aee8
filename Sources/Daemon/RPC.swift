internal import Core
internal import JSON

/// One call of a JSON-RPC request.
struct RPCCall {
    let id: JSONValue
    let method: QueryMethod
    let parameters: JSONValue?

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
        if let parameters = request["params"] {
            guard case .object = parameters else {
                throw .invalidParameter(
                    ParameterError(parameter: nil, message: "params must be an object")
                )
            }
        }
        guard let method = QueryMethod(rawValue: name) else { throw .unknownMethod(name) }
        self.id = id
        self.method = method
        parameters = request["params"]
    }

    static func isIdentifier(_ id: JSONValue?) -> Bool {
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
        case .unavailable: 503
        }
    }

    private var token: String {
        switch self {
        case .notJSON: "invalid_json"
        case .invalidRequest: "invalid_request"
        case .unknownMethod: "unknown_method"
        case .invalidParameter: "invalid_parameter"
        case .unavailable: "unavailable"
        }
    }

    private var message: String {
        switch self {
        case .notJSON: "the frame is not JSON"
        case .invalidRequest(let reason): reason
        case .unknownMethod(let name): "there is no method \(name)"
        case .invalidParameter(let error): error.message
        case .unavailable(let reason): reason
        }
    }
}

extension JSONValue {
    /// Whether a request, or one of a batch, is about the realtime window.
    var asksForRealtime: Bool {
        switch self {
        case .array(let batch): batch.contains { $0.asksForRealtime }
        default: self["method"]?.stringValue?.hasPrefix("realtime") ?? false
        }
    }
}
