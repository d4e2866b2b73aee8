internal import Access
internal import CPlatform
internal import Core
internal import Store
internal import ZeroMQ
internal import Zones
internal import OperatorLog

/// What the threads share, and what each of them runs.
final class DaemonParts: Sendable {
    let configuration: DaemonConfiguration
    let clock: WallClock
    let log: Log
    let context: Context
    let storage: Storage
    private let sockets: Sockets
    private let zones = SystemZoneDatabase()
    private let stopping = StopFlag()
    private let rebuilding: DedicatedThread
    private let feed: CommitFeed
    private let board: IngestBoard
    private let ingestShedding = Shedding()
    private let queryShedding = Shedding()
    private let live = LiveBoard()
    private let liveShedding = Shedding()
    private let reports: ReportDesk
    private let recovery: Handover<Recovery>
    private let forQueries: Handover<(names: AnswerNames, realtime: StartReport<RealtimeWindow>)>

    init(
        _ configuration: DaemonConfiguration,
        clock: WallClock,
        curve: CurveDoor?
    ) throws(StoreError) {
        self.configuration = configuration
        self.clock = clock
        log = Log(format: configuration.logFormat, level: configuration.logLevel) { clock.now }
        guard let zone = zones.rules(named: configuration.timezone) else {
            throw .unknownZone(configuration.timezone)
        }
        do throws(ZeroMQError) {
            context = try Context()
        } catch {
            fatalError("ZeroMQ cannot start: \(error)")
        }
        sockets = Sockets(context: context, curve: curve)
        storage = try Storage(configuration, zone: zone)
        reports = try ReportDesk(configuration, clock: clock)
        if try storage.store.adoptSettings() {
            log.notice(
                "Rollups were made anew: --session-timeout, --timezone or the format changed."
            )
        }
        let now = clock.endOfSecond
        let window = StartReport<RealtimeWindow>()
        // Not waited for: with millions of messages in the last hour it takes seconds, and only
        // questions about realtime need it.
        let started = StartReport<Void>()
        rebuilding = DedicatedThread(name: "realtime") { [storage, stopping] in
            window.send(
                Result { () throws(DaemonFailure) in
                    try Self.realtime(storage, now: now, started, stopping)
                }
            )
            botstats_release_mapping(storage.directory.storePath + "/data.mdb")
        }
        let snapshot = try StoreSnapshot(storage.store)
        let recovery = try Recovery(storage, snapshot: snapshot)
        snapshot.release()
        // Its snapshot must be as old as this one: the commits of the tail come to the window by
        // themselves, and the store takes them over as soon as its thread runs.
        _ = started.wait()
        // What was read to get here is not needed again soon.
        botstats_release_mapping(storage.directory.storePath + "/data.mdb")
        feed = CommitFeed(
            now: recovery.fold.position.now,
            folded: recovery.folded,
            tail: recovery.tail,
            lastCommit: recovery.counts.lastCommit == 0 ? nil : recovery.counts.lastCommit
        )
        var report = IngestReport()
        report.producers = recovery.producers
        report.counts = recovery.counts
        board = IngestBoard(report)
        forQueries = Handover((recovery.names, window))
        self.recovery = Handover(recovery)
    }

    private static func realtime(
        _ storage: Storage,
        now: UnixMilliseconds,
        _ started: StartReport<Void>,
        _ stopping: StopFlag
    ) throws(DaemonFailure) -> RealtimeWindow {
        defer { started.send(.success(())) }
        do throws(StoreError) {
            let directory = try storage.store.directory()
            let snapshot = try StoreSnapshot(storage.store)
            try snapshot.renew()
            started.send(.success(()))
            let window = RealtimeWindow(directory, snapshot, now: now) { stopping.isSet }
            if let failure = snapshot.failure { throw failure }
            return window
        } catch {
            throw .storage(error.description)
        }
    }

    /// Waits for the thread that rebuilds the window, when no other runs any more: it holds the
    /// store, which another daemon may want to open next.
    func finishRebuilding() {
        stopping.set()
        rebuilding.join()
    }

    // MARK: - Admission

    func runAdmission(_ curve: CurveDoor, control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let requests = try sockets.admission()
            let control = try sockets.control(control)
            var loop = ZAPLoop(
                door: curve,
                board: board,
                log: log,
                requests: requests,
                control: control
            )
            report.send(.success([]))
            do throws(ZeroMQError) {
                try loop.run()
            } catch {
                fatalError("The ZAP handler's socket failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    // MARK: - Ingest

    func runIngest(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let ingest = try sockets.ingest(configuration.ingestEndpoint)
            let events = try sockets.events(configuration.eventsEndpoint)
            let control = try sockets.control(control)
            let endpoints = [Sockets.endpoint(of: ingest), Sockets.endpoint(of: events)]
            var loop = IngestLoop(
                recovery: recovery.take(),
                storage: storage,
                configuration: configuration,
                clock: clock,
                feed: feed,
                board: board,
                log: log,
                snapshot: try snapshot(),
                rights: PublisherRights(sockets.curve),
                ingest: ingest,
                events: events,
                orders: LoopOrders(
                    control: control,
                    sockets: sockets,
                    shedding: ingestShedding
                )
            )
            do throws(ZeroMQError) {
                // One turn before the daemon is ready: time has gone on since the last commit.
                try loop.turn()
                report.send(.success(endpoints))
                try loop.run()
                board.update { $0.isServing = false }
            } catch {
                fatalError("The ingest socket failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    // MARK: - Queries

    func runQueries(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let queries = try sockets.queries(configuration.queryEndpoint)
            let control = try sockets.control(control)
            let endpoint = Sockets.endpoint(of: queries)
            let access = try accessControl()
            let start = forQueries.take()
            let state: QueryState
            do throws(StoreError) {
                state = try QueryState(
                    storage: storage,
                    feed: feed,
                    board: board,
                    snapshot: try StoreSnapshot(storage.store),
                    names: start.names,
                    realtime: start.realtime,
                    live: live,
                    now: clock.endOfSecond
                )
            } catch {
                throw DaemonFailure.storage(error.description)
            }
            let service = QueryService(
                storage: storage,
                board: board,
                shedding: [ingestShedding, queryShedding, liveShedding],
                zones: zones,
                defaultZone: configuration.timezone,
                clock: clock,
                version: Daemon.version,
                log: log,
                access: access,
                reports: reports,
                state: state
            )
            var loop = QueryLoop(
                service: service,
                queries: queries,
                orders: LoopOrders(
                    control: control,
                    sockets: sockets,
                    shedding: queryShedding
                )
            )
            report.send(.success([endpoint]))
            do throws(ZeroMQError) {
                try loop.run()
            } catch {
                fatalError("The query socket failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    private func accessControl() throws(DaemonFailure) -> AccessControl {
        do throws(AccessFailure) {
            return try AccessControl(
                configuration.access,
                dataDirectory: configuration.dataDirectory
            )
        } catch {
            throw .access(error.description)
        }
    }

    // MARK: - Live

    func runLive(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let publisher = try sockets.live(configuration.liveEndpoint)
            let control = try sockets.control(control)
            let endpoint = Sockets.endpoint(of: publisher)
            var loop = LiveLoop(
                board: live,
                door: sockets.curve,
                publisher: publisher,
                orders: LoopOrders(
                    control: control,
                    sockets: sockets,
                    shedding: liveShedding
                )
            )
            report.send(.success([endpoint]))
            do throws(ZeroMQError) {
                try loop.run()
            } catch {
                fatalError("The live socket failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    // MARK: - Flush

    func runFlush(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let control = try sockets.control(control)
            var loop = FlushLoop(storage: storage, feed: feed, log: log, control: control)
            report.send(.success([]))
            do throws(ZeroMQError) {
                try loop.run()
            } catch {
                fatalError("The flush thread's control socket failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    // MARK: - Reports

    func runReports(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let worker = ReportWorker(
                desk: reports,
                storage: storage,
                zones: zones,
                snapshot: try snapshot(),
                log: log,
                control: try sockets.control(control)
            )
            report.send(.success([]))
            do throws(ZeroMQError) {
                try worker.run()
            } catch {
                fatalError("The control socket of a thread for reports failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    /// Has reports that are being made given up: they are made after the next start.
    func stopReports() { reports.stopping.set() }

    // MARK: - Memory

    func runMemoryGuard(
        control: String,
        ingest: String,
        queries: String,
        live: String,
        _ report: StartReport<[String]>
    ) {
        do throws(DaemonFailure) {
            let control = try sockets.control(control)
            report.send(.success([]))
            do throws(ZeroMQError) {
                var memory = MemoryGuard(
                    limitBytes: configuration.memoryLimitBytes,
                    loops: [
                        (ingestShedding, try LoopControl(context, ingest)),
                        (queryShedding, try LoopControl(context, queries)),
                        (liveShedding, try LoopControl(context, live)),
                    ],
                    log: log,
                    control: control
                )
                try memory.run()
            } catch {
                fatalError("The guard of memory failed: \(error)")
            }
        } catch {
            report.send(.failure(error))
        }
    }

    private func snapshot() throws(DaemonFailure) -> StoreSnapshot {
        do throws(StoreError) {
            return try StoreSnapshot(storage.store)
        } catch {
            throw .storage(error.description)
        }
    }
}
