/// A ZMTP 3.0 peer on a bare TCP connection whose message has always one more frame; no library
/// sends such a thing, because it would keep all of it until the last frame.
public final class EndlessMessage {
    private struct Refused: Error {}

    private let connection: RawConnection
    private let frame: [UInt8]

    /// Connects to a port of the loopback and shakes hands.
    ///
    /// - Parameters:
    ///   - endpoint: As `tcp://127.0.0.1:5562`.
    ///   - socketType: What it says it is, as `DEALER`.
    ///   - byteCount: The size of a frame.
    /// - Throws: Where it is not taken.
    public init(_ endpoint: String, socketType: String, byteCount: Int) throws {
        // Flags: more frames follow, and the size has eight bytes.
        let size = (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
        frame = [0x03] + size + [UInt8](repeating: 0, count: byteCount)
        connection = try RawConnection(endpoint)
        guard connection.send(Self.greeting + Self.ready(socketType)) else { throw Refused() }
    }

    /// Sends one more frame.
    ///
    /// - Returns: Whether the connection still stands.
    public func sendFrame() -> Bool { connection.send(frame) }

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
}
