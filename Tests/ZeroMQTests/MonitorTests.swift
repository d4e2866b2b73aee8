import Foundation
import Synchronization
import Testing
import ZeroMQ

/// What is told of a socket's connections, and that nobody has to listen.
struct MonitorTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `a socket that ends while its connections fail holds no other up`() throws {
        let server = try Socket.make(.router, in: context)
        let endpoint = try server.bindLocally()
        let rude = try RudeServer()
        for _ in 0..<2_000 {
            let interval = Duration.milliseconds(1)
            let client = try MonitoredSocket(
                context: context,
                type: .dealer,
                options: [.linger(.zero), .reconnectInterval(minimum: interval, maximum: interval)]
            )
            try client.socket.connect(rude.endpoint)
            // The first connection has failed, others follow.
            try #require(try Poller.poll(client.events, timeout: patience) == .first)
        }
        // All sockets of a context share a thread.
        let client = try Socket.make(.dealer, in: context)
        try client.connect(endpoint)
        #expect(try client.sendMultipart([[1]], wait: true) == .sent)
        #expect(try Poller.poll(server, timeout: patience) == .first)
    }
}

/// A server that closes every connection at once.
private final class RudeServer: Sendable {
    let endpoint: String
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> UInt16? in
                guard bind(descriptor, generic, size) == 0, listen(descriptor, 1_000) == 0,
                    getsockname(descriptor, generic, &size) == 0
                else { return nil }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        endpoint = "tcp://127.0.0.1:\(try #require(port))"
        Thread.detachNewThread { [descriptor] in
            // Until the listening end is shut down.
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                close(connection)
            }
            close(descriptor)
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
