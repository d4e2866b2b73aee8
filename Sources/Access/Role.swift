/// What a request asks to be allowed.
public enum Permission: Sendable, Equatable {
    /// To read figures.
    case figures
    /// To make and read reports.
    case reports
    /// To administer the daemon: API keys, the level of its log.
    case administration

    /// What one needs who was refused it.
    var remedy: String {
        switch self {
        case .figures: "figures need a role that may read them, as analytics_viewer or admin"
        case .reports: "reports need a role that may make them, as analytics_admin or admin"
        case .administration: "administration needs the role admin"
        }
    }
}

/// Which names of roles mean what; the names of `admin` are fixed.
public struct RoleMapping: Sendable, Equatable {
    /// The roles that may do everything.
    public static let everything: Set<String> = ["admin", "superadmin", "super_admin"]

    /// The roles that may read figures.
    public var viewers: Set<String> = ["analytics_viewer"]
    /// The roles that may make and read reports.
    public var reporters: Set<String> = ["analytics_admin"]

    /// Makes the default mapping.
    public init() {}

    /// Whether somebody with these roles may do something.
    ///
    /// - Parameters:
    ///   - roles: All roles of the one who asks.
    ///   - permission: What is asked for.
    /// - Returns: True where one of the roles allows it.
    public func allows(_ roles: Set<String>, _ permission: Permission) -> Bool {
        if !roles.isDisjoint(with: Self.everything) { return true }
        return switch permission {
        case .figures: !roles.isDisjoint(with: viewers)
        case .reports: !roles.isDisjoint(with: reporters)
        case .administration: false
        }
    }

    /// Reads the names of an option, as in `analytics_viewer,bot_viewer`.
    ///
    /// - Parameter text: Names with commas between them; spaces around them do not count.
    /// - Returns: nil where a name is empty or none.
    public static func names(_ text: String) -> Set<String>? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let names = parts.map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        return names.allSatisfy(isName) ? Set(names) : nil
    }

    /// Whether a text is the name of a role: 1 to 64 of letters, digits and `_-.:`.
    ///
    /// - Parameter text: Any text.
    /// - Returns: Whether it may name a role.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}
