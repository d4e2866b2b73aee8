import ZeroMQ

/// How long a test waits before it fails; far more than any step takes.
let patience = Duration.seconds(20)

extension Socket {
    /// A socket that loses nothing by closing at once and never blocks a test for ever.
    static func make(
        _ type: SocketType,
        in context: Context,
        options: [SocketOption] = []
    ) throws -> Socket {
        try Socket(
            context: context,
            type: type,
            options: [.linger(.zero), .receiveTimeout(patience), .sendTimeout(patience)] + options
        )
    }

    /// Binds any free port of this machine and returns the endpoint.
    func bindLocally() throws -> String {
        try bind("tcp://127.0.0.1:*")
        return try lastEndpoint()
    }

    /// Receives the parts of a message as texts; nil when there was none in time.
    func receiveTexts(wait: Bool = true) throws -> [String]? {
        try receiveMultipart(wait: wait)?.map { String(decoding: $0, as: UTF8.self) }
    }

    func sendTexts(_ parts: String...) throws -> SendResult {
        try sendMultipart(parts.map { Array($0.utf8) })
    }
}
