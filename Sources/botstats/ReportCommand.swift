internal import ArgumentParser
internal import BotstatsClient
internal import Crypto
internal import Foundation
internal import Glibc
internal import JSON

/// `botstats report`: has the daemon make a report, and writes it to a file.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Have the daemon make a report, and write it to a file.",
        discussion: """
            The types are usage, conversations, engagement, satisfaction and full; the parameters \
            those of figures. The exit code is 1 where the report is refused or fails and 2 where \
            the daemon cannot be asked.

            Examples:
              botstats report engagement start_date=2025-01-01 end_date=2025-01-31
              botstats report full period=month timezone=America/Sao_Paulo --format xlsx
              botstats report usage days=7 --format csv --table channels --output -
            """
    )

    /// How often the daemon is asked how far it is.
    private static let pauseMicroseconds: UInt32 = 100_000

    @Argument(help: "What it is about, such as engagement.")
    var type: String

    @Argument(help: "The parameters, each as name=value.")
    var parameters: [String] = []

    @Option(help: "What to write: pdf, html, xlsx, csv or json.")
    var format = "pdf"

    @Option(help: "Its title. (default: that of its type)")
    var title: String?

    @Option(help: "The one table to write, with --format csv.")
    var table: String?

    @Flag(help: "Leave the charts out.")
    var noCharts = false

    @Option(
        name: .shortAndLong,
        help: "The file to write; - is standard output. (default: its own name, in this directory)"
    )
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    @OptionGroup var options: QueryOptions

    @Option(help: "How many seconds to wait for the report.")
    var timeout: Double = 300

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be between 0 and 86400 seconds.")
        }
        _ = try QueryOptions.parameters(parameters)
    }

    func run() throws {
        let meter = ReportMeter()
        do {
            let client = try options.client()
            try refuseExisting(output)
            let created = try create(client)
            try refuseExisting(output ?? created["file_name"]?.stringValue)
            let report = try wait(for: created, client, meter)
            let bytes = try download(report, client, meter)
            meter.finish()
            try write(bytes, of: report)
        } catch let error as QueryError {
            meter.finish()
            throw QueryOptions.exit(error)
        }
    }

    // MARK: - Making

    private func create(_ client: QueryClient) throws -> JSONValue {
        var members = try QueryOptions.parameters(parameters)
        for (name, value) in [
            ("type", type), ("format", format), ("title", title), ("table", table),
        ] {
            if let value { members.append(JSONValue.Member(name: name, value: .string(value))) }
        }
        members.append(JSONValue.Member(name: "include_charts", value: .bool(!noCharts)))
        return try client.request("reports.create", params: .object(members))
    }

    /// Asks again and again until the report is there.
    private func wait(
        for report: JSONValue,
        _ client: QueryClient,
        _ meter: ReportMeter
    ) throws -> JSONValue {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(timeout)
        var report = report
        while true {
            switch report["status"]?.stringValue {
            case "completed": return report
            case "failed":
                meter.finish()
                let reason = report["failure"]?.stringValue ?? "for no reason it says"
                throw CommandFailure.exit("the report failed: \(reason)", code: 1)
            default: break
            }
            guard clock.now < deadline else {
                meter.finish()
                let id = report["id"]?.stringValue ?? ""
                throw CommandFailure.exit(
                    "the report is not made yet; report \(id) will be, or give a longer --timeout",
                    code: 1
                )
            }
            meter.show(report["progress"]?.integerValue ?? 0)
            usleep(Self.pauseMicroseconds)
            report = try client.request("reports.get", params: ["id": report["id"] ?? .null])
        }
    }

    /// Takes the report's bytes, piece by piece.
    private func download(
        _ report: JSONValue,
        _ client: QueryClient,
        _ meter: ReportMeter
    ) throws -> [UInt8] {
        let size = Int(report["size_bytes"]?.integerValue ?? 0)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        while bytes.count < size {
            let piece = try client.request(
                "reports.get",
                params: [
                    "id": report["id"] ?? .null, "download": true,
                    "offset": .integer(Int64(bytes.count)),
                ]
            )
            guard let content = piece["content"]?.stringValue.flatMap({ Data(base64Encoded: $0) }),
                !content.isEmpty
            else { throw CommandFailure.exit("the daemon sent no bytes of the report", code: 2) }
            bytes += content
            meter.show(100 * Int64(bytes.count) / Int64(max(1, size)))
        }
        guard Self.digest(bytes) == report["sha256"]?.stringValue else {
            throw CommandFailure.exit("the report's bytes do not have its SHA-256", code: 2)
        }
        return bytes
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(
            SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        )
    }

    // MARK: - Writing

    /// Refuses a file that is there, before a report is made for it.
    private func refuseExisting(_ path: String?) throws {
        guard let path, path != "-", !force, access(path, F_OK) == 0 else { return }
        throw Self.isThere(path)
    }

    private static func isThere(_ path: String) -> ExitCode {
        CommandFailure.exit("\(path) is there already; give --force or another --output", code: 1)
    }

    private func write(_ bytes: [UInt8], of report: JSONValue) throws {
        if output == "-" {
            try write(bytes, to: STDOUT_FILENO, named: "standard output")
            return
        }
        let path = output ?? report["file_name"]?.stringValue ?? "report.\(format)"
        let file = open(path, O_WRONLY | O_CREAT | (force ? O_TRUNC : O_EXCL) | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            if errno == EEXIST { throw Self.isThere(path) }
            let reason = String(cString: strerror(errno))
            throw CommandFailure.exit("\(path) cannot be written: \(reason)", code: 1)
        }
        defer { close(file) }
        do {
            try write(bytes, to: file, named: path)
        } catch {
            // Half a report is none.
            unlink(path)
            throw error
        }
        StandardError.write("\(path): \(bytes.count) bytes")
    }

    private func write(_ bytes: [UInt8], to file: Int32, named name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandFailure.exit("\(name) cannot be written: \(reason)", code: 1)
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// A bar that says how far a report is, where there is a terminal to draw it on.
private final class ReportMeter {
    private static let cellCount = 24
    private let isTerminal = StandardError.isTerminal
    private var isShown = false

    func show(_ percent: Int64) {
        guard isTerminal else { return }
        isShown = true
        let full = Int(max(0, min(100, percent))) * Self.cellCount / 100
        let cells =
            String(repeating: "█", count: full)
            + String(repeating: "·", count: Self.cellCount - full)
        StandardError.write("\r\u{1B}[K[\(cells)] \(percent) %", terminator: "")
    }

    /// Erases the bar.
    func finish() {
        guard isShown else { return }
        isShown = false
        StandardError.write("\r\u{1B}[K", terminator: "")
    }
}
