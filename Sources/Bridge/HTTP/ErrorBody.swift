internal import JSON

/// A refusal by the bridge itself, in the shape all of the API's errors have.
struct ErrorBody: Error, Equatable {
    /// The HTTP status.
    let status: Int
    /// The reason as a token.
    let code: String
    /// The reason as a sentence.
    let message: String
    /// The parameter at fault.
    var parameter: String?

    static func invalidParameter(_ name: String?, _ message: String) -> ErrorBody {
        ErrorBody(status: 400, code: "invalid_parameter", message: message, parameter: name)
    }

    static func notFound(_ path: String) -> ErrorBody {
        // A path is the caller's text: only as much of it is repeated as a sentence can bear.
        let shown = path.utf8.count > 100 ? "\(path.prefix(100))…" : path
        return ErrorBody(
            status: 404,
            code: "not_found",
            message: "there is nothing at \(shown); see \(Routes.base)/openapi.json"
        )
    }

    static func methodNotAllowed(_ method: String, _ allow: String) -> ErrorBody {
        ErrorBody(
            status: 405,
            code: "method_not_allowed",
            message: "\(method) is not possible here; use \(allow)"
        )
    }

    static func tooLarge(_ what: String, _ maximum: Int) -> ErrorBody {
        ErrorBody(
            status: 413,
            code: "payload_too_large",
            message: "the \(what) may have at most \(maximum) bytes"
        )
    }

    static func rangeNotSatisfiable(_ size: Int) -> ErrorBody {
        ErrorBody(
            status: 416,
            code: "range_not_satisfiable",
            message: "the file has \(size) bytes, none of those that Range names"
        )
    }

    static let badAnswer = ErrorBody(
        status: 500,
        code: "internal_error",
        message: "the daemon's answer is no valid JSON-RPC response"
    )

    static let unavailable = ErrorBody(
        status: 503,
        code: "unavailable",
        message: "the analytics daemon cannot be reached; ask again"
    )

    static let overloaded = ErrorBody(
        status: 503,
        code: "unavailable",
        message: "too many requests wait for the analytics daemon; ask again"
    )

    static let tooManyStreams = ErrorBody(
        status: 503,
        code: "unavailable",
        message: "too many streams are open; ask again"
    )

    static func tooManyStreamsOfCredential(_ maximum: Int) -> ErrorBody {
        ErrorBody(
            status: 429,
            code: "rate_limited",
            message: "a credential may have at most \(maximum) streams open; close some of them"
        )
    }

    static let stopping = ErrorBody(
        status: 503,
        code: "unavailable",
        message: "the bridge is stopping; ask again"
    )

    static let timeout = ErrorBody(
        status: 504,
        code: "timeout",
        message: "the analytics daemon did not answer in time"
    )

    /// The body's bytes.
    var bytes: [UInt8] {
        var members: [JSONValue.Member] = [
            .init(name: "error", value: .string(code)),
            .init(name: "message", value: .string(message)),
        ]
        if let parameter { members.append(.init(name: "parameter", value: .string(parameter))) }
        return JSONValue.object(members).serializedBytes()
    }
}
