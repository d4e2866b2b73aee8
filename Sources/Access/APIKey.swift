internal import Core
internal import JSON

/// An API key as it is stored: everything but the key itself.
struct APIKey: Sendable, Equatable {
    /// Characters behind `gb_`, letters and digits: 190 random bits.
    private static let characterCount = 32
    private static let prefix = "gb_"
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    )

    let id: UUID128
    let digest: CredentialDigest
    let name: String
    let roles: [String]
    /// The bots it is limited to; nil where it is not.
    let bots: [UUID128]?
    /// Milliseconds since 1970, as the times that follow.
    let created: Int64
    let expires: Int64?
    var revoked: Int64?
    var lastUsed: Int64?

    var principal: Principal {
        Principal(origin: .key(id: id), roles: Set(roles), bots: bots.map { Set($0) })
    }

    /// Whether it is good at a time.
    func isGood(at now: Int64) -> Bool { revoked == nil && expires.map { now < $0 } ?? true }

    /// A new key of the system's secure generator.
    static func makeText() -> String {
        var generator = SystemRandomNumberGenerator()
        let characters = (0..<characterCount).map { _ in
            alphabet[Int(generator.next(upperBound: UInt64(alphabet.count)))]
        }
        return prefix + String(characters)
    }

    /// A new id, a random UUID (RFC 9562, version 4).
    static func makeID() -> UUID128 {
        var generator = SystemRandomNumberGenerator()
        return UUID128(
            high: generator.next() & ~0xf000 | 0x4000,
            low: generator.next() >> 2 | 1 << 63
        )
    }

    /// Whether bytes look like a key.
    static func isKey(_ bytes: [UInt8]) -> Bool {
        bytes.count == prefix.utf8.count + characterCount && bytes.starts(with: prefix.utf8)
    }
}

extension APIKey {
    /// What is listed of a key.
    var listing: JSONValue {
        let calendar = LocalCalendar(rules: .utc)
        func text(_ time: Int64?) -> JSONValue {
            time.map { .string(calendar.text(of: $0)) } ?? .null
        }
        return [
            "id": .string(id.description),
            "name": .string(name),
            "roles": .array(roles.map { .string($0) }),
            "bots": bots.map { .array($0.map { .string($0.description) }) } ?? .null,
            "created_at": text(created),
            "expires_at": text(expires),
            "revoked_at": text(revoked),
            "last_used_at": text(lastUsed),
        ]
    }

    /// The stored value: a JSON object.
    var stored: JSONValue {
        func number(_ time: Int64?) -> JSONValue { time.map { .integer($0) } ?? .null }
        return [
            "sha256": .string(Base64URL.encode(digest.bytes)),
            "name": .string(name),
            "roles": .array(roles.map { .string($0) }),
            "bots": bots.map { .array($0.map { .string($0.description) }) } ?? .null,
            "created": .integer(created),
            "expires": number(expires),
            "revoked": number(revoked),
            "last_used": number(lastUsed),
        ]
    }

    /// Reads a stored value; nil where it is none.
    init?(id: UUID128, stored: JSONValue) {
        guard let text = stored["sha256"]?.stringValue,
            let hash = Base64URL.decode(text.utf8), hash.count == 32,
            let name = stored["name"]?.stringValue,
            let roles = stored["roles"]?.arrayValue?.map(\.stringValue),
            let created = stored["created"]?.integerValue
        else { return nil }
        let bots = stored["bots"]?.arrayValue?.map { $0.stringValue.flatMap { UUID128($0) } }
        guard stored["bots"] == .null || bots != nil, bots?.contains(nil) != true,
            !roles.contains(nil)
        else { return nil }
        self.id = id
        digest = CredentialDigest(bytes: hash)
        self.name = name
        self.roles = roles.compactMap(\.self)
        self.bots = bots?.compactMap(\.self)
        self.created = created
        expires = stored["expires"]?.integerValue
        revoked = stored["revoked"]?.integerValue
        lastUsed = stored["last_used"]?.integerValue
    }
}
