internal import CZeroMQ

/// Why an operation on a socket or context failed.
public struct ZeroMQError: Error, Sendable, Equatable {
    /// What kind of failure it is; the caller decides by it.
    public let kind: Kind

    /// The errno that ZeroMQ set, unchanged.
    public let code: Int32

    /// What was being done, as a verb: "bind", "send".
    public let operation: String

    /// The endpoint or option that it was about.
    public let subject: String?

    /// The failures a caller tells apart.
    public enum Kind: Sendable, Equatable {
        /// The context was shut down: close the socket.
        case terminated
        /// Another socket has the endpoint.
        case addressInUse
        /// The machine has no such address, or its interface does not exist.
        case addressNotAvailable
        /// The endpoint has no such form, or the option no such value.
        case invalidArgument
        /// ZeroMQ does not know the transport, or this type of socket cannot use it.
        case unsupportedTransport
        /// The operation is not possible for this type of socket.
        case notSupported
        /// The operation is out of turn, such as two sends of a request socket.
        case wrongState
        /// The endpoint was not bound or connected.
        case notFound
        /// The context has as many sockets as it allows, or the process as many files.
        case tooManySockets
        /// The operating system refused access.
        case accessDenied
        /// Anything else; ``ZeroMQError/code`` says what.
        case other
    }

    /// Takes the code of the call that just failed on this thread.
    init(_ operation: String, _ subject: String? = nil) {
        self.init(code: zmq_errno(), operation: operation, subject: subject)
    }

    init(code: Int32, operation: String, subject: String?) {
        self.code = code
        self.operation = operation
        self.subject = subject
        kind = Self.kind(of: code)
    }

    private static func kind(of code: Int32) -> Kind {
        switch code {
        // ETERM and EFSM are ZeroMQ's own, counted from ZMQ_HAUSNUMERO; the macros of sums are
        // imported as they are.
        case ETERM: .terminated
        case EFSM: .wrongState
        case EADDRINUSE: .addressInUse
        case EADDRNOTAVAIL, ENODEV: .addressNotAvailable
        case EINVAL: .invalidArgument
        case EPROTONOSUPPORT, ENOCOMPATPROTO: .unsupportedTransport
        case ENOTSUP: .notSupported
        case ENOENT: .notFound
        case EMFILE: .tooManySockets
        case EACCES, EPERM: .accessDenied
        default: .other
        }
    }
}

extension ZeroMQError: CustomStringConvertible {
    /// One sentence for the operator: what failed, where, and what helps.
    public var description: String {
        "cannot \(operation)\(subject.map { " '\($0)'" } ?? ""): \(cause)"
    }

    private var cause: String {
        switch kind {
        case .terminated: "the context was shut down"
        case .addressInUse: "the endpoint is in use, so stop its owner or choose another"
        case .addressNotAvailable: "this machine has no such address, so choose one that it has"
        case .invalidArgument: "it is malformed or out of range, so correct it"
        case .unsupportedTransport: "this transport is not supported, so use tcp, ipc or inproc"
        case .notSupported: "this type of socket does not support it"
        case .wrongState: "it is the peer's turn, so finish the exchange first"
        case .notFound: "the socket does not use it"
        case .tooManySockets: "too many sockets are open, so close some or raise the limit"
        case .accessDenied: "access was denied, so check the permissions"
        case .other: "\(Self.text(of: code)) (code \(code))"
        }
    }

    private static func text(of code: Int32) -> String {
        // zmq_strerror returns a static string for every code.
        guard let text = unsafe zmq_strerror(code) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}
