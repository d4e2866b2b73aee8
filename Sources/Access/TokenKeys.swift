internal import FoundationEssentials
internal import Glibc
internal import JSON

/// All keys that tokens are verified with; those of files are read again when a file changes.
struct TokenKeys: Sendable {
    /// What tells one state of a file from another.
    private struct Stamp: Sendable, Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private static let fileBytesMaximum = 1 << 20

    private let shared: [VerificationKey]
    private let publicKeyFile: String?
    private let jwksFile: String?
    private var published: [VerificationKey] = []
    private var stamps: [Stamp?] = []

    init(secret: [UInt8], publicKeyFile: String?, jwksFile: String?) throws(AccessFailure) {
        shared = VerificationKey.shared(secret)
        self.publicKeyFile = publicKeyFile
        self.jwksFile = jwksFile
        stamps = currentStamps
        published = try readPublished()
    }

    /// The keys a token may have been signed with: of its algorithm, and of its id where both
    /// name one.
    func candidates(algorithm: String, id: String?) -> [VerificationKey] {
        (shared + published).filter { key in
            key.algorithm == algorithm && (key.id == nil || id == nil || key.id == id)
        }
    }

    /// Reads the files again where one has changed.
    ///
    /// - Returns: Whether there are other keys now.
    /// - Throws: ``AccessFailure`` where a file is no longer good; the keys stay as they were,
    ///   and the same state of the file is not complained about again.
    mutating func followFiles() throws(AccessFailure) -> Bool {
        let current = currentStamps
        guard current != stamps else { return false }
        stamps = current
        published = try readPublished()
        return true
    }

    private var currentStamps: [Stamp?] {
        [publicKeyFile, jwksFile].map { path in
            var information = stat()
            guard let path, stat(path, &information) == 0 else { return nil }
            return Stamp(
                inode: UInt(information.st_ino),
                size: Int(information.st_size),
                seconds: information.st_mtim.tv_sec,
                nanoseconds: information.st_mtim.tv_nsec
            )
        }
    }

    private func readPublished() throws(AccessFailure) -> [VerificationKey] {
        var keys: [VerificationKey] = []
        if let path = publicKeyFile {
            let option = "--jwt-public-key-file"
            let text = String(decoding: try Self.contents(path, option), as: UTF8.self)
            guard let key = VerificationKey.pem(text) else {
                throw .file(
                    option: option,
                    path: path,
                    reason: "must be the PEM of a public RSA key of 2048 bits or more, or of one "
                        + "on the curve P-256"
                )
            }
            keys.append(key)
        }
        if let path = jwksFile {
            let option = "--jwks-file"
            let document = try? JSONValue(parsing: try Self.contents(path, option))
            guard let document, let found = VerificationKey.jwks(document), !found.isEmpty else {
                throw .file(
                    option: option,
                    path: path,
                    reason: "must be a JSON Web Key Set with sound keys for RS256 or ES256"
                )
            }
            keys += found
        }
        return keys
    }

    private static func contents(
        _ path: String,
        _ option: String
    ) throws(AccessFailure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(option: option, path: path, reason: "cannot be read")
        }
        guard data.count <= fileBytesMaximum else {
            throw .file(option: option, path: path, reason: "is larger than 1 MiB")
        }
        return Array(data)
    }
}
