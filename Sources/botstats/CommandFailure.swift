internal import ArgumentParser

/// The way a command ends that could not do what it was asked for.
enum CommandFailure {
    /// Says why in one sentence on standard error.
    ///
    /// - Parameters:
    ///   - error: The reason.
    ///   - code: The exit code.
    /// - Returns: What to throw.
    static func exit(_ error: some Error, code: Int32) -> ExitCode {
        exit("\(error)", code: code)
    }

    /// Says why in one sentence on standard error.
    ///
    /// - Parameters:
    ///   - reason: The sentence.
    ///   - code: The exit code.
    /// - Returns: What to throw.
    static func exit(_ reason: String, code: Int32) -> ExitCode {
        StandardError.write("botstats: \(reason)")
        return ExitCode(code)
    }
}
