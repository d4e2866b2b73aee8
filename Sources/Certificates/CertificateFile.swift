internal import Glibc
public import ZeroMQ

/// Files of CURVE keys.
public enum CertificateFile {
    /// What follows the name of a public file; the allowed clients' directory is searched for it.
    public static let publicSuffix = ".key"
    /// What follows the name of a file with a secret key.
    public static let secretSuffix = ".key_secret"

    private static let byteCountMaximum = 65_536

    /// Reads a certificate, with or without a secret key.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its content.
    /// - Throws: ``CertificateFileFailure``.
    public static func read(_ path: String) throws(CertificateFileFailure) -> CurveCertificate {
        try open(path).certificate
    }

    /// Reads a key pair.
    ///
    /// - Parameter path: The file, which only its owner and its group may read.
    /// - Returns: Both keys.
    /// - Throws: ``CertificateFileFailure``, also where other users can read the file.
    public static func readPair(_ path: String) throws(CertificateFileFailure) -> CurveKeyPair {
        let (certificate, isPublic) = try open(path)
        guard let keys = certificate.keys else {
            throw CertificateFileFailure(
                path: path,
                reason:
                    "has no secret-key under curve; name the file that ends with \(secretSuffix)"
            )
        }
        guard !isPublic else {
            throw CertificateFileFailure(
                path: path,
                reason: "is open to every user of this machine; run chmod 600 on it"
            )
        }
        return keys
    }

    /// Writes a pair's two files: `PATH.key`, and `PATH.key_secret` for its owner only.
    ///
    /// - Parameters:
    ///   - certificate: A certificate with a secret key.
    ///   - path: The common part of their paths.
    /// - Throws: ``CertificateFileFailure`` where one of them exists or cannot be written; then
    ///   neither is left behind.
    public static func write(
        _ certificate: CurveCertificate,
        to path: String
    ) throws(CertificateFileFailure) {
        let (secretPath, publicPath) = (path + secretSuffix, path + publicSuffix)
        try make(secretPath, certificate.text(withSecret: true), mode: 0o600)
        do throws(CertificateFileFailure) {
            try make(publicPath, certificate.text(withSecret: false), mode: 0o644)
        } catch {
            unlink(secretPath)
            throw error
        }
    }

    private static func make(
        _ path: String,
        _ text: String,
        mode: mode_t
    ) throws(CertificateFileFailure) {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else {
            let reason = errno == EEXIST ? "exists and is not overwritten" : unwritable()
            throw CertificateFileFailure(path: path, reason: reason)
        }
        defer { close(file) }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(file) == 0 else {
            let reason = unwritable()
            unlink(path)
            throw CertificateFileFailure(path: path, reason: reason)
        }
    }

    private static func unwritable() -> String {
        "cannot be written: \(String(cString: strerror(errno)))"
    }

    /// Reads a certificate, and whether every user of the machine could.
    private static func open(
        _ path: String
    ) throws(CertificateFileFailure) -> (certificate: CurveCertificate, isPublic: Bool) {
        func failure(_ reason: String) -> CertificateFileFailure {
            CertificateFileFailure(path: path, reason: reason)
        }
        // Not waiting, so that a pipe of that name is refused and not waited for.
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw failure("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw failure("is no file")
        }
        guard let bytes = contents(of: file), let text = String(validating: bytes, as: UTF8.self)
        else { throw failure("is no UTF-8 text of at most \(byteCountMaximum) bytes") }
        do throws(CertificateFault) {
            return (try CurveCertificate(parsing: text), information.st_mode & 0o007 != 0)
        } catch {
            throw failure(error.reason)
        }
    }

    /// The bytes of a file; nil where there are too many, or they cannot be read.
    private static func contents(of file: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCountMaximum + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            guard more >= 0 else { return nil }
            if more == 0 { break }
            count += more
        }
        return count <= byteCountMaximum ? Array(bytes.prefix(count)) : nil
    }
}

/// Why a file of CURVE keys cannot be used.
public struct CertificateFileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The reason, as what follows the file's name in a sentence.
    public let reason: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - reason: The reason, as what follows the file's name in a sentence.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The file and the reason, without the final stop.
    public var description: String { "\(path) \(reason)" }
}
