import Foundation
import Synchronization
import Testing
import ZeroMQ

/// The program under test, as an operator runs it.
enum Program {
    /// The binary beside the test bundle.
    private static var url: URL {
        get throws {
            let bundle = URL(filePath: CommandLine.arguments[0]).standardized
            let url = bundle.deletingLastPathComponent().appending(path: "botstats")
            try #require(FileManager.default.isExecutableFile(atPath: url.path))
            return url
        }
    }

    /// A command that has not been started.
    static func process(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws
        -> Process
    {
        let process = Process()
        process.executableURL = try url
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        // A setting of the shell must not change what is tested.
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("BOTSTATS_") }
            .merging(environment) { $1 }
        return process
    }

    /// Runs a command to its end.
    ///
    /// - Returns: The exit code and what it printed.
    static func run(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try process(arguments, environment)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: printed, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines),
            String(decoding: said, as: UTF8.self)
        )
    }
}

/// A `botstats serve` child on free ports.
final class ServeChild: Sendable {
    let dataDirectory: String
    let queryEndpoint: String
    let ingestEndpoint: String
    private let queryOptions: [String]
    private let log: String
    private let arguments: [String]
    private let process = Mutex<Process?>(nil)

    /// Chooses endpoints; the query options are what those who ask need besides.
    init(
        _ directory: TemporaryDirectory,
        options: [String] = [],
        queryOptions: [String] = []
    ) throws {
        self.queryOptions = queryOptions
        dataDirectory = directory.path + "/data"
        log = directory.path + "/log"
        let context = try Context()
        let first = try Socket(context: context, type: .pair)
        let second = try Socket(context: context, type: .pair)
        let third = try Socket(context: context, type: .pair)
        // All are bound before any is given back, or one might be found twice.
        try first.bind("tcp://127.0.0.1:*")
        try second.bind("tcp://127.0.0.1:*")
        try third.bind("tcp://127.0.0.1:*")
        queryEndpoint = try first.lastEndpoint()
        ingestEndpoint = try second.lastEndpoint()
        arguments =
            [
                "serve", "--data-dir", dataDirectory, "--query-endpoint", queryEndpoint,
                "--ingest-endpoint", ingestEndpoint,
                "--events-endpoint", try third.lastEndpoint(), "--live-endpoint",
                "tcp://127.0.0.1:*", "--no-http",
            ] + options
    }

    deinit { stop() }

    /// Starts the child and waits until it answers.
    func start() throws {
        let child = try Program.process(arguments)
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        child.standardOutput = output
        child.standardError = output
        try child.run()
        process.withLock { $0 = child }
        for _ in 0..<100 where child.isRunning {
            let status = ["query", "system.status", "--timeout", "0.2"]
            if try query(Array(status.dropFirst()) + queryOptions).code == 0 { return }
        }
        throw StartFailure(log: logged)
    }

    /// Asks the child, with what else is given.
    func query(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> (code: Int32, output: String, errors: String) {
        try Program.run(
            ["query"] + arguments + ["--query-endpoint", queryEndpoint],
            environment
        )
    }

    func stop() {
        guard let child = process.withLock({ $0.take() }) else { return }
        child.terminate()
        child.waitUntilExit()
    }

    /// Sends a signal, as an operator does.
    func signal(_ number: Int32) {
        guard let child = process.withLock({ $0 }) else { return }
        kill(child.processIdentifier, number)
    }

    /// Waits for a line of the log.
    func awaitLog(_ text: String) -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if logged.contains(text) { return true }
            sched_yield()
        }
        return false
    }

    var logged: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    struct StartFailure: Error {
        let log: String
    }
}
