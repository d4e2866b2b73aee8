internal import Glibc

/// A ZMTP 3.0 peer on a bare TCP connection whose message has always one more frame; no library
/// sends such a thing, because it would keep all of it until the last frame.
public final class EndlessMessage {
    private struct Refused: Error {}

    private let descriptor: Int32
    private let frame: [UInt8]

    /// Connects to a port of the loopback and shakes hands.
    ///
    /// - Parameters:
    ///   - endpoint: As `tcp://127.0.0.1:5562`.
    ///   - socketType: What it says it is, as `DEALER`.
    ///   - byteCount: The size of a frame.
    /// - Throws: Where it is not taken.
    public init(_ endpoint: String, socketType: String, byteCount: Int) throws {
        guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Refused()
        }
        // Flags: more frames follow, and the size has eight bytes.
        let size = (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
        frame = [0x03] + size + [UInt8](repeating: 0, count: byteCount)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, send(Self.greeting), send(Self.ready(socketType)) else { throw Refused() }
    }

    deinit { close(descriptor) }

    /// Sends one more frame.
    ///
    /// - Returns: Whether the connection still stands.
    public func sendFrame() -> Bool { send(frame) }

    /// The signature, version 3.0, the mechanism NULL, and no server.
    private static let greeting: [UInt8] =
        [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0] + Array("NULL".utf8)
        + [UInt8](repeating: 0, count: 48)

    private static func ready(_ socketType: String) -> [UInt8] {
        var body: [UInt8] = [5] + Array("READY".utf8)
        body += [11] + Array("Socket-Type".utf8)
        body += [0, 0, 0, UInt8(socketType.utf8.count)] + Array(socketType.utf8)
        return [0x04, UInt8(body.count)] + body
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress.map { $0 + sent },
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
