import AsyncHTTPClient
import Foundation
import JSON
import NIOCore
import NIOHTTP1
import Testing

/// One event of a stream.
struct ServerSentEvent: Equatable {
    var name: String?
    var id: String?
    var data = ""
    var retry: String?
    /// Comments, without their colon.
    var comments: [String] = []

    var json: JSONValue { get throws { try JSONValue(parsing: Array(data.utf8)) } }
}

/// A client of a stream, which reads event by event.
final class EventReader {
    /// Holds as many connections as are asked of it.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        return HTTPClient(configuration: configuration)
    }()

    let status: Int
    let fields: HTTPHeaders
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    private var buffer = ""

    /// Connects and reads the response's head.
    init(_ url: String, _ fields: [(String, String)] = []) async throws {
        var request = HTTPClientRequest(url: url)
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        let response = try await Self.client.execute(request, timeout: .seconds(60))
        status = Int(response.status.code)
        self.fields = response.headers
        chunks = response.body.makeAsyncIterator()
    }

    /// The next event or comment; nil where the stream has ended.
    func next() async throws -> ServerSentEvent? {
        while !buffer.contains("\n\n") {
            guard let chunk = try await chunks.next(isolation: #isolation) else { return nil }
            buffer += String(buffer: chunk)
        }
        guard let end = buffer.range(of: "\n\n") else { return nil }
        var event = ServerSentEvent()
        for line in buffer[..<end.lowerBound].split(separator: "\n") {
            let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1]) : ""
            switch parts[0] {
            case "event": event.name = value
            case "id": event.id = value
            case "data": event.data += value
            case "retry": event.retry = value
            default: event.comments.append(value)
            }
        }
        buffer.removeSubrange(..<end.upperBound)
        return event
    }

    /// The next event with a name, comments passed over.
    func nextEvent(
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws
        -> ServerSentEvent
    {
        while true {
            let event = try #require(
                try await next(),
                "the stream ended",
                sourceLocation: sourceLocation
            )
            if event.name != nil { return event }
        }
    }
}
