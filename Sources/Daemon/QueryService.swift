internal import Core
internal import EventDecoding
internal import JSON
internal import LMDB
internal import Store
internal import Zones

/// JSON-RPC 2.0 over the query state: a request frame in, an answer frame out.
struct QueryService: ~Copyable {
    private let storage: Storage
    private let board: IngestBoard
    private let zones: SystemZoneDatabase
    private let defaultZone: String
    private let started: UnixMilliseconds
    private let clock: WallClock
    private let version: String
    private var state: QueryState

    init(
        storage: Storage,
        board: IngestBoard,
        zones: SystemZoneDatabase,
        defaultZone: String,
        clock: WallClock,
        version: String,
        state: consuming QueryState
    ) {
        self.storage = storage
        self.board = board
        self.zones = zones
        self.defaultZone = defaultZone
        self.clock = clock
        self.version = version
        self.state = state
        started = clock.now
    }

    /// Takes in the commits since the last call, so that few are left when a request comes.
    mutating func follow() { state.follow() }

    /// Uses a moment without questions; returns whether there is more to do.
    mutating func work() -> Bool {
        state.recordSome()
    }

    /// Answers a request frame; one that is no request is answered too.
    ///
    /// - Parameter frame: The bytes of the request.
    /// - Returns: The bytes of the answer.
    mutating func answer(_ frame: [UInt8]) -> [UInt8] {
        guard frame.count <= Limits.requestBytesMaximum else {
            let limit = Limits.requestBytesMaximum
            return RPCError.invalidRequest("A request has at most \(limit) bytes.")
                .response(id: .null).serializedBytes()
        }
        let request: JSONValue
        do throws(JSONValue.ParsingError) {
            request = try JSONValue(parsing: frame)
        } catch {
            return RPCError.notJSON.response(id: .null).serializedBytes()
        }
        do throws(StoreError) {
            try state.beginSnapshot()
        } catch {
            return RPCError.unavailable(error.description).response(id: .null).serializedBytes()
        }
        defer { state.endSnapshot() }
        if request.asksForRealtime { state.recordAll() }
        guard case .array(let batch) = request else {
            return answer(to: request).serializedBytes()
        }
        guard !batch.isEmpty, batch.count <= Limits.requestBatchMaximum else {
            let limit = Limits.requestBatchMaximum
            return RPCError.invalidRequest("A batch has 1 to \(limit) requests.")
                .response(id: .null).serializedBytes()
        }
        var answers: [JSONValue] = []
        for request in batch { answers.append(answer(to: request)) }
        return JSONValue.array(answers).serializedBytes()
    }

    private mutating func answer(to request: JSONValue) -> JSONValue {
        let id = request["id"]
        do throws(RPCError) {
            let call = try RPCCall(request)
            return [
                "jsonrpc": "2.0",
                "id": call.id,
                "result": try result(of: call),
            ]
        } catch {
            return error.response(id: RPCCall.isIdentifier(id) ? id ?? .null : .null)
        }
    }

    private mutating func result(of call: RPCCall) throws(RPCError) -> JSONValue {
        let plan: QueryPlan
        do throws(ParameterError) {
            plan = try QueryPlan.resolve(
                method: call.method,
                parameters: call.parameters,
                now: state.present,
                defaultZone: defaultZone,
                zones: zones
            )
        } catch {
            throw .invalidParameter(error)
        }
        if call.method == .systemStatus { return status() }
        do throws(StoreError) {
            return try state.answer(plan)
        } catch {
            throw .unavailable(error.description)
        }
    }

    // MARK: - Status

    private mutating func status() -> JSONValue {
        let report = board.current
        var rejected: [JSONValue.Member] = []
        for code in RejectionCode.allCases {
            rejected.append(
                JSONValue.Member(
                    name: code.name,
                    value: .integer(Int64(report.counts.rejected[Int(code.rawValue)]))
                )
            )
        }
        return [
            "version": .string(version),
            "uptime_seconds": .double(Double(clock.now - started) / 1_000),
            "store": .string(storage.journal.identity.description),
            "incarnation": .integer(Int64(storage.journal.incarnation)),
            "store_bytes": .integer(
                Int64(
                    storage.store.environment.usedBytes + storage.journal.environment.usedBytes
                )
            ),
            "events_accepted": .integer(Int64(report.counts.accepted)),
            "events_duplicate": .integer(Int64(report.counts.duplicate)),
            "events_rejected": .object(rejected),
            "events_dropped": .integer(Int64(clamping: report.dropped)),
            "events_unattached": .integer(state.unattachedCount()),
            "events_unfolded": .integer(Int64(state.unfoldedEventCount)),
            "messages_malformed": .integer(Int64(report.malformed)),
            "replies_undelivered": .integer(Int64(report.undelivered)),
            "commit_latency_seconds": commitLatency(report),
            "commit_failure": report.failure.map { .string($0) } ?? .null,
            "oldest_reader_commits": .integer(
                Int64(storage.store.environment.information.oldestReaderLag)
            ),
            "publishers": .integer(Int64(report.publishers)),
            "producers": .array(producers(report)),
        ]
    }

    private func commitLatency(_ report: IngestReport) -> JSONValue {
        var commits = DistributionAccumulator(.response)
        commits.add(report.commitMicroseconds)
        func seconds(_ value: Double?) -> JSONValue {
            value.map { .double($0 / 1_000_000) } ?? .null
        }
        let average = commits.count == 0 ? nil : Double(commits.sum) / Double(commits.count)
        return [
            "count": .integer(commits.count),
            "avg": seconds(average),
            "p50": seconds(commits.quantile(0.5)),
            "p99": seconds(commits.quantile(0.99)),
            "max": seconds(commits.maximum),
        ]
    }

    /// The producers heard of last, at most a thousand.
    private func producers(_ report: IngestReport) -> [JSONValue] {
        let calendar = LocalCalendar(rules: .utc)
        let latest = report.producers.sorted {
            $0.value.lastCommit != $1.value.lastCommit
                ? $0.value.lastCommit > $1.value.lastCommit : $0.key < $1.key
        }
        return latest.prefix(1_000).map { name, producer in
            [
                "producer": .string("\(name)"),
                "epoch": .integer(Int64(producer.epoch)),
                "committed_seq": .integer(Int64(producer.committed)),
                "checkpoint": producer.checkpoint.map { .string($0) } ?? .null,
                "last_commit": .string(calendar.text(of: producer.lastCommit)),
            ]
        }
    }
}
