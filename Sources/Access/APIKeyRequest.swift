public import Core
public import JSON

/// One request about API keys: a method of the query socket, or a command on a stopped store.
public enum APIKeyRequest: Sendable, Equatable {
    /// Makes a key.
    case create(name: String, roles: [String], bots: [UUID128]?, lifetimeSeconds: Int64?)
    /// Lists all keys.
    case list
    /// Revokes a key.
    case revoke(id: UUID128)

    /// The methods' names.
    public enum Method: String, CaseIterable, Sendable {
        /// Makes a key and gives it out, once.
        case create = "keys.create"
        /// Lists all keys, without the keys themselves.
        case list = "keys.list"
        /// Revokes a key for ever.
        case revoke = "keys.revoke"

        var parameters: [String] {
            switch self {
            case .create: ["name", "roles", "bots", "expires_seconds"]
            case .list: []
            case .revoke: ["id"]
            }
        }
    }

    /// Seconds a key or token is good for at most: ten years.
    public static let lifetimeSecondsMaximum: Int64 = 10 * 366 * 86_400
    private static let nameCountMaximum = 100
    private static let rolesMaximum = 32
    private static let botsMaximum = 1_000

    /// Reads a request's parameters.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - params: The request's `params`, an object; nil where it has none.
    /// - Throws: ParameterError naming the first at fault in the order of `protocol/access.md`;
    ///   unknown names come last.
    public init(_ method: Method, _ params: JSONValue?) throws(ParameterError) {
        switch method {
        case .create:
            self = .create(
                name: try Self.name(params?["name"]),
                roles: try Self.roles(params?["roles"]),
                bots: try Self.bots(params?["bots"]),
                lifetimeSeconds: try Self.lifetime(params?["expires_seconds"])
            )
        case .list: self = .list
        case .revoke: self = .revoke(id: try Self.identity(params?["id"]))
        }
        let unknown = params?.objectValue?.first { !method.parameters.contains($0.name) }
        if let name = unknown?.name {
            throw ParameterError(parameter: name, message: "\(name) is unknown")
        }
    }

    private static func name(_ value: JSONValue?) throws(ParameterError) -> String {
        guard let value else { return "" }
        guard let text = value.stringValue, text.count <= nameCountMaximum else {
            throw fault("name", "must be a text of at most \(nameCountMaximum) characters")
        }
        return text
    }

    private static func roles(_ value: JSONValue?) throws(ParameterError) -> [String] {
        let texts = value?.arrayValue?.compactMap(\.stringValue) ?? []
        guard (1...rolesMaximum).contains(texts.count), texts.count == value?.arrayValue?.count,
            texts.allSatisfy(RoleMapping.isName)
        else {
            throw fault(
                "roles",
                "must be 1 to \(rolesMaximum) names of letters, digits and _ - . :"
            )
        }
        return texts
    }

    private static func bots(_ value: JSONValue?) throws(ParameterError) -> [UUID128]? {
        guard let value, value != .null else { return nil }
        let bots = value.arrayValue?.compactMap { $0.stringValue.flatMap { UUID128($0) } }
        guard let bots, bots.count == value.arrayValue?.count, bots.count <= botsMaximum else {
            throw fault("bots", "must be an array of at most \(botsMaximum) UUIDs")
        }
        return bots
    }

    private static func lifetime(_ value: JSONValue?) throws(ParameterError) -> Int64? {
        guard let value, value != .null else { return nil }
        guard let seconds = value.integerValue, (1...lifetimeSecondsMaximum).contains(seconds)
        else {
            throw fault("expires_seconds", "must be between 1 and \(lifetimeSecondsMaximum)")
        }
        return seconds
    }

    private static func identity(_ value: JSONValue?) throws(ParameterError) -> UUID128 {
        guard let id = value?.stringValue.flatMap({ UUID128($0) }) else {
            throw fault("id", "must be the UUID of a key, as keys.list shows it")
        }
        return id
    }

    private static func fault(_ name: String, _ predicate: String) -> ParameterError {
        ParameterError(parameter: name, message: "\(name) \(predicate)")
    }
}

/// Why a request about API keys has no result.
public enum APIKeyFault: Error, Sendable {
    /// There is no key with this id.
    case notFound(UUID128)
    /// There are as many keys as there may be.
    case full(maximum: Int)
    /// They cannot be stored.
    case storage(AccessFailure)
}

extension APIKeyFault: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .notFound(let id): "there is no API key \(id)"
        case .full(let maximum):
            "there are \(maximum) API keys, which is the most; revoke one that nobody needs"
        case .storage(let failure): failure.description
        }
    }
}

extension APIKeys {
    /// Does what a request asks for.
    ///
    /// - Returns: The result object; the only place where a key itself is ever given out.
    mutating func perform(_ request: APIKeyRequest, now: Int64) throws(APIKeyFault) -> JSONValue {
        switch request {
        case .create(let name, let roles, let bots, let lifetime):
            let text = APIKey.makeText()
            let key = APIKey(
                id: APIKey.makeID(),
                digest: CredentialDigest(of: Array(text.utf8)),
                name: name,
                roles: roles,
                bots: bots,
                created: now,
                expires: lifetime.map { now + $0 * 1_000 }
            )
            guard try stored({ keys throws(AccessFailure) in try keys.insert(key, now: now) })
            else { throw .full(maximum: Self.countMaximum) }
            let shown = [JSONValue.Member(name: "key", value: .string(text))]
            return .object(shown + (key.listing.objectValue ?? []))
        case .list:
            let sorted = keys.values.sorted {
                $0.created != $1.created ? $0.created < $1.created : $0.id < $1.id
            }
            return ["keys": .array(sorted.map(\.listing))]
        case .revoke(let id):
            let key = try stored { keys throws(AccessFailure) in try keys.revoke(id, now: now) }
            guard let key else { throw .notFound(id) }
            return key.listing
        }
    }

    private mutating func stored<R>(
        _ body: (inout APIKeys) throws(AccessFailure) -> R
    ) throws(APIKeyFault) -> R {
        do throws(AccessFailure) { return try body(&self) } catch { throw .storage(error) }
    }
}
