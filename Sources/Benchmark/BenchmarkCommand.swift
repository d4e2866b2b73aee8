internal import ArgumentParser
internal import Foundation

/// `botstats-benchmark`: measures the daemon as its users meet it, from outside.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "botstats-benchmark",
        abstract: "Start daemons in scratch directories, measure them, print a table.",
        discussion: """
            Load and daemons share the machine's cores. Nothing is asserted: absolute figures \
            move between machines.
            """
    )

    @Argument(help: "Which benchmarks: B1 … B10, or all.")
    var benchmarks: [String] = ["all"]

    @Option(help: "The botstats program. (default: the one beside this program)")
    var binary: String?

    @Option(help: "Where scratch directories are made; they are removed at the end.")
    var scratchDir: String = FileManager.default.temporaryDirectory.path

    @Option(help: "Seconds that each throughput is measured, after its warm-up.")
    var seconds: Int = 20

    @Option(help: "Messages of the large store (B4, B6, B8); 50000000 is the design's figure.")
    var events: Int = 10_000_000

    @Option(help: "The seed of the workload.")
    var seed: UInt64 = 1

    @Option(help: "Publishers of B1, each with a connection and a thread of its own.")
    var producers: Int = 1

    @Flag(help: "Keep the scratch directories.")
    var keep = false

    func validate() throws {
        guard seconds >= 1, producers >= 1, events >= 1_000_000 else {
            throw ValidationError("--seconds and --producers are at least 1, --events 1000000.")
        }
        for name in benchmarks where name.lowercased() != "all" {
            guard BenchmarkGroup(rawValue: name.uppercased()) != nil else {
                throw ValidationError("\(name) is not a benchmark; they are B1 to B10.")
            }
        }
    }

    func run() throws {
        let scratch = try Scratch(under: scratchDir, keeps: keep)
        scratch.removeOnSignals()
        defer { scratch.remove() }
        let session = BenchmarkSession(
            binary: try binaryURL(),
            scratch: scratch,
            seconds: seconds,
            largeCount: events,
            seed: seed,
            producerCount: producers
        )
        Progress.note("seed \(seed), \(Machine.current)")
        let everything = benchmarks.contains { $0.lowercased() == "all" }
        let wanted = Set(benchmarks.map { $0.uppercased() })
        for group in BenchmarkGroup.allCases
        where wanted.contains(group.rawValue) || everything {
            Progress.note("\(group.rawValue) …")
            let others = Interference()
            do {
                try group.run(session)
            } catch {
                // One that fails must not cost the figures of the others.
                session.table.add(group.rawValue, "failed", target: "", measured: "\(error)")
                Progress.note("\(group.rawValue) failed: \(error)")
            }
            session.table.note(
                "\(group.rawValue): all else on the machine used"
                    + " \(Figure.percent(others.share)) of one core meanwhile."
            )
        }
        print(session.table.markdown(machine: Machine.current))
    }

    private func binaryURL() throws -> URL {
        let beside = Bundle.main.executableURL?.deletingLastPathComponent()
        let url =
            binary.map { URL(fileURLWithPath: $0) }
            ?? beside?.appendingPathComponent("botstats")
        guard let url, FileManager.default.isExecutableFile(atPath: url.path) else {
            throw ValidationError("There is no botstats program here; name it with --binary.")
        }
        return url
    }
}

/// What can be asked for by name.
enum BenchmarkGroup: String, CaseIterable {
    case ingest = "B1"
    case singleEvents = "B2"
    case acknowledgement = "B3"
    case usage = "B4"
    case year = "B5"
    case memory = "B6"
    case disk = "B7"
    case recovery = "B8"
    case bridge = "B9"
    case hostileMemory = "B10"

    /// Measures, and adds its rows to the session's table.
    func run(_ session: BenchmarkSession) throws {
        switch self {
        case .ingest: try session.measureIngest()
        case .singleEvents: try session.measureSingleEvents()
        case .acknowledgement: try session.measureAcknowledgement()
        case .usage: try session.measureUsage()
        case .year: try session.measureYear()
        case .memory: try session.measureMemory()
        case .disk: try session.measureDisk()
        case .recovery: try session.measureRecovery()
        case .bridge: try session.measureBridge()
        case .hostileMemory: try session.measureHostileMemory()
        }
    }
}
