internal import JSON
internal import ZeroMQ

/// A REQ socket that asks and waits, with as little of its own work as possible.
final class QueryConnection {
    private let socket: Socket
    private let credential: [UInt8]
    private var answer = Message()

    /// Connects, with a credential for each request; a daemon that is not there yet is tried each millisecond.
    init(context: Context, endpoint: String, credential: String = "") throws(ZeroMQError) {
        self.credential = Array(credential.utf8)
        socket = try Socket(
            context: context,
            type: .req,
            options: [
                .linger(.zero), .receiveTimeout(.seconds(60)),
                .reconnectInterval(minimum: .milliseconds(1), maximum: nil),
            ]
        )
        try socket.connect(endpoint)
    }

    /// A request as bytes, to be sent many times.
    static func request(_ method: String, _ parameters: JSONValue) -> [UInt8] {
        let value: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": parameters,
        ]
        return value.serializedBytes()
    }

    /// Asks, and reads the answer.
    ///
    /// - Returns: The answer's result.
    /// - Throws: ``BenchmarkFailure`` on an error, and on silence of a minute.
    func ask(_ method: String, _ parameters: JSONValue) throws -> JSONValue {
        try roundTrip(Self.request(method, parameters))
        let value = try JSONValue(parsing: answer.copied())
        guard let result = value["result"] else {
            throw BenchmarkFailure("\(method) was answered with \(value.serialized())")
        }
        return result
    }

    /// Asks, and does not read the answer.
    ///
    /// - Returns: How long the answer took.
    @discardableResult
    func roundTrip(_ request: [UInt8]) throws -> Duration {
        let began = ContinuousClock.now
        if credential.isEmpty {
            _ = try socket.send(request)
        } else {
            _ = try socket.sendMultipart([request, credential])
        }
        guard try socket.receive(into: &answer) else {
            throw BenchmarkFailure("a query was not answered within a minute")
        }
        return ContinuousClock.now - began
    }
}
