import Foundation
import Testing

/// A Python that speaks ZeroMQ, as publishers have it.
enum Python {
    /// The first on PATH, else the distribution's own, which its package of PyZMQ serves.
    private static let command = [["/usr/bin/env", "python3"], ["/usr/bin/python3"]].first {
        (try? output($0, "import zmq", [])) != nil
    }

    /// Whether there is one on this machine.
    static var hasZeroMQ: Bool { command != nil }

    /// Runs a program to its end, which must be a good one; returns what it printed.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        try output(try #require(command), program, arguments)
    }

    private struct Failed: Error {}

    private static func output(
        _ command: [String],
        _ program: String,
        _ arguments: [String]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = command.dropFirst() + ["-c", program] + arguments
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
