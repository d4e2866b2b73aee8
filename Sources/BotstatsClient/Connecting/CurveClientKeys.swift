internal import Certificates
internal import Glibc
public import ZeroMQ

/// The keys of an encrypted connection: the daemon's public one, and this side's own pair.
public struct CurveClientKeys: Sendable {
    /// The daemon's public key, 40 characters of Z85.
    public let serverKey: String
    /// This side's public key, 40 characters of Z85, as the daemon must know it.
    public var publicKey: String { keys.publicKey }

    private let keys: CurveKeyPair

    /// What a socket needs, before it connects.
    public var socketOptions: [SocketOption] { [.curveServerKey(serverKey), .curveKeys(keys)] }

    /// Reads the keys.
    ///
    /// - Parameters:
    ///   - server: The daemon's public key, or a file with it.
    ///   - secretKeyFile: The file of this side's pair, as `botstats keys curve` makes it.
    /// - Throws: ``CurveKeyFailure`` where one of them cannot be used.
    public init(server: String, secretKeyFile: String) throws(CurveKeyFailure) {
        guard CurveKeyPair.isSupported else {
            throw CurveKeyFailure(
                description: "libzmq was built without CURVE here; install one that has it"
            )
        }
        do throws(CertificateFileFailure) {
            serverKey = try Self.publicKey(server)
        } catch {
            throw CurveKeyFailure(description: "the server's key: \(error)")
        }
        do throws(CertificateFileFailure) {
            keys = try CertificateFile.readPair(secretKeyFile)
        } catch {
            throw CurveKeyFailure(description: "the secret key: \(error)")
        }
    }

    /// A key that is written out, or the one of a file.
    private static func publicKey(_ text: String) throws(CertificateFileFailure) -> String {
        guard access(text, F_OK) != 0 else { return try CertificateFile.read(text).publicKey }
        guard CurveKeyPair.isKey(text) else {
            throw CertificateFileFailure(
                path: text,
                reason: "is neither a file nor a key of 40 characters"
            )
        }
        return text
    }
}

/// Why keys cannot be used.
public struct CurveKeyFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence that names the file, without the final stop.
    public let description: String
}
