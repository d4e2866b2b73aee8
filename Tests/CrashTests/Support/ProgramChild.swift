import Foundation

/// A command that runs until it is told to stop, and what it logs.
///
/// One task at a time reads its log.
final class ProgramChild {
    private let process = Process()
    private let pipe = Pipe()
    private var log = ""

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - arguments: What stands behind the program's name.
    ///   - environment: Variables besides those of the test itself.
    /// - Throws: What keeps it from being started.
    init(_ arguments: [String], _ environment: [String: String] = [:]) throws {
        process.executableURL = try Program.url
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        process.environment = Program.cleanEnvironment.merging(environment) { $1 }
        try process.run()
    }

    deinit { process.terminate() }

    /// Waits until a text has been logged.
    ///
    /// - Returns: Everything logged up to then; nil where the command has ended before.
    func read(until text: String) -> String? {
        while !log.contains(text) {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { return nil }
            log += String(decoding: data, as: UTF8.self)
        }
        return log
    }

    /// Waits for a command that ends by itself.
    ///
    /// - Returns: The exit code and everything it logged.
    func readToEnd() -> (code: Int32, log: String) {
        log += String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, log)
    }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Asks the command to stop, and waits for it.
    ///
    /// - Returns: The exit code.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
