import BotstatsClient
import Foundation
import JSON
import Synchronization
import Testing
import ZeroMQ

/// The program under test, as it is run by an operator.
enum Program {
    /// The binary beside the test bundle.
    static var url: URL {
        get throws {
            let bundle = URL(filePath: CommandLine.arguments[0]).standardized
            let url = bundle.deletingLastPathComponent().appending(path: "botstats")
            try #require(
                FileManager.default.isExecutableFile(atPath: url.path),
                "\(url.path) is missing"
            )
            return url
        }
    }

    /// Runs a command to its end.
    ///
    /// - Returns: The exit code and everything it printed.
    static func run(_ url: URL, _ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = url
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        process.environment = cleanEnvironment
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// A setting of the shell must not change what is tested.
    static var cleanEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("BOTSTATS_") }
    }
}

/// How a child ended.
struct ChildEnd: Sendable {
    /// The exit code; nil where a signal ended it.
    let exitCode: Int32?
    /// Everything it logged.
    let log: String
}

/// A `botstats serve` child on one data directory and one set of ports, again and again.
final class DaemonChild: Sendable {
    let dataDirectory: String
    let ingestEndpoint: String
    let queryEndpoint: String
    let eventsEndpoint: String
    let liveEndpoint: String
    private let options: [String]
    private let log: String
    private let process = Mutex<Process?>(nil)

    /// Describes a child with its data and, where no other place is named, its log in a directory.
    init(directory: String, logDirectory: String? = nil, options: [String] = []) throws {
        dataDirectory = directory + "/data"
        log = (logDirectory ?? directory) + "/log"
        self.options = options
        (ingestEndpoint, eventsEndpoint, queryEndpoint, liveEndpoint) = try Self.freeEndpoints()
    }

    deinit { kill() }

    /// Starts the child without waiting for it.
    func start() throws {
        let child = Process()
        child.executableURL = try Program.url
        child.arguments =
            [
                "serve", "--data-dir", dataDirectory, "--ingest-endpoint", ingestEndpoint,
                "--events-endpoint", eventsEndpoint, "--query-endpoint", queryEndpoint,
                "--live-endpoint", liveEndpoint, "--auth", "off", "--no-http",
            ] + options
        child.environment = Program.cleanEnvironment
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        child.standardOutput = output
        child.standardError = output
        child.standardInput = FileHandle.nullDevice
        try child.run()
        process.withLock { $0 = child }
    }

    /// Starts the child and waits until it answers a question.
    func startAndWait(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let isAnswering = try startAndAsk()
        try #require(isAnswering, "\(logged)", sourceLocation: sourceLocation)
    }

    /// Starts the child and waits until it answers a question or has ended.
    ///
    /// - Returns: Whether it answers.
    func startAndAsk() throws -> Bool {
        try start()
        return isAnswering()
    }

    private func isAnswering() -> Bool {
        for _ in 0..<600 {
            let client = QueryClient(endpoint: queryEndpoint)
            let answer = try? client.request("system.status", timeout: .milliseconds(100))
            if answer != nil { return true }
            if process.withLock({ $0?.isRunning }) != true { return false }
        }
        return false
    }

    /// What the child has logged.
    var logged: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// The most memory the running child has used so far.
    func peakMemoryBytes() throws -> Int {
        let identifier = try #require(process.withLock { $0?.processIdentifier })
        let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) }) << 10
    }

    /// Ends the child at once, as a crash does.
    func kill() { _ = end(by: SIGKILL) }

    /// Asks the child to stop, as an operator does, and waits for it.
    func terminate() -> ChildEnd { end(by: SIGTERM) }

    /// Waits for a child that ends by itself.
    func waitForEnd() -> ChildEnd { end(by: 0) }

    private func end(by signal: Int32) -> ChildEnd {
        let child = process.withLock { $0.take() }
        guard let child else { return ChildEnd(exitCode: nil, log: logged) }
        if child.isRunning, signal != 0 { Foundation.kill(child.processIdentifier, signal) }
        child.waitUntilExit()
        let code = child.terminationReason == .exit ? child.terminationStatus : nil
        return ChildEnd(exitCode: code, log: logged)
    }

    /// Compares everything derived in the stopped child's store with its conversations.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let result = try Program.run(try Program.url, ["check", "--data-dir", dataDirectory])
        #expect(
            result.code == 0,
            Comment(rawValue: String(result.output.prefix(2_000))),
            sourceLocation: sourceLocation
        )
    }

    /// A result of the running child.
    func ask(_ method: String, _ parameters: JSONValue = .object([])) throws -> JSONValue {
        let client = QueryClient(endpoint: queryEndpoint)
        return try client.request(method, params: parameters, timeout: .seconds(60))
    }

    /// Endpoints nobody uses.
    private static func freeEndpoints() throws -> (String, String, String, String) {
        let context = try Context()
        // All are bound before any is given back, or one might be found twice.
        let first = try Socket(context: context, type: .pair)
        let second = try Socket(context: context, type: .pair)
        let third = try Socket(context: context, type: .pair)
        let fourth = try Socket(context: context, type: .pair)
        let any = "tcp://127.0.0.1:*"
        try first.bind(any)
        try second.bind(any)
        try third.bind(any)
        try fourth.bind(any)
        return try (
            first.lastEndpoint(), second.lastEndpoint(), third.lastEndpoint(),
            fourth.lastEndpoint()
        )
    }
}

/// A directory that is removed with the object.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appendingPathComponent("botstats-crash-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
