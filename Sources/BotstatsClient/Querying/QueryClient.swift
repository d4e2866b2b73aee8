public import JSON

/// Asks the daemon through its query socket.
///
/// Every call blocks until the answer or the time-out. Use a client from one thread.
public final class QueryClient {
    /// One request of a batch.
    public struct Request: Sendable, Equatable {
        /// The method, such as `usage.daily`.
        public var method: String
        /// The parameters by name, an object.
        public var params: JSONValue

        /// Makes a request.
        ///
        /// - Parameters:
        ///   - method: The method, such as `usage.daily`.
        ///   - params: The parameters by name, an object.
        public init(method: String, params: JSONValue = .object([])) {
            self.method = method
            self.params = params
        }
    }

    /// How long a call waits that names no time-out of its own.
    public var timeout: Duration = .seconds(10)

    private let endpoint: String
    private let credential: String?
    private let makeConnection: () throws(ConnectionError) -> any FrameConnection
    private var connection: (any FrameConnection)?
    private var lastID: Int64 = 0

    /// Makes a client; nothing is sent before its first use.
    ///
    /// - Parameters:
    ///   - endpoint: The daemon's query endpoint, such as `tcp://127.0.0.1:5563`.
    ///   - credential: `Bearer …` or `ApiKey …`; nil where the daemon asks for none.
    ///   - curve: The keys of an encrypted connection; nil where it is not encrypted.
    public convenience init(
        endpoint: String,
        credential: String? = nil,
        curve: CurveClientKeys? = nil
    ) {
        var factory = ConnectionFactory(endpoint: endpoint, curve: curve)
        self.init(endpoint: endpoint, credential: credential) { () throws(ConnectionError) in
            try factory.connect()
        }
    }

    init(
        endpoint: String,
        credential: String?,
        makeConnection: @escaping () throws(ConnectionError) -> any FrameConnection
    ) {
        self.endpoint = endpoint
        self.credential = credential
        self.makeConnection = makeConnection
    }

    /// Asks one question.
    ///
    /// - Parameters:
    ///   - method: The method, such as `usage.daily`.
    ///   - params: The parameters by name, an object.
    ///   - timeout: How long to wait; nil for the client's own.
    /// - Returns: The result, its members in the daemon's order.
    /// - Throws: ``QueryError``.
    public func request(
        _ method: String,
        params: JSONValue = .object([]),
        timeout: Duration? = nil
    ) throws(QueryError) -> JSONValue {
        let id = nextID()
        let message = Self.message(Request(method: method, params: params), id: id)
        let answer = try exchange(message, timeout: timeout) { answer in
            guard case .object = answer else { return false }
            // An unreadable request is refused with the id null.
            return answer["id"] == .integer(id) || answer["id"] == .null
        }
        return try Self.result(of: answer).get()
    }

    /// Asks several questions, all answered from one snapshot of the store.
    ///
    /// - Parameters:
    ///   - requests: The questions, at least one.
    ///   - timeout: How long to wait; nil for the client's own.
    /// - Returns: The results, in the order of the questions.
    /// - Throws: ``QueryError`` when the batch as a whole has no answer.
    public func batch(
        _ requests: [Request],
        timeout: Duration? = nil
    ) throws(QueryError) -> [Result<JSONValue, QueryError>] {
        precondition(!requests.isEmpty, "a batch has at least one request")
        let ids = requests.map { _ in nextID() }
        let messages = zip(requests, ids).map { Self.message($0, id: $1) }
        let answer = try exchange(.array(messages), timeout: timeout) { answer in
            guard case .array(let entries) = answer else { return answer["id"] == .null }
            return entries.contains {
                $0["id"].map { ids.map(JSONValue.integer).contains($0) } ?? false
            }
        }
        guard case .array(let entries) = answer else {
            guard case .failure(let error) = Self.result(of: answer) else { throw .badAnswer }
            throw error
        }
        return ids.map { id in
            entries.first { $0["id"] == .integer(id) }.map(Self.result) ?? .failure(.badAnswer)
        }
    }

    private func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    private static func message(_ request: Request, id: Int64) -> JSONValue {
        [
            "jsonrpc": "2.0", "id": .integer(id), "method": .string(request.method),
            "params": request.params,
        ]
    }

    private static func result(of answer: JSONValue) -> Result<JSONValue, QueryError> {
        if let error = answer["error"], error != .null {
            return .failure(QueryRefusal(error).map(QueryError.refused) ?? .badAnswer)
        }
        return answer["result"].map(Result.success) ?? .failure(.badAnswer)
    }

    /// Sends a message and waits for the answer to it; other answers came too late and are
    /// dropped.
    private func exchange(
        _ message: JSONValue,
        timeout: Duration?,
        isAnswer: (JSONValue) -> Bool
    ) throws(QueryError) -> JSONValue {
        let clock = ContinuousClock()
        let end = clock.now + (timeout ?? self.timeout)
        var frames = [message.serializedBytes()]
        if let credential { frames.append(Array(credential.utf8)) }
        do {
            let connection = try self.connection ?? makeConnection()
            self.connection = connection
            var isSent = false
            while clock.now < end {
                if !isSent { isSent = try connection.send(frames) }
                let wait = isSent ? Self.milliseconds(end - clock.now) : 1
                guard let answer = try connection.receive(waitingMilliseconds: wait) else {
                    continue
                }
                guard let value = answer.last.flatMap(MessageParser.parse) else {
                    throw QueryError.badAnswer
                }
                if isAnswer(value) { return value }
            }
        } catch let error as QueryError {
            throw error
        } catch let error as ConnectionError {
            connection = nil
            throw error.isRefused
                ? .connectionRefused(endpoint: endpoint, reason: error.reason)
                : .badEndpoint(endpoint: endpoint, reason: error.reason)
        } catch {
            throw .badEndpoint(endpoint: endpoint, reason: "\(error)")
        }
        let suspicion = connection?.suspicion
        // What is still queued for a daemon that does not answer must not be asked later.
        connection = nil
        if let suspicion { throw .connectionRefused(endpoint: endpoint, reason: suspicion) }
        throw .timedOut(endpoint: endpoint)
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let parts = duration.components
        return max(1, Int(parts.seconds) * 1_000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
