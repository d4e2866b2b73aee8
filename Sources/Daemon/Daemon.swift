internal import Core
internal import Glibc
internal import JSON
internal import Store
internal import ZeroMQ
internal import Zones
public import OperatorLog

/// The daemon: threads around a journal and a store.
///
/// | thread | does |
/// |---|---|
/// | ingest | receive, decode, fold, commit to the journal, publish, acknowledge |
/// | flush | add commits to the store |
/// | query | request, plan, snapshot, answer; the live figures of each second |
/// | live | send live figures to their subscribers |
/// | admission | with CURVE: says whose key may connect |
/// | reports (2) | make reports |
/// | memory | close connections where they hold too much |
public final class Daemon {
    /// The program's version.
    public static let version = "1.0.0"

    /// Where the SUB socket is bound, with the port the system chose.
    public private(set) var eventsEndpoint = ""
    /// Where the ingest socket is bound, with the port the system chose.
    public private(set) var ingestEndpoint = ""
    /// Where the query socket is bound, with the port the system chose.
    public private(set) var queryEndpoint = ""
    /// Where the live PUB socket is bound, with the port the system chose.
    public private(set) var liveEndpoint = ""

    private static let ingestControl = "inproc://ingest-control"
    private static let queryControl = "inproc://query-control"
    private static let liveControl = "inproc://live-control"

    private let parts: DaemonParts
    private var threads: [(thread: DedicatedThread, control: String)] = []

    /// Starts a daemon; it serves when this returns.
    ///
    /// - Parameters:
    ///   - configuration: Everything it can be told.
    ///   - clock: The time of day.
    /// - Throws: ``DaemonFailure``.
    public init(
        _ configuration: DaemonConfiguration,
        clock: WallClock = .system
    ) throws(DaemonFailure) {
        let problems = configuration.problems
        guard problems.isEmpty else { throw .configuration(problems) }
        let curve = try CurveDoor(configuration.curve)
        Self.raiseFileLimit()
        do throws(StoreError) {
            parts = try DaemonParts(configuration, clock: clock, curve: curve)
        } catch {
            throw .storage(error.description)
        }
        do throws(DaemonFailure) {
            // Before any socket is bound, or a peer might be admitted that nobody was asked about.
            if let curve { try startAdmission(curve) }
            try startFlush()
            try startQueries()
            try startIngest()
            try startLive()
            for number in 1...Limits.reportThreads { try startReports(number) }
            if configuration.memoryLimitBytes > 0 { try startMemoryGuard() }
        } catch {
            stop()
            throw error
        }
    }

    /// Stops cleanly: what has arrived is committed and acknowledged, then the store is closed.
    public func stop() {
        parts.stopReports()
        // The last to start stops first: ingest commits, then the store takes it over.
        for (thread, endpoint) in threads.reversed() {
            try? LoopControl(parts.context, endpoint).send(.stop)
            thread.join()
        }
        threads = []
        parts.finishRebuilding()
    }

    /// Writes what an operator waits for: a line for each endpoint.
    public func announce() {
        for (socket, name, endpoint) in [
            ("events", "Events (SUB)", eventsEndpoint),
            ("ingest", "Ingest (ROUTER)", ingestEndpoint),
            ("queries", "Queries (ROUTER)", queryEndpoint),
            ("live", "Live (PUB)", liveEndpoint),
        ] {
            parts.log.notice(
                "\(name) on \(endpoint)",
                ["socket": .string(socket), "endpoint": .string(endpoint)]
            )
        }
        if !parts.clock.isPlausible {
            parts.log.error(
                "The system's clock says \(parts.clock.now / 1_000) seconds since 1970; set it, "
                    + "or events are rejected."
            )
        }
        let store = parts.storage.journal.identity
        parts.log.notice("Ready, store \(store).", ["store": .string("\(store)")])
    }

    /// The daemon's log, for those who handle signals.
    public var log: Log { parts.log }

    /// Every connection is a file, and a ROUTER of libzmq 4.3.4 spins when there are none left.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    // MARK: - Threads

    private func startAdmission(_ curve: CurveDoor) throws(DaemonFailure) {
        let control = "inproc://admission-control"
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "admission") { [parts] in
            parts.runAdmission(curve, control: control, report)
        }
        _ = try started(report, thread)
        threads.append((thread, control))
    }

    private func startIngest() throws(DaemonFailure) {
        let control = Self.ingestControl
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "ingest") { [parts] in
            parts.runIngest(control: control, report)
        }
        let endpoints = try started(report, thread)
        threads.append((thread, control))
        ingestEndpoint = endpoints[0]
        eventsEndpoint = endpoints[1]
    }

    private func startQueries() throws(DaemonFailure) {
        let control = Self.queryControl
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "query") { [parts] in
            parts.runQueries(control: control, report)
        }
        queryEndpoint = try started(report, thread)[0]
        threads.append((thread, control))
    }

    private func startLive() throws(DaemonFailure) {
        let control = Self.liveControl
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "live") { [parts] in
            parts.runLive(control: control, report)
        }
        liveEndpoint = try started(report, thread)[0]
        threads.append((thread, control))
    }

    private func startFlush() throws(DaemonFailure) {
        let control = "inproc://flush-control"
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "flush") { [parts] in
            parts.runFlush(control: control, report)
        }
        _ = try started(report, thread)
        threads.append((thread, control))
    }

    private func startReports(_ number: Int) throws(DaemonFailure) {
        let control = "inproc://report-control-\(number)"
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "reports-\(number)") { [parts] in
            parts.runReports(control: control, report)
        }
        _ = try started(report, thread)
        threads.append((thread, control))
    }

    private func startMemoryGuard() throws(DaemonFailure) {
        let control = "inproc://memory-control"
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "memory") { [parts] in
            parts.runMemoryGuard(
                control: control,
                ingest: Self.ingestControl,
                queries: Self.queryControl,
                live: Self.liveControl,
                report
            )
        }
        _ = try started(report, thread)
        threads.append((thread, control))
    }

    private func started(
        _ report: StartReport<[String]>,
        _ thread: DedicatedThread
    ) throws(DaemonFailure) -> [String] {
        switch report.wait() {
        case .success(let endpoints): return endpoints
        case .failure(let failure):
            thread.join()
            throw failure
        }
    }
}
