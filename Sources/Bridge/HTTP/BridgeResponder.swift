internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore
internal import OperatorLog

/// Answers requests: route, checks of the bridge, the daemon's answer, what the client takes.
struct BridgeResponder: HTTPResponder {
    typealias Context = ConnectionContext

    let configuration: BridgeConfiguration
    let gateway: QueryGateway
    let operation: OperationPages
    let metrics: BridgeMetrics
    let log: Log
    let crossOrigin: CrossOrigin
    let streams: StreamHub
    let ids = RequestIDs()

    func respond(to request: Request, context: ConnectionContext) async -> Response {
        let began = ContinuousClock.now
        let head = RequestHead(request, ids: ids)
        let found = Routes.find(String(head.path))
        metrics.begin()
        let reply = await reply(to: head, found, request, context)
        let response = ReplyWriter(head: head, crossOrigin: crossOrigin, streams: streams)
            .response(to: reply)
        let took = ContinuousClock.now - began
        metrics.end(
            path: found?.route.template ?? "other",
            method: head.method.rawValue,
            status: response.status.code,
            took: took
        )
        let size = response.headers[.contentLength] ?? "0"
        log.access(
            "\(head.method.rawValue) \(head.logged) \(response.status.code) \(size) B "
                + "\(took.inMilliseconds) ms \(head.id)",
            [
                "method": .string(head.method.rawValue), "target": .string(head.logged),
                "status": .integer(Int64(response.status.code)),
                "bytes": .integer(Int64(size) ?? 0),
                "seconds": .double(took / .seconds(1)), "request_id": .string(head.id),
            ]
        )
        return response
    }

    /// The refusals come in the API's order: 404, 405, 413, then whatever the daemon says.
    private func reply(
        to head: RequestHead,
        _ found: (route: Route, identifier: Substring?)?,
        _ request: Request,
        _ context: ConnectionContext
    ) async -> Reply {
        guard let (route, identifier) = found else {
            discardBody(of: head, context)
            return Reply(.notFound(String(head.path)))
        }
        if head.method == .options {
            discardBody(of: head, context)
            return preflight(route)
        }
        guard let action = route.action(for: head.method) else {
            discardBody(of: head, context)
            var reply = Reply(.methodNotAllowed(head.method.rawValue, route.allow))
            reply.fields[.allow] = route.allow
            return reply
        }
        let body: ByteBuffer
        do throws(ErrorBody) {
            body = try await self.body(of: request, head, context)
        } catch {
            return Reply(error)
        }
        switch action {
        case .query(let method): return await ask(method, head, identifier, body, isKept: true)
        case .present(let method): return await ask(method, head, identifier, body, isKept: false)
        case .stream(let method): return await listen(method, head, context)
        case .createReport: return await createReport(head, body)
        case .report: return await report(head, identifier)
        case .health: return await operation.health()
        case .readiness: return await operation.readiness()
        case .metrics: return await operation.metrics()
        case .asset(let asset): return Reply(asset)
        }
    }

    func ask(
        _ method: String,
        _ head: RequestHead,
        _ identifier: Substring?,
        _ body: ByteBuffer,
        isKept: Bool
    ) async -> Reply {
        let parameters: JSONValue
        do throws(ErrorBody) {
            parameters = try RequestParameters.read(
                query: head.query,
                identifier: identifier,
                body: head.method == .post ? body : nil,
                idempotencyKey: head.method == .post ? head.fields[.idempotencyKey] : nil
            )
        } catch {
            return await refuse(error, method, head)
        }
        return Reply(await gateway.ask(inquiry(method, parameters, head)), isKept: isKept)
    }

    /// Opens a stream for whom the daemon answers, with the answer as its first event.
    private func listen(
        _ method: String,
        _ head: RequestHead,
        _ context: ConnectionContext
    ) async -> Reply {
        let parameters: JSONValue
        do throws(ErrorBody) {
            parameters = try RequestParameters.read(query: head.query, identifier: nil, body: nil)
        } catch {
            return await refuse(error, method, head)
        }
        var question = inquiry(method, parameters, head)
        question.word = .scope
        let outcome = await gateway.ask(question)
        var reply = Reply(outcome, isKept: false)
        guard reply.status == 200 else { return reply }
        let answer = reply.body
        reply.contentType = "text/event-stream"
        reply.fields[.accelBuffering] = "no"
        reply.source = .events(nil)
        reply.body = ByteBuffer()
        guard head.method == .get else {
            context.closeSoon()
            return reply
        }
        let listener = StreamListener(lastID: head.fields[.lastEventID]) { context.close() }
        _ = listener.send(.retry)
        _ = listener.send(StreamEvent(figures: answer.readableBytesView))
        do throws(ErrorBody) {
            let topic = LiveTopic.topic(of: parameters, outcome)
            reply.source = .events(try streams.join(listener, question, topic: topic))
        } catch {
            return Reply(error)
        }
        return reply
    }

    /// Answers with a refusal of the bridge's own, unless the daemon has one that comes before it.
    ///
    /// Who has no credential, too many requests or no role is told that first, and the request
    /// counts in the caller's rate. The daemon cannot grant what it is asked with null.
    func refuse(_ error: ErrorBody, _ method: String, _ head: RequestHead) async -> Reply {
        var reply = Reply(await gateway.ask(inquiry(method, .null, head)), isKept: false)
        guard reply.status == 400 else { return reply }
        reply.status = error.status
        reply.body = ByteBuffer(bytes: error.bytes)
        return reply
    }

    func inquiry(
        _ method: String,
        _ parameters: JSONValue,
        _ head: RequestHead
    ) -> Inquiry {
        Inquiry(
            method: method,
            parameters: parameters,
            credential: head.credential,
            timeout: configuration.requestTimeout
        )
    }

    private func preflight(_ route: Route) -> Reply {
        var reply = Reply(status: 204, body: ByteBuffer())
        reply.fields[.allow] = route.allow
        if crossOrigin.isOn {
            reply.fields.append(contentsOf: crossOrigin.preflightFields(allow: route.allow))
        }
        return reply
    }

    /// A request's body, where nothing of the request is larger than allowed.
    private func body(
        of request: Request,
        _ head: RequestHead,
        _ context: ConnectionContext
    ) async throws(ErrorBody) -> ByteBuffer {
        let targetMaximum = configuration.targetByteCountMaximum
        if head.targetByteCount > targetMaximum {
            discardBody(of: head, context)
            throw .tooLarge("path with its query", targetMaximum)
        }
        if head.bodyByteCount == 0 { return ByteBuffer() }
        let bodyMaximum = configuration.bodyByteCountMaximum
        if head.bodyByteCount ?? 0 <= bodyMaximum {
            do {
                return try await request.body.collect(upTo: bodyMaximum)
            } catch is NIOTooManyBytesError {
                // Said below.
            } catch {
                // The connection is broken; nobody will read this.
                throw .invalidParameter(nil, "the body could not be read")
            }
        }
        // The rest is not read: the connection ends as soon as the client had time to read why.
        context.closeSoon()
        throw .tooLarge("body", bodyMaximum)
    }

    /// Ends the connection of a request that is refused, where the server would otherwise go on to
    /// read a body of any size.
    private func discardBody(of head: RequestHead, _ context: ConnectionContext) {
        guard let count = head.bodyByteCount, count <= configuration.bodyByteCountMaximum else {
            context.closeSoon()
            return
        }
    }
}

extension Reply {
    fileprivate init(_ asset: Asset) {
        self.init(status: 200, contentType: asset.contentType, body: asset.bytes)
        caching = .revalidated(tag: asset.tag)
        if case .page = asset {
            fields[.contentSecurityPolicy] =
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            fields[.referrer] = "no-referrer"
        }
    }
}

/// What the server tells a responder about a request's connection.
struct ConnectionContext: InitializableFromSource, Sendable {
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }

    /// Ends the connection, whatever it is doing.
    func close() { channel.close(mode: .all, promise: nil) }

    /// Ends the connection in a second, whatever it is doing then.
    func closeSoon() {
        channel.eventLoop.scheduleTask(in: .seconds(1)) { [channel] in
            channel.close(mode: .all, promise: nil)
        }
    }
}

extension Duration {
    /// Milliseconds with one digit behind the point.
    fileprivate var inMilliseconds: String {
        let tenths = components.seconds * 10_000 + components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
