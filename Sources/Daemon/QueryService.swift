internal import Access
internal import Core
internal import EventDecoding
internal import JSON
internal import LMDB
internal import Store
internal import Zones
internal import OperatorLog

/// JSON-RPC 2.0 over the query state: a request frame in, an answer frame out.
///
/// Every call of a frame is decided on its own: known, from whom, how often, allowed to whom, well
/// formed, about whose bots. That is the order in which it is refused.
struct QueryService: ~Copyable {
    /// The frames of an answer.
    struct Answer {
        var response: [UInt8]
        /// What is left of the credential's rate; nil where no limit applies.
        var rate: RateStatus?
        /// Whether the credential is good and not limited to some bots.
        var seesAllBots = false

        /// The frame for those who ask for the rate and for what the credential sees.
        var scopeFrame: [UInt8] {
            let scope = JSONValue.Member(name: "all_bots", value: .bool(seesAllBots))
            return JSONValue.object((rate?.members ?? []) + [scope]).serializedBytes()
        }

        /// The frame for those who ask for the rate.
        var rateFrame: [UInt8] { JSONValue.object(rate?.members ?? []).serializedBytes() }
    }

    let storage: Storage
    let board: IngestBoard
    let shedding: [Shedding]
    let zones: SystemZoneDatabase
    let defaultZone: String
    let started: UnixMilliseconds
    let clock: WallClock
    let version: String
    let log: Log
    private var access: AccessControl
    let reports: ReportDesk
    var state: QueryState
    private(set) var meter = QueryMeter()

    init(
        storage: Storage,
        board: IngestBoard,
        shedding: [Shedding],
        zones: SystemZoneDatabase,
        defaultZone: String,
        clock: WallClock,
        version: String,
        log: Log,
        access: AccessControl,
        reports: ReportDesk,
        state: consuming QueryState
    ) {
        self.storage = storage
        self.board = board
        self.shedding = shedding
        self.zones = zones
        self.defaultZone = defaultZone
        self.clock = clock
        self.version = version
        self.log = log
        self.access = access
        self.reports = reports
        self.state = state
        started = clock.now
    }

    /// Takes in the commits since the last call, so that few are left when a request comes.
    mutating func follow() {
        state.follow()
        if reports.wantsGround { reports.offer(state.ground) }
        for failure in access.maintain(now: clock.now) { log.error(failure.description) }
    }

    /// Uses a moment without questions; returns whether there is more to do.
    mutating func work() -> Bool {
        state.recordSome()
    }

    /// Stores what is still to be stored before the end.
    mutating func finish() {
        do throws(AccessFailure) { try access.finish() } catch { log.error(error.description) }
    }

    /// Answers a request frame; one that is no request is answered too.
    ///
    /// - Parameters:
    ///   - frame: The bytes of the request.
    ///   - credential: The value of an `Authorization` header; empty where there is none.
    /// - Returns: The bytes of the answer.
    mutating func answer(_ frame: [UInt8], credential: [UInt8]) -> Answer {
        let start = MonotonicClock.microseconds
        let request: JSONValue
        let calls: [JSONValue]
        do throws(RPCError) {
            request = try Self.parse(frame)
            calls = try Self.calls(of: request)
        } catch {
            let response = error.response(id: .null)
            let answer = Answer(response: response.serializedBytes())
            note(.null, response, since: start)
            return answer
        }
        let (responses, rate, seesAllBots) = answers(to: calls, credential: credential)
        let isBatch = request.arrayValue != nil
        let bytes =
            isBatch ? JSONValue.array(responses).serializedBytes() : responses[0].serializedBytes()
        for (call, response) in zip(calls, responses) { note(call, response, since: start) }
        return Answer(response: bytes, rate: rate, seesAllBots: seesAllBots)
    }

    /// Counts an answer that is on its way.
    private mutating func note(_ request: JSONValue, _ response: JSONValue, since start: Int64) {
        let method = request["method"]?.stringValue.flatMap(RPCMethod.init)
        let status = response["error"]?["data"]?["error"]?.stringValue ?? "ok"
        let took = MonotonicClock.microseconds - start
        meter.record(method, status, microseconds: took)
        let name = method?.name ?? "no method"
        let seconds = Double(took) / 1_000_000
        log.debug(
            "Answered \(name): \(status).",
            [
                "method": .string(name), "status": .string(status), "seconds": .double(seconds),
                "request_id": Self.shownID(of: request),
            ]
        )
    }

    /// The id of a request as the log has it: bounded.
    private static func shownID(of request: JSONValue) -> JSONValue {
        let id = RPCCall.identifier(of: request)
        return id.stringValue.map { .string(LogText.bounded($0)) } ?? id
    }

    /// Answers the calls of a frame, each decided on its own.
    private mutating func answers(
        to calls: [JSONValue],
        credential: [UInt8]
    ) -> (responses: [JSONValue], rate: RateStatus?, seesAllBots: Bool) {
        let now = clock.now
        var caller: Result<AccessControl.Caller, AccessRefusal>
        do throws(AccessRefusal) {
            caller = .success(try access.identify(credential, now: now))
        } catch {
            caller = .failure(error)
        }
        var rate: RateStatus?
        let admitted = calls.map { admit($0, caller, now: now, &rate) }
        let principal = (try? caller.get())?.principal
        return (answers(to: admitted, of: calls), rate, principal.map { $0.bots == nil } ?? false)
    }

    private static func parse(_ frame: [UInt8]) throws(RPCError) -> JSONValue {
        guard frame.count <= Limits.requestBytesMaximum else {
            throw .invalidRequest("A request has at most \(Limits.requestBytesMaximum) bytes.")
        }
        do throws(JSONValue.ParsingError) {
            return try JSONValue(parsing: frame)
        } catch {
            throw .notJSON
        }
    }

    private static func calls(of request: JSONValue) throws(RPCError) -> [JSONValue] {
        guard case .array(let batch) = request else { return [request] }
        guard !batch.isEmpty, batch.count <= Limits.requestBatchMaximum else {
            throw .invalidRequest("A batch has 1 to \(Limits.requestBatchMaximum) requests.")
        }
        return batch
    }

    // MARK: - The door

    /// A call that its caller may make; its parameters have not been looked at.
    struct Admission {
        var call: RPCCall
        /// nil for one without credential, where none is needed.
        var caller: AccessControl.Caller?
    }

    private mutating func admit(
        _ request: JSONValue,
        _ caller: Result<AccessControl.Caller, AccessRefusal>,
        now: UnixMilliseconds,
        _ rate: inout RateStatus?
    ) -> Result<Admission, RPCError> {
        do throws(RPCError) {
            let call = try RPCCall(request)
            do throws(AccessRefusal) {
                return .success(try admit(call, caller, now: now, &rate))
            } catch {
                if case .rateLimited(let status) = error { rate = status }
                let origin = (try? caller.get())?.principal.origin ?? error.origin
                audit(call, origin, error)
                throw RPCError.refused(error)
            }
        } catch {
            return .failure(error)
        }
    }

    private mutating func admit(
        _ call: RPCCall,
        _ caller: Result<AccessControl.Caller, AccessRefusal>,
        now: UnixMilliseconds,
        _ rate: inout RateStatus?
    ) throws(AccessRefusal) -> Admission {
        // Whether the daemon lives is nobody's secret; a bad credential is refused even here.
        if case .failure(.missingToken) = caller, call.method.permission == nil {
            return Admission(call: call, caller: nil)
        }
        let caller = try caller.get()
        if let status = try access.count(caller, now: now) { rate = status }
        if let permission = call.method.permission { try access.check(caller, permission) }
        return Admission(call: call, caller: caller)
    }

    /// Says who was refused what; never with which credential.
    func audit(
        _ call: RPCCall,
        _ origin: Principal.Origin?,
        _ refusal: AccessRefusal
    ) {
        var (subject, key) = (JSONValue.null, JSONValue.null)
        if case .token(let name) = origin { subject = .string(LogText.bounded(name)) }
        if case .key(let id) = origin { key = .string("\(id)") }
        let (method, who) = (call.method.name, Self.name(of: origin))
        log.audit(
            "Refused \(method) to \(who): \(refusal.status) \(refusal.token).",
            [
                "method": .string(method), "status": .integer(refusal.status),
                "error": .string(refusal.token), "subject": subject, "key": key,
                "request_id": Self.shownID(of: ["id": call.id]),
            ]
        )
    }

    /// Who asks, as a sentence of the log has it.
    static func name(of origin: Principal.Origin?) -> String {
        switch origin {
        case nil: "nobody known"
        case .anybody: "anybody"
        case .token(let subject): "subject \(LogText.quoted(subject))"
        case .key(let id): "key \(id)"
        }
    }

    // MARK: - Answers

    /// Answers what was admitted, from one snapshot.
    private mutating func answers(
        to admitted: [Result<Admission, RPCError>],
        of requests: [JSONValue]
    ) -> [JSONValue] {
        let allowed = admitted.compactMap { try? $0.get() }
        var problem: StoreError?
        if !allowed.isEmpty {
            do throws(StoreError) { try state.beginSnapshot() } catch { problem = error }
        }
        if problem == nil, allowed.contains(where: \.call.method.isRealtime) { state.recordAll() }
        var responses: [JSONValue] = []
        for (request, admission) in zip(requests, admitted) {
            do throws(RPCError) {
                let admission = try admission.get()
                if let problem { throw RPCError.unavailable(problem.description) }
                responses.append([
                    "jsonrpc": "2.0",
                    "id": admission.call.id,
                    "result": try result(of: admission),
                ])
            } catch {
                responses.append(error.response(id: RPCCall.identifier(of: request)))
            }
        }
        if !allowed.isEmpty, problem == nil { state.endSnapshot() }
        return responses
    }

    private mutating func result(of admission: Admission) throws(RPCError) -> JSONValue {
        let parameters = try admission.call.parameters()
        switch admission.call.method {
        case .keys(let method): return try keys(method, parameters)
        case .figures(let method): return try figures(method, parameters, admission)
        case .system(.metrics):
            try admission.call.refuseParameters(except: [])
            return ["text": .string(metrics())]
        case .system(.setLogLevel): return try setLogLevel(parameters, admission)
        case .reports(let method): return try reports(method, parameters, admission)
        }
    }

    private func setLogLevel(
        _ parameters: JSONValue?,
        _ admission: Admission
    ) throws(RPCError) -> JSONValue {
        let name = "level"
        guard let level = parameters?[name]?.stringValue.flatMap(LogLevel.init(rawValue:)) else {
            let message = "\(name) must be \(LogLevel.names)"
            throw .invalidParameter(ParameterError(parameter: name, message: message))
        }
        try admission.call.refuseParameters(except: [name])
        let previous = log.setLevel(level, by: Self.name(of: admission.caller?.principal.origin))
        return ["level": .string(level.rawValue), "previous": .string(previous.rawValue)]
    }

    private mutating func keys(
        _ method: APIKeyRequest.Method,
        _ parameters: JSONValue?
    ) throws(RPCError) -> JSONValue {
        let request: APIKeyRequest
        do throws(ParameterError) {
            request = try APIKeyRequest(method, parameters)
        } catch {
            throw .invalidParameter(error)
        }
        do throws(APIKeyFault) {
            return try access.perform(request, now: clock.now)
        } catch {
            switch error {
            case .notFound: throw .notFound(error.description)
            case .full, .storage: throw .unavailable(error.description)
            }
        }
    }

    private mutating func figures(
        _ method: QueryMethod,
        _ parameters: JSONValue?,
        _ admission: Admission
    ) throws(RPCError) -> JSONValue {
        let caller = admission.caller
        let plan: QueryPlan
        do throws(ParameterError) {
            plan = try QueryPlan.resolve(
                method: method,
                parameters: parameters,
                now: state.present,
                defaultZone: defaultZone,
                zones: zones,
                bots: caller?.principal.bots
            )
        } catch {
            throw .invalidParameter(error)
        }
        if method == .systemStatus {
            return status(withDetails: caller.map { access.allows($0, .figures) } ?? false)
        }
        if let bot = plan.bot, let principal = caller?.principal, !principal.maySee(bot) {
            audit(admission.call, principal.origin, .botAccessDenied)
            throw .refused(.botAccessDenied)
        }
        do throws(StoreError) {
            return try state.answer(plan)
        } catch {
            throw .unavailable(error.description)
        }
    }
}
