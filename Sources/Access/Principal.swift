public import Core

/// Who asks, once their credential has been found good.
public struct Principal: Sendable, Equatable {
    /// What the credential was.
    public enum Origin: Sendable, Equatable {
        /// Nothing was asked for: `--auth off`.
        case anybody
        /// A token; its `sub`, empty where it has none.
        case token(subject: String)
        /// An API key; its id.
        case key(id: UUID128)
    }

    /// What the credential was.
    public var origin: Origin
    /// All roles, as they are named in the credential.
    public var roles: Set<String>
    /// The bots it is limited to; nil where it is not.
    ///
    /// Empty means none.
    public var bots: Set<UUID128>?

    /// Makes a principal.
    ///
    /// - Parameters:
    ///   - origin: What the credential was.
    ///   - roles: All roles.
    ///   - bots: The bots it is limited to; nil where it is not.
    public init(origin: Origin, roles: Set<String>, bots: Set<UUID128>?) {
        self.origin = origin
        self.roles = roles
        self.bots = bots
    }

    /// Everybody, where no credential is asked for.
    public static let anybody = Principal(origin: .anybody, roles: ["admin"], bots: nil)

    /// Whether somebody may ask about a bot.
    ///
    /// - Parameter bot: The bot.
    /// - Returns: False for a bot outside those the credential is limited to.
    public func maySee(_ bot: UUID128) -> Bool { bots?.contains(bot) ?? true }
}
