internal import Core
internal import Store
internal import ZeroMQ
internal import Zones

/// What the threads share, and what each of them runs.
final class DaemonParts: Sendable {
    let configuration: DaemonConfiguration
    let clock: WallClock
    let log: Log
    let context: Context
    let storage: Storage
    private let zones = SystemZoneDatabase()
    private let feed: CommitFeed
    private let board: IngestBoard
    private let recovery: Handover<Recovery>
    private let forQueries: Handover<(names: AnswerNames, realtime: RealtimeWindow)>

    init(_ configuration: DaemonConfiguration, clock: WallClock) throws(StoreError) {
        self.configuration = configuration
        self.clock = clock
        log = Log(clock: clock)
        guard let zone = zones.rules(named: configuration.timezone) else {
            throw .unknownZone(configuration.timezone)
        }
        do throws(ZeroMQError) {
            context = try Context()
        } catch {
            fatalError("ZeroMQ cannot start: \(error)")
        }
        storage = try Storage(configuration, zone: zone)
        if try storage.store.adoptSettings() {
            log.notice("Rollups were made anew: --session-timeout or --timezone changed.")
        }
        let snapshot = try StoreSnapshot(storage.store)
        let recovery = try Recovery(storage, snapshot: snapshot, now: clock.endOfSecond)
        snapshot.release()
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
        forQueries = Handover((recovery.names, recovery.realtime))
        self.recovery = Handover(recovery)
    }

    // MARK: - Ingest

    func runIngest(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let ingest = try Sockets.ingest(context, configuration.ingestEndpoint)
            let events = try Sockets.events(context, configuration.eventsEndpoint)
            let control = try Sockets.control(context, control)
            let endpoints = [Sockets.endpoint(of: ingest), Sockets.endpoint(of: events)]
            var loop = IngestLoop(
                recovery: recovery.take(),
                storage: storage,
                configuration: configuration,
                clock: clock,
                feed: feed,
                board: board,
                snapshot: try snapshot(),
                ingest: ingest,
                events: events,
                control: control
            )
            do throws(ZeroMQError) {
                // One turn before the daemon is ready: time has gone on since the last commit.
                try loop.turn()
                report.send(.success(endpoints))
                try loop.run()
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
            let queries = try Sockets.queries(context, configuration.queryEndpoint)
            let control = try Sockets.control(context, control)
            let endpoint = Sockets.endpoint(of: queries)
            let start = forQueries.take()
            let state: QueryState
            do throws(StoreError) {
                state = try QueryState(
                    storage: storage,
                    feed: feed,
                    board: board,
                    snapshot: try StoreSnapshot(storage.store),
                    names: start.names,
                    realtime: start.realtime
                )
            } catch {
                throw DaemonFailure.storage(error.description)
            }
            let service = QueryService(
                storage: storage,
                board: board,
                zones: zones,
                defaultZone: configuration.timezone,
                clock: clock,
                version: Daemon.version,
                state: state
            )
            var loop = QueryLoop(service: service, queries: queries, control: control)
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

    // MARK: - Flush

    func runFlush(control: String, _ report: StartReport<[String]>) {
        do throws(DaemonFailure) {
            let control = try Sockets.control(context, control)
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

    private func snapshot() throws(DaemonFailure) -> StoreSnapshot {
        do throws(StoreError) {
            return try StoreSnapshot(storage.store)
        } catch {
            throw .storage(error.description)
        }
    }
}
