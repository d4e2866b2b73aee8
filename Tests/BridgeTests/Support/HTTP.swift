import AsyncHTTPClient
import Foundation
import JSON
import NIOCore
import NIOHTTP1
import Testing

/// What a server answered.
struct Answer: Sendable {
    let status: Int
    let fields: HTTPHeaders
    let body: [UInt8]

    subscript(field: String) -> String? { fields.first(name: field) }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue { get throws { try JSONValue(parsing: body) } }

    /// The token of a refusal.
    var code: String? { (try? json)?["error"]?.stringValue }

    /// The parameter at fault.
    var parameter: String? { (try? json)?["parameter"]?.stringValue }
}

/// A real client.
enum HTTP {
    /// Takes bodies as they come, compressed ones too.
    private static let plain: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.decompression = .disabled
        return HTTPClient(configuration: configuration)
    }()

    static func request(
        _ method: String,
        _ url: String,
        _ fields: [(String, String)] = [],
        body: [UInt8]? = nil,
        isChunked: Bool = false,
        client: HTTPClient? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        if let body {
            request.body =
                isChunked
                ? .stream([ByteBuffer(bytes: body)].async, length: .unknown)
                : .bytes(ByteBuffer(bytes: body))
        }
        let response = try await (client ?? plain).execute(request, timeout: .seconds(60))
        let content = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code),
            fields: response.headers,
            body: Array(content.readableBytesView)
        )
    }
}

extension Array where Element: Sendable {
    /// The elements as an asynchronous sequence.
    fileprivate var async: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
