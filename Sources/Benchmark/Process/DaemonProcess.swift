internal import Foundation
internal import JSON
internal import ZeroMQ

/// A `botstats serve` child, the thing measured.
final class DaemonProcess {
    /// The store's directory.
    let dataDirectory: URL
    /// The socket for acknowledged ingest.
    let ingestEndpoint: String
    /// The socket for fire and forget.
    let eventsEndpoint: String
    /// The socket for queries.
    let queryEndpoint: String
    /// The context of this process's sockets to it.
    let context: Context

    private let binary: URL
    private let options: [String]
    private let scratch: Scratch
    private let log: URL
    private var process: Process?

    /// Describes a daemon on free ports; ``start()`` starts it.
    init(binary: URL, dataDirectory: URL, options: [String], scratch: Scratch) throws {
        self.options = options
        self.binary = binary
        self.dataDirectory = dataDirectory
        self.scratch = scratch
        log = scratch.file("\(dataDirectory.lastPathComponent).log")
        context = try Context()
        (ingestEndpoint, eventsEndpoint, queryEndpoint) = try Self.freeEndpoints(context)
    }

    deinit { kill() }

    /// The child's process identifier.
    ///
    /// - Throws: ``BenchmarkFailure`` where it does not run.
    var identifier: Int32 {
        get throws {
            guard let process else { throw BenchmarkFailure("the daemon does not run") }
            return process.processIdentifier
        }
    }

    /// Starts the child, without waiting for it.
    func start() throws {
        let child = Process()
        child.executableURL = binary
        child.arguments =
            [
                "serve", "--data-dir", dataDirectory.path, "--timezone", "UTC",
                "--ingest-endpoint", ingestEndpoint, "--events-endpoint", eventsEndpoint,
                "--query-endpoint", queryEndpoint, "--live-endpoint", "tcp://127.0.0.1:*",
                "--auth", "off",
            ] + (options.contains("--http-port") ? [] : ["--no-http"]) + options
        // A setting of the shell must not change what is measured.
        child.environment = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("BOTSTATS_")
        }
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        child.standardOutput = output
        child.standardError = output
        child.standardInput = FileHandle.nullDevice
        try child.run()
        scratch.adopt(child.processIdentifier)
        process = child
    }

    /// Waits until the query socket answers.
    func waitUntilReady() throws {
        let queries = try QueryConnection(context: context, endpoint: queryEndpoint)
        do {
            _ = try queries.ask("system.status", [:])
        } catch {
            let told = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw BenchmarkFailure("the daemon did not become ready: \(told.suffix(500))")
        }
    }

    /// Where HTTP is served, as the log says.
    func httpURL() throws -> String {
        let told = try String(contentsOf: log, encoding: .utf8)
        guard let match = told.firstMatch(of: #/http:\/\/127\.0\.0\.1:\d+/#) else {
            throw BenchmarkFailure("the daemon does not serve HTTP: \(told.suffix(500))")
        }
        return String(match.output)
    }

    /// What `system.status` says.
    func status() throws -> JSONValue {
        try QueryConnection(context: context, endpoint: queryEndpoint).ask("system.status", [:])
    }

    /// A count of `system.status`.
    func statusCount(_ name: String) throws -> Int {
        guard let value = try status()[name]?.integerValue else {
            throw BenchmarkFailure("system.status has no \(name)")
        }
        return Int(value)
    }

    /// Waits until every acknowledged event is in the store.
    ///
    /// - Returns: How many seconds that took.
    @discardableResult
    func waitUntilFolded() throws -> Double {
        let queries = try QueryConnection(context: context, endpoint: queryEndpoint)
        let began = ContinuousClock.now
        while true {
            let status = try queries.ask("system.status", [:])
            if status["events_unfolded"]?.integerValue == 0 { break }
            guard ContinuousClock.now - began < .seconds(600) else {
                throw BenchmarkFailure("the daemon did not fold its journal within ten minutes")
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return (ContinuousClock.now - began).inSeconds
    }

    /// The child's figures now.
    func statistics() throws -> ProcessStatistics { try ProcessStatistics(of: identifier) }

    /// Stops the child cleanly.
    func stop() throws {
        guard let process else { return }
        process.terminate()
        try end(process)
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("the daemon ended with \(process.terminationStatus)")
        }
    }

    /// Ends the child at once, as a crash would.
    func kill() {
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        try? end(process)
    }

    private func end(_ child: Process) throws {
        child.waitUntilExit()
        scratch.release(child.processIdentifier)
        process = nil
    }

    private static func freeEndpoints(_ context: Context) throws -> (String, String, String) {
        // All three are bound before any is given back, or one might be found twice.
        let first = try Socket(context: context, type: .pair)
        let second = try Socket(context: context, type: .pair)
        let third = try Socket(context: context, type: .pair)
        let any = "tcp://127.0.0.1:*"
        try first.bind(any)
        try second.bind(any)
        try third.bind(any)
        let result = try (first.lastEndpoint(), second.lastEndpoint(), third.lastEndpoint())
        try first.unbind(result.0)
        try second.unbind(result.1)
        try third.unbind(result.2)
        return result
    }
}
