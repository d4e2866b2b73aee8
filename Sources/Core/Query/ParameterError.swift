/// Why a request's parameters are refused: the contract's error `-32602`, or 400 over HTTP.
public struct ParameterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The parameter at fault; nil where `params` itself is.
    public let parameter: String?
    /// One sentence for people, such as `days must be between 1 and 3660`.
    public let message: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - parameter: The parameter at fault; nil where `params` itself is.
    ///   - message: One sentence.
    public init(parameter: String?, message: String) {
        self.parameter = parameter
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
