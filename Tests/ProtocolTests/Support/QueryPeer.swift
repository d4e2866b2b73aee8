import JSON
import Testing
import ZeroMQ

/// A connection to the query socket, frame by frame.
final class QueryPeer {
    private let socket: Socket
    private var lastID: Int64 = 0

    init(
        _ context: Context,
        _ endpoint: String,
        type: SocketType = .dealer,
        options: [SocketOption] = []
    ) throws {
        let socket = try Socket(
            context: context,
            type: type,
            options: [.linger(.zero), .receiveTimeout(patience), .sendTimeout(patience)] + options
        )
        try socket.connect(endpoint)
        self.socket = socket
    }

    func send(_ frames: [[UInt8]]) throws { #expect(try socket.sendMultipart(frames) == .sent) }

    func receive(sourceLocation: SourceLocation = #_sourceLocation) throws -> [[UInt8]] {
        try #require(
            try socket.receiveMultipart(),
            "no answer",
            sourceLocation: sourceLocation
        )
    }

    /// The JSON of the next answer.
    func receiveJSON(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
        let frames = try receive(sourceLocation: sourceLocation)
        return try JSONValue(parsing: try #require(frames.last, sourceLocation: sourceLocation))
    }

    /// Sends one frame and returns the answer, which must be one frame.
    func exchange(
        _ frame: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        try send([frame])
        let frames = try receive(sourceLocation: sourceLocation)
        #expect(frames.count == 1, sourceLocation: sourceLocation)
        return try JSONValue(parsing: try #require(frames.last, sourceLocation: sourceLocation))
    }

    func exchange(
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        try exchange(Array(text.utf8), sourceLocation: sourceLocation)
    }

    /// Asks one question; a refusal fails the test.
    func ask(
        _ method: String,
        _ parameters: JSONValue = .object([]),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        lastID += 1
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method),
            "params": parameters,
        ]
        let answer = try exchange(request.serializedBytes(), sourceLocation: sourceLocation)
        #expect(answer["jsonrpc"] == "2.0", sourceLocation: sourceLocation)
        #expect(answer["id"] == .integer(lastID), sourceLocation: sourceLocation)
        return try #require(
            answer["result"],
            "\(answer.serialized())",
            sourceLocation: sourceLocation
        )
    }

    /// The code of the error a frame gets, with its id; nil where it is answered.
    func refusal(
        _ frame: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (code: Int64, id: JSONValue)? {
        let answer = try exchange(frame, sourceLocation: sourceLocation)
        guard let error = answer["error"], let code = error["code"]?.integerValue else {
            return nil
        }
        #expect(answer["jsonrpc"] == "2.0", sourceLocation: sourceLocation)
        #expect(answer["result"] == nil, sourceLocation: sourceLocation)
        #expect(
            error["data"]?["error"]?.stringValue?.isEmpty == false,
            sourceLocation: sourceLocation
        )
        #expect(
            error["data"]?["message"]?.stringValue?.isEmpty == false,
            sourceLocation: sourceLocation
        )
        return (code, try #require(answer["id"], sourceLocation: sourceLocation))
    }

    func refusal(
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (code: Int64, id: JSONValue)? {
        try refusal(Array(text.utf8), sourceLocation: sourceLocation)
    }
}
