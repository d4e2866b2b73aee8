internal import CPlatform
internal import Core
internal import Glibc
internal import JSON
internal import OperatorLog
internal import Reports
internal import Store
internal import ZeroMQ
internal import Zones

/// Makes reports, one after the other, on a thread and with a snapshot of its own.
///
/// Neither ingest nor queries wait for it: all it takes from them is a copy of the state that the
/// store does not contain yet.
struct ReportWorker: ~Copyable {
    /// How often it looks whether there is something to do.
    private static let tick = Duration.milliseconds(50)
    /// How often it looks for what has expired.
    private static let expiryMicroseconds: Int64 = 60_000_000

    private let desk: ReportDesk
    private let storage: Storage
    private let zones: SystemZoneDatabase
    private let snapshot: StoreSnapshot
    private let log: Log
    private let control: Socket

    init(
        desk: ReportDesk,
        storage: Storage,
        zones: SystemZoneDatabase,
        snapshot: StoreSnapshot,
        log: Log,
        control: consuming Socket
    ) {
        self.desk = desk
        self.storage = storage
        self.zones = zones
        self.snapshot = snapshot
        self.log = log
        self.control = control
    }

    /// Runs until the control socket says stop.
    func run() throws(ZeroMQError) {
        // Whoever waits for an ACK or an answer goes first.
        botstats_lower_priority(5)
        var nextExpiry: Int64 = 0
        var isBusy = false
        while try Poller.poll(control, timeout: isBusy ? .zero : Self.tick).isEmpty {
            if MonotonicClock.microseconds >= nextExpiry {
                nextExpiry = MonotonicClock.microseconds + Self.expiryMicroseconds
                note { () throws(StoreError) in try desk.expire() }
            }
            isBusy = false
            guard let record = desk.take() else { continue }
            isBusy = true
            try make(record)
        }
    }

    /// Why there is no report yet.
    private enum Problem: Error {
        /// The daemon stops; the report is made after the next start.
        case stopped
        case failed(String)
    }

    private func make(_ record: ReportRecord) throws(ZeroMQError) {
        let start = MonotonicClock.microseconds
        do throws(Problem) {
            var done = record
            let (file, data) = try render(&done)
            do throws(StoreError) {
                try desk.complete(done, file, data)
            } catch {
                throw .failed(error.description)
            }
            let seconds = Double(MonotonicClock.microseconds - start) / 1_000_000
            log.info(
                "Made report \(record.id), \(file.count) bytes.",
                [
                    "report": .string("\(record.id)"), "bytes": .integer(Int64(file.count)),
                    "seconds": .double(seconds),
                ]
            )
        } catch {
            switch error {
            case .stopped: desk.giveBack(record.id)
            case .failed(let reason):
                log.error("Report \(record.id) failed: \(reason)")
                note { () throws(StoreError) in try desk.fail(record.id, reason) }
            }
        }
    }

    /// Does something whose failure only the operator can mend.
    private func note(_ body: () throws(StoreError) -> Void) {
        do throws(StoreError) {
            try body()
        } catch {
            log.error("Reports cannot be stored: \(error)")
        }
    }

    private func render(
        _ record: inout ReportRecord
    ) throws(Problem) -> (file: [UInt8], data: [UInt8]) {
        let request: ReportRequest
        do throws(ParameterError) {
            request = try ReportRequest(
                record.asked,
                now: record.asOf,
                defaultZone: record.zone,
                zones: zones,
                bots: record.bots
            )
        } catch {
            // It could be resolved when it was asked for.
            throw .failed("It cannot be made any more: \(error.message).")
        }
        let figures = try figures(of: request, record.id)
        let file: [UInt8]
        do throws(ReportFailure) {
            file = try ReportRenderer(request, figures).render()
        } catch {
            throw .failed(error.description)
        }
        guard file.count <= Limits.reportBytesMaximum else {
            throw .failed(
                "It has \(file.count) bytes, more than the \(Limits.reportBytesMaximum) that a "
                    + "report may have; shorten the range or group it more coarsely."
            )
        }
        desk.setProgress(90, of: record.id)
        record.status = .completed
        record.dataVersion = figures.dataVersion
        record.sha256 = ReportFigures.digest(file)
        let data = figures.data.serializedBytes()
        record.sizeBytes = file.count
        record.dataBytes = data.count
        // It would be let go at once, and all others with it.
        guard record.storedBytes <= desk.budgetBytes else {
            throw .failed(
                "It takes \(record.storedBytes) bytes, more than the \(desk.budgetBytes) that all "
                    + "reports may take; shorten the range, group it more coarsely or raise "
                    + "--report-budget."
            )
        }
        return (file, data)
    }

    /// The answers to the report's plans, all from one snapshot.
    private func figures(
        of request: ReportRequest,
        _ id: UUID128
    ) throws(Problem) -> ReportFigures {
        let reader = try reader()
        defer {
            snapshot.release()
            snapshot.tail = []
        }
        var answers: [(method: String, answer: JSONValue)] = []
        for (index, plan) in request.plans.enumerated() {
            guard !desk.stopping.isSet else { throw .stopped }
            desk.setProgress(5 + 65 * index / request.plans.count, of: id)
            do throws(StoreError) {
                answers.append((plan.method.rawValue, try reader.answer(plan)))
            } catch {
                throw .failed(error.description)
            }
        }
        desk.setProgress(70, of: id)
        return ReportFigures(answers)
    }

    /// A view of the present state.
    ///
    /// The commits that the store may lack come first, its snapshot then: one that it takes over in
    /// between is passed over. Where it has taken over later ones too, both are too far apart, and
    /// it is tried again.
    private func reader() throws(Problem) -> FigureReader {
        while true {
            guard let ground = try nextGround() else { continue }
            do throws(StoreError) { try snapshot.renew() } catch {
                throw .failed(error.description)
            }
            guard snapshot.position.commit <= ground.commit else {
                snapshot.release()
                continue
            }
            snapshot.tail = ground.tail
            snapshot.cutoffs = storage.store.cutoffs(now: ground.now)
            return FigureReader(
                storage: storage,
                snapshot: snapshot,
                names: ground.names,
                now: ground.now,
                dataVersion: ground.dataVersion,
                lastCommit: ground.lastCommit
            )
        }
    }

    /// The state that the query thread leaves; nil where it has not yet.
    private func nextGround() throws(Problem) -> ReportGround? {
        guard !desk.stopping.isSet else { throw .stopped }
        if let ground = desk.takeGround() { return ground }
        // Ten looks in the tick of the query thread while nobody asks it anything.
        usleep(10_000)
        return nil
    }
}
