internal import Core

/// The API keys, found by their hash, and the store behind them.
struct APIKeys: Sendable {
    /// Keys there may be; revoked and expired ones make room for new ones.
    static let countMaximum = 10_000
    /// How often the times of last use are written.
    private static let useIntervalMilliseconds: Int64 = 60_000

    private let store: APIKeyStore
    private(set) var keys: [UUID128: APIKey] = [:]
    /// Ids by the beginning of the hash, which is compared in full when it is found.
    private var ids: [UInt64: UUID128] = [:]
    /// Keys used since their time of last use was written.
    private var used: Set<UUID128> = []
    private var lastWrite: Int64 = 0

    init(dataDirectory: String) throws(AccessFailure) {
        store = try APIKeyStore(dataDirectory: dataDirectory)
        for key in try store.all() { remember(key) }
    }

    private mutating func remember(_ key: APIKey) {
        keys[key.id] = key
        ids[key.digest.prefix] = key.id
    }

    /// Who a key belongs to.
    ///
    /// - Throws: ``AccessRefusal/invalidAPIKey(_:_:)``.
    mutating func verify(
        _ text: [UInt8],
        _ digest: CredentialDigest,
        now: Int64
    ) throws(AccessRefusal) -> Principal {
        guard APIKey.isKey(text), let id = ids[digest.prefix], let key = keys[id],
            key.digest == digest
        else { throw .invalidAPIKey("there is no such API key") }
        guard key.revoked == nil else {
            throw .invalidAPIKey("the API key has been revoked", .key(id: id))
        }
        guard key.isGood(at: now) else {
            throw .invalidAPIKey("the API key has expired", .key(id: id))
        }
        keys[id]?.lastUsed = max(now, key.lastUsed ?? now)
        used.insert(id)
        return key.principal
    }

    /// Stores a new key.
    ///
    /// - Returns: Whether there was room for it.
    mutating func insert(_ key: APIKey, now: Int64) throws(AccessFailure) -> Bool {
        var dropped: [UUID128] = []
        if keys.count >= Self.countMaximum {
            dropped = keys.values.filter { !$0.isGood(at: now) }.map(\.id)
            guard !dropped.isEmpty else { return false }
        }
        try store.write([key], deleting: dropped)
        for id in dropped {
            if let old = keys.removeValue(forKey: id) { ids[old.digest.prefix] = nil }
            used.remove(id)
        }
        remember(key)
        return true
    }

    /// Revokes a key for ever; one that has been revoked stays so.
    ///
    /// - Returns: The key; nil where there is none with this id.
    mutating func revoke(_ id: UUID128, now: Int64) throws(AccessFailure) -> APIKey? {
        guard var key = keys[id] else { return nil }
        guard key.revoked == nil else { return key }
        key.revoked = now
        try store.write([key])
        keys[id] = key
        return key
    }

    /// Writes the times of last use, all in one commit, where a minute has passed since the last.
    mutating func writeUses(now: Int64, atOnce: Bool = false) throws(AccessFailure) {
        guard !used.isEmpty, atOnce || abs(now - lastWrite) >= Self.useIntervalMilliseconds
        else { return }
        lastWrite = now
        try store.write(used.compactMap { keys[$0] })
        used = []
    }
}
