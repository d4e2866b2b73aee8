internal import Foundation
internal import JSON

/// B9: `/usage` over HTTP, next to the same question straight over ZeroMQ.
///
/// HTTP is asked by `wrk`, as fast as it is answered, and by `hey`, at a dashboard's pace: a client
/// of our own would measure itself.
extension BenchmarkSession {
    private static let storeMessages = 1_000_000
    private static let connections = 32
    private static let pacedRate = 1_000
    private static let directCount = 10_000

    /// Measures with a token, as every caller has one, and without a limit of its rate.
    func measureBridge() throws {
        let count = Self.storeMessages
        let stored = try store(StoreFill(name: "month-\(count)", count: count, days: 29))
        let directory = try scratch.copy(stored.directory, as: "bridge")
        scratch.settle()
        let daemon = try start(
            on: directory,
            options: ["--auth", "required", "--rate-limit", "0", "--http-port", "0"]
        )
        defer { daemon.kill() }
        let token = try run(
            binary.path,
            ["token", "--role", "analytics_viewer", "--data-dir", directory.path]
        )
        .trimmingCharacters(in: .whitespacesAndNewlines)
        let authorization = "Authorization: Bearer \(token)"
        let url = try daemon.httpURL() + "/api/v1/analytics/usage?days=30"
        // One bot, so that it is the bridge that is measured and not the sum of all bots.
        let target = url + "&bot_id=" + (stored.botIDs.first ?? "")
        try measureThroughput(target, authorization, daemon)
        try measurePaced(target, authorization)
        try measureDirect(daemon, token, stored)
        try daemon.stop()
        scratch.discard(directory)
    }

    private func measureThroughput(
        _ url: String,
        _ authorization: String,
        _ daemon: DaemonProcess
    ) throws {
        let before = try daemon.statistics()
        let told = try run(
            "wrk",
            [
                "--threads", "1", "--connections", "\(Self.connections)", "--duration",
                "\(seconds)s", "--latency", "--header", authorization, url,
            ]
        )
        let used = try daemon.statistics().cpuSeconds - before.cpuSeconds
        guard !told.contains("Non-2xx"), let rate = number(in: told, after: "Requests/sec:") else {
            throw BenchmarkFailure("wrk was not answered as it should: \(told)")
        }
        table.add(
            "B9",
            "`/usage` of one bot over HTTP, \(Self.connections) connections",
            target: "≥ 10,000 requests/s",
            measured: "\(Figure.count(rate)) requests/s, \(word(in: told, after: "99%")) p99,"
                + " \(Figure.time(used / (rate * Double(seconds)))) of CPU a request",
            met: rate >= 10_000
        )
    }

    private func measurePaced(_ url: String, _ authorization: String) throws {
        let told = try run(
            "hey",
            [
                "-z", "\(seconds)s", "-c", "20", "-q", "\(Self.pacedRate / 20)", "-H",
                authorization, url,
            ]
        )
        guard told.contains("[200]"), let p99 = number(in: told, after: "99% in") else {
            throw BenchmarkFailure("hey was not answered as it should: \(told)")
        }
        table.add(
            "B9",
            "the same at \(Figure.count(Self.pacedRate)) requests/s",
            target: "p99 ≤ 5 ms",
            measured: "p50 \(Figure.time(number(in: told, after: "50% in") ?? 0)),"
                + " p99 \(Figure.time(p99))",
            met: p99 <= 0.005
        )
    }

    private func measureDirect(
        _ daemon: DaemonProcess,
        _ token: String,
        _ stored: StoredMessages
    ) throws {
        let queries = try QueryConnection(
            context: daemon.context,
            endpoint: daemon.queryEndpoint,
            credential: "Bearer \(token)"
        )
        let bot = JSONValue.string(stored.botIDs.first ?? "")
        _ = try queries.ask("usage", ["days": 30, "bot_id": bot])
        let request = QueryConnection.request("usage", ["days": 30, "bot_id": bot])
        var sample = LatencySample()
        let began = ContinuousClock.now
        for _ in 0..<Self.directCount { sample.add(try queries.roundTrip(request)) }
        let rate = Double(Self.directCount) / (ContinuousClock.now - began).inSeconds
        table.add(
            "B9",
            "the same straight over ZeroMQ, one question after the other",
            measured: "\(Figure.count(rate)) requests/s, p50 \(Figure.time(sample.median)),"
                + " p99 \(Figure.time(sample.p99))"
        )
    }

    // MARK: - Programs

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let told = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure(
                "\(program) failed; B9 needs Debian's packages wrk and hey: \(told.prefix(300))"
            )
        }
        return told
    }

    private func word(in text: String, after name: String) -> String {
        guard let range = text.range(of: name) else { return "no" }
        return text[range.upperBound...].split(maxSplits: 1) { $0.isWhitespace }.first
            .map(String.init) ?? "no"
    }

    private func number(in text: String, after name: String) -> Double? {
        Double(word(in: text, after: name))
    }
}
