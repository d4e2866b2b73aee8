internal import Dispatch
internal import FoundationEssentials
internal import JSON
internal import JWTKit
internal import Synchronization

/// A key, bound to the one algorithm it may be used with.
///
/// That binding is what keeps a public key from being taken for a shared secret: a token is only
/// ever tried with keys whose algorithm it names.
struct VerificationKey: Sendable {
    /// The name of the algorithm, as tokens have it in `alg`.
    let algorithm: String
    /// The key's id; nil where it serves tokens with any `kid`.
    let id: String?
    private let implementation: any JWTAlgorithm

    /// Whether a signature is this key's over a text.
    func verifies(_ signature: [UInt8], over text: ArraySlice<UInt8>) -> Bool {
        (try? implementation.verify(signature, signs: text)) ?? false
    }

    /// Signs a text; nil where the key can only verify.
    func sign(_ text: [UInt8]) -> [UInt8]? { try? implementation.sign(text) }

    /// The keys of a shared secret: one for each algorithm of HMAC.
    static func shared(_ secret: [UInt8]) -> [VerificationKey] {
        // jwt-kit wants as many bytes as the hash has. HMAC fills a shorter key up with zeros
        // itself (RFC 2104), up to its block of 64 bytes or more, so that this is the same key.
        let zeros = [UInt8](repeating: 0, count: max(0, 64 - secret.count))
        let key = HMACKey(from: secret + zeros)
        return [DigestAlgorithm.sha256, .sha384, .sha512].map { digest in
            make(id: nil) { await $0.add(hmac: key, digestAlgorithm: digest) }
        }
    }

    /// The key of a PEM text: of RSA for RS256, of the curve P-256 for ES256.
    ///
    /// - Returns: nil where it holds neither.
    static func pem(_ text: String) -> VerificationKey? {
        let isCertificate = text.contains("BEGIN CERTIFICATE")
        let rsa =
            isCertificate
            ? try? Insecure.RSA.PublicKey(certificatePEM: text)
            : try? Insecure.RSA.PublicKey(pem: text)
        if let rsa { return make(rsa, id: nil) }
        let curve =
            isCertificate ? try? ES256PublicKey(certificate: text) : try? ES256PublicKey(pem: text)
        return curve.map { make($0, id: nil) }
    }

    /// The keys of a JWKS (RFC 7517) that can verify RS256 or ES256; others are passed over.
    ///
    /// - Returns: nil where it is no JWKS or where one of these keys is malformed.
    static func jwks(_ document: JSONValue) -> [VerificationKey]? {
        guard let entries = document["keys"]?.arrayValue else { return nil }
        var keys: [VerificationKey] = []
        for entry in entries where isForSignatures(entry) {
            let id = entry["kid"]?.stringValue
            let algorithm = entry["alg"]?.stringValue
            switch (entry["kty"]?.stringValue, entry["crv"]?.stringValue) {
            case ("RSA", _) where algorithm ?? "RS256" == "RS256":
                guard let modulus = entry["n"]?.stringValue,
                    let exponent = entry["e"]?.stringValue,
                    let key = try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
                else { return nil }
                keys.append(make(key, id: id))
            case ("EC", "P-256") where algorithm ?? "ES256" == "ES256":
                guard let x = entry["x"]?.stringValue, let y = entry["y"]?.stringValue,
                    let key = try? ES256PublicKey(parameters: (x, y))
                else { return nil }
                keys.append(make(key, id: id))
            default: continue
            }
        }
        return keys
    }

    private static func isForSignatures(_ entry: JSONValue) -> Bool {
        if let use = entry["use"], use != "sig" { return false }
        guard let operations = entry["key_ops"] else { return true }
        return operations.arrayValue?.contains("verify") ?? false
    }

    private static func make(_ key: Insecure.RSA.PublicKey, id: String?) -> VerificationKey {
        make(id: id) { await $0.add(rsa: key, digestAlgorithm: .sha256) }
    }

    private static func make(_ key: ES256PublicKey, id: String?) -> VerificationKey {
        make(id: id) { await $0.add(ecdsa: key) }
    }

    /// Has jwt-kit make its implementation of an algorithm with a key.
    ///
    /// Its collection of keys is an actor, so that making one needs a task. The implementation
    /// it then gives out is plain: verifying is a call on the thread that asks. So a thread
    /// waits here once for each key, for microseconds, and never while it answers.
    private static func make(
        id: String?,
        _ add: @escaping @Sendable (JWTKeyCollection) async -> Void
    ) -> VerificationKey {
        let box = Box()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let collection = JWTKeyCollection()
            await add(collection)
            let implementation = try? await collection.getKey()
            box.value.withLock { $0 = implementation }
            done.signal()
        }
        done.wait()
        guard let implementation = box.value.withLock({ $0 }) else {
            preconditionFailure("a collection with one key gives it out")
        }
        return VerificationKey(
            algorithm: implementation.name,
            id: id,
            implementation: implementation
        )
    }

    /// Lets a task reach what its starter waits for.
    private final class Box: Sendable {
        let value = Mutex<(any JWTAlgorithm)?>(nil)
    }
}
