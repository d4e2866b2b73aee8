internal import Glibc

/// A TCP connection to this machine that knows nothing of ZeroMQ or HTTP.
public final class RawConnection: Sendable {
    /// A connection was refused.
    public struct NobodyListens: Error {
        /// Where.
        public let port: Int
    }

    private let descriptor: Int32

    /// Connects to a port of the loopback.
    ///
    /// - Parameter port: The port.
    /// - Throws: ``NobodyListens``.
    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw NobodyListens(port: port) }
    }

    /// Connects to the port of an endpoint.
    ///
    /// - Parameter endpoint: Such as `tcp://127.0.0.1:5562`.
    /// - Throws: ``NobodyListens``.
    public convenience init(_ endpoint: String) throws {
        try self.init(port: endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0)
    }

    deinit { close(descriptor) }

    /// Sends bytes, all of them.
    ///
    /// - Parameter bytes: What to send.
    /// - Returns: False where the peer has closed the connection.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor,
                    bytes.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends text.
    ///
    /// - Parameter text: What to send.
    /// - Returns: False where the peer has closed the connection.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Reads until the peer closes the connection.
    ///
    /// - Returns: Everything; nil where the peer says nothing for half a minute.
    public func readToEnd() -> String? {
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
