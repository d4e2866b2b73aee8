/// Where time zones come from: files in the daemon, a handful of literals in tests.
public protocol ZoneDatabase: Sendable {
    /// Looks a zone up.
    ///
    /// - Parameter name: An IANA name such as `America/Sao_Paulo`, by anybody: it need not be one.
    /// - Returns: The zone under the name asked; nil when there is none.
    func rules(named name: String) -> ZoneRules?
}
