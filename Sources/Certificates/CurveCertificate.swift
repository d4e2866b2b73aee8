public import ZeroMQ

/// The content of a certificate file: a CURVE key, perhaps with its secret one, and what is said
/// about it.
///
/// The form is the one of CZMQ and PyZMQ:
///
///     metadata
///         producers = "botserver-eu-1"
///     curve
///         public-key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
///
/// It is described in `protocol/curve.md`.
public struct CurveCertificate: Sendable, Equatable {
    /// What is said about the key, by name.
    public var metadata: [String: String]
    /// The public key, 40 characters of Z85.
    public let publicKey: String
    /// Both keys, where the secret one is there too.
    public let keys: CurveKeyPair?

    /// Makes a certificate of a pair.
    ///
    /// - Parameters:
    ///   - keys: Both keys.
    ///   - metadata: What is said about them, by name.
    public init(_ keys: CurveKeyPair, metadata: [String: String] = [:]) {
        self.keys = keys
        self.metadata = metadata
        publicKey = keys.publicKey
    }

    /// Reads a certificate's text.
    ///
    /// - Parameter text: The content of a file.
    /// - Throws: ``CertificateFault`` with what is wrong.
    public init(parsing text: String) throws(CertificateFault) {
        var section = ""
        var values: [String: [String: String]] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            guard !line.isEmpty, line.first != "#" else { continue }
            guard let sign = line.firstIndex(of: "=") else {
                section = String(line)
                continue
            }
            let name = String(line[..<sign].trimmed)
            let value = Self.value(line[line.index(after: sign)...])
            guard values[section, default: [:]].updateValue(value, forKey: name) == nil else {
                throw CertificateFault(reason: "names \(name) twice")
            }
        }
        metadata = values["metadata"] ?? [:]
        let curve = values["curve"] ?? [:]
        guard let publicKey = curve["public-key"], CurveKeyPair.isKey(publicKey) else {
            throw CertificateFault(reason: "has no public-key of 40 characters under curve")
        }
        self.publicKey = publicKey
        keys = try curve["secret-key"].map { secretKey throws(CertificateFault) in
            guard CurveKeyPair.isKey(secretKey),
                let keys = try? CurveKeyPair(secretKey: secretKey), keys.publicKey == publicKey
            else { throw CertificateFault(reason: "has a secret-key that is not its public-key's") }
            return keys
        }
    }

    /// A value without its quotation marks, where it has them.
    private static func value(_ text: Substring) -> String {
        let text = text.trimmed
        guard let mark = text.first, mark == "\"" || mark == "'" else { return String(text) }
        return String(text.dropFirst().prefix { $0 != mark })
    }

    /// The text of a file.
    ///
    /// - Parameter withSecret: Whether the secret key, where there is one, is in it.
    /// - Returns: The text, which ``init(parsing:)`` reads.
    func text(withSecret: Bool) -> String {
        var lines = [
            withSecret
                ? "# A CURVE key pair of botstats. Whoever has this file is its owner: keep it secret."
                : "# A public CURVE key of botstats. Others may know it.",
            "", "metadata",
        ]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            lines.append("    \(name) = \"\(value)\"")
        }
        lines.append("curve")
        lines.append("    public-key = \"\(publicKey)\"")
        if withSecret, let keys { lines.append("    secret-key = \"\(keys.secretKey)\"") }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Why a text is no certificate.
public struct CertificateFault: Error, Sendable, Equatable {
    /// The reason, as what follows the file's name in a sentence.
    public let reason: String
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimmed: Substring {
        var rest = drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
