import AsyncHTTPClient
import Foundation
import Glibc
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

/// A TCP connection on which a test writes what no HTTP client would.
final class RawConnection: Sendable {
    /// A connection was refused.
    struct NobodyListens: Error {
        let port: Int
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw NobodyListens(port: port)
        }
    }

    deinit { close(descriptor) }

    /// Sends text; false where the peer has closed the connection.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        return count == bytes.count
    }

    /// Everything until the peer closes the connection; nil where it has not within half a minute.
    func readToEnd() -> String? {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0 {
                return errno == ECONNRESET ? String(decoding: result, as: UTF8.self) : nil
            }
            if count == 0 { return String(decoding: result, as: UTF8.self) }
            result += buffer.prefix(count)
        }
    }
}
