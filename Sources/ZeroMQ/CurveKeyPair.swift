internal import CZeroMQ

/// A pair of keys for CURVE encryption, in the Z85 text form of 40 characters.
public struct CurveKeyPair: Sendable, Equatable {
    /// What peers may know.
    public let publicKey: String

    /// What nobody else may know.
    public let secretKey: String

    /// Makes a new pair.
    ///
    /// - Returns: Random keys.
    /// - Throws: ``ZeroMQError/Kind/notSupported`` when the library lacks CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicKey = [CChar](repeating: 0, count: textByteCount)
        var secretKey = [CChar](repeating: 0, count: textByteCount)
        // Both buffers have the 41 bytes that the call writes.
        guard unsafe zmq_curve_keypair(&publicKey, &secretKey) == 0 else {
            throw ZeroMQError("generate CURVE keys")
        }
        return CurveKeyPair(publicKey: text(publicKey), secretKey: text(secretKey))
    }

    /// Makes the pair of a secret key.
    ///
    /// - Parameter secretKey: The key as 40 characters of Z85.
    /// - Throws: ``ZeroMQError/Kind/invalidArgument`` when it is no key.
    public init(secretKey: String) throws(ZeroMQError) {
        var publicKey = [CChar](repeating: 0, count: Self.textByteCount)
        // ZeroMQ 4.3.4 reads 40 characters without looking for the end of the string.
        guard secretKey.utf8.count == Self.textByteCount - 1 else {
            throw ZeroMQError(code: EINVAL, operation: "use the CURVE key", subject: nil)
        }
        // The buffer has the 41 bytes that the call writes; the key is a C string meanwhile.
        guard unsafe zmq_curve_public(&publicKey, secretKey) == 0 else {
            throw ZeroMQError("use the CURVE key")
        }
        self.init(publicKey: Self.text(publicKey), secretKey: secretKey)
    }

    /// Whether the library can encrypt: its builds may lack CURVE.
    public static var isSupported: Bool {
        // The argument is a C string for the call.
        unsafe zmq_has("curve") == 1
    }

    /// Whether a text has the form of a key.
    ///
    /// - Parameter text: Perhaps 40 characters of Z85.
    /// - Returns: False for any other text.
    public static func isKey(_ text: String) -> Bool {
        guard text.utf8.count == textByteCount - 1 else { return false }
        // ZeroMQ 4.3.4 takes characters that are none of Z85's for zero, so it must give the
        // same text back.
        var bytes = [UInt8](repeating: 0, count: byteCount)
        // The buffer has the 32 bytes that 40 characters stand for.
        guard unsafe zmq_z85_decode(&bytes, text) != nil else { return false }
        return self.text(ofKey: bytes) == text
    }

    /// The text form of a key that came as bytes, as in a request to a ZAP handler.
    ///
    /// - Parameter bytes: The 32 bytes of the key.
    /// - Returns: 40 characters of Z85, or nil for another number of bytes.
    public static func text(ofKey bytes: [UInt8]) -> String? {
        guard bytes.count == byteCount else { return nil }
        var characters = [CChar](repeating: 0, count: textByteCount)
        // The buffer has the 41 bytes that the call writes.
        guard unsafe zmq_z85_encode(&characters, bytes, bytes.count) != nil else { return nil }
        return text(characters)
    }

    private init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// 40 characters and the final NUL.
    private static let textByteCount = 41
    private static let byteCount = 32

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension CurveKeyPair: CustomStringConvertible, CustomDebugStringConvertible {
    /// The public key; the secret one is never shown.
    public var description: String { "CURVE key pair \(publicKey)" }

    /// The public key; the secret one is never shown.
    public var debugDescription: String { description }
}
