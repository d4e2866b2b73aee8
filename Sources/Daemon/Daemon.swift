internal import Core
internal import Glibc
internal import Store
internal import ZeroMQ
internal import Zones

/// The daemon: its threads around a journal and a store.
///
/// | thread | does |
/// |---|---|
/// | ingest | receive, decode, fold, commit to the journal, publish, acknowledge |
/// | flush | add commits to the store |
/// | query | request, plan, snapshot, answer |
/// | admission | with CURVE: says whose key may connect |
public final class Daemon {
    /// The program's version.
    public static let version = "1.0.0"

    /// Where the SUB socket is bound, with the port the system chose.
    public private(set) var eventsEndpoint = ""
    /// Where the ingest socket is bound, with the port the system chose.
    public private(set) var ingestEndpoint = ""
    /// Where the query socket is bound, with the port the system chose.
    public private(set) var queryEndpoint = ""

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
        } catch {
            stop()
            throw error
        }
    }

    /// Stops cleanly: what has arrived is committed and acknowledged, then the store is closed.
    public func stop() {
        // The last to start stops first: ingest commits, then the store takes it over.
        for (thread, endpoint) in threads.reversed() {
            if let control = try? Socket(context: parts.context, type: .push) {
                try? control.connect(endpoint)
                _ = try? control.send("stop")
            }
            thread.join()
        }
        threads = []
        parts.finishRebuilding()
    }

    /// Writes what an operator waits for: a line for each endpoint.
    public func announce() {
        parts.log.notice("Events (SUB) on \(eventsEndpoint)")
        parts.log.notice("Ingest (ROUTER) on \(ingestEndpoint)")
        parts.log.notice("Queries (ROUTER) on \(queryEndpoint)")
        if !parts.clock.isPlausible {
            parts.log.error(
                "The system's clock says \(parts.clock.now / 1_000) seconds since 1970; set it, "
                    + "or events are rejected."
            )
        }
        parts.log.notice("Ready, store \(parts.storage.journal.identity).")
    }

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
        let control = "inproc://ingest-control"
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
        let control = "inproc://query-control"
        let report = StartReport<[String]>()
        let thread = DedicatedThread(name: "query") { [parts] in
            parts.runQueries(control: control, report)
        }
        queryEndpoint = try started(report, thread)[0]
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
