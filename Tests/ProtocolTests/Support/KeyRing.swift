import Access
import Daemon
import Foundation
import ZeroMQ

/// The CURVE keys of a daemon and of those who may connect to it, as files.
final class KeyRing {
    let server: CurveKeyPair
    private let directory: TemporaryDirectory
    private var clients: String { directory.path + "/clients" }

    init() throws {
        directory = try TemporaryDirectory()
        server = try CurveKeyPair.generate()
        try FileManager.default.createDirectory(atPath: clients, withIntermediateDirectories: true)
        try Self.write(
            """
            metadata
            curve
                public-key = "\(server.publicKey)"
                secret-key = "\(server.secretKey)"
            """,
            to: directory.path + "/server.key_secret"
        )
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Tells a daemon's configuration of the keys.
    func use(in configuration: inout DaemonConfiguration) {
        configuration.curve.secretKeyFile = directory.path + "/server.key_secret"
        configuration.curve.clientsDirectory = clients
    }

    /// Allows a key, or changes what it is allowed.
    func allow(_ name: String, _ key: String, producers: String? = nil) throws {
        let metadata = producers.map { "    producers = \"\($0)\"\n" } ?? ""
        try Self.write(
            "metadata\n\(metadata)curve\n    public-key = \"\(key)\"\n",
            to: "\(clients)/\(name).key"
        )
    }

    /// Makes a key that is allowed; returns what its sockets need.
    func makeClient(_ name: String, producers: String? = nil) throws -> [SocketOption] {
        let keys = try CurveKeyPair.generate()
        try allow(name, keys.publicKey, producers: producers)
        return options(keys)
    }

    func forbid(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(clients)/\(name).key")
    }

    /// Puts something else there.
    func spoil(_ name: String) throws {
        try Self.write("no certificate", to: "\(clients)/\(name).key")
    }

    /// What a socket needs that has a pair.
    func options(_ keys: CurveKeyPair) -> [SocketOption] {
        [.curveServerKey(server.publicKey), .curveKeys(keys)]
    }

    /// What the operator's sockets need: the daemon's own pair.
    var operatorOptions: [SocketOption] { options(server) }
}
