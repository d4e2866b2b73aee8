/// Why the reference model does not answer.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The parameter at fault; nil when the method is unknown.
    public let parameter: String?
    /// One sentence.
    public let description: String

    init(_ parameter: String?, _ description: String) {
        self.parameter = parameter
        self.description = description
    }
}
