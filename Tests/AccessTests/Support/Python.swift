import Foundation
import Testing

/// A Python that speaks ZeroMQ, as publishers have it.
enum Python {
    private static let path = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        (try? output($0, "import zmq", [])) != nil
    }

    /// Whether there is one on this machine.
    static var hasZeroMQ: Bool { path != nil }

    /// Runs a program to its end, which must be a good one; returns what it printed.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        try output(try #require(path), program, arguments)
    }

    private struct Failed: Error {}

    private static func output(
        _ path: String,
        _ program: String,
        _ arguments: [String]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-c", program] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
        return String(decoding: printed, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
