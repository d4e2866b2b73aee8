internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import NIOCore

/// Answers requests: route, checks of the bridge, the daemon's answer, what the client takes.
struct BridgeResponder: HTTPResponder {
    typealias Context = ConnectionContext

    let configuration: BridgeConfiguration
    let gateway: QueryGateway
    let operation: OperationPages
    let metrics: BridgeMetrics
    let log: BridgeLog
    let crossOrigin: CrossOrigin
    let ids = RequestIDs()

    func respond(to request: Request, context: ConnectionContext) async -> Response {
        let began = ContinuousClock.now
        let head = RequestHead(request, ids: ids)
        let route = Routes.find(String(head.path))
        metrics.begin()
        let reply = await reply(to: head, route, request, context)
        let response = ReplyWriter(head: head, crossOrigin: crossOrigin).response(to: reply)
        let took = ContinuousClock.now - began
        metrics.end(
            path: route?.template ?? "other",
            method: head.method.rawValue,
            status: response.status.code,
            took: took
        )
        let size = response.headers[.contentLength] ?? "0"
        log.access(
            "\(head.method.rawValue) \(head.logged) \(response.status.code) \(size) B "
                + "\(took.inMilliseconds) ms \(head.id)"
        )
        return response
    }

    /// The refusals come in the API's order: 404, 405, 413, then whatever the daemon says.
    private func reply(
        to head: RequestHead,
        _ route: Route?,
        _ request: Request,
        _ context: ConnectionContext
    ) async -> Reply {
        guard let route else {
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
        if let error = await excess(of: request, head, context) { return Reply(error) }
        return await reply(to: head, action)
    }

    private func reply(to head: RequestHead, _ action: Route.Action) async -> Reply {
        switch action {
        case .query(let method): await ask(method, head, isKept: true)
        case .present(let method): await ask(method, head, isKept: false)
        case .missing: Reply(.notImplemented)
        case .health: await operation.health()
        case .readiness: await operation.readiness()
        case .metrics: await operation.metrics()
        case .asset(let asset): Reply(asset)
        }
    }

    private func ask(_ method: String, _ head: RequestHead, isKept: Bool) async -> Reply {
        let parameters: JSONValue
        do throws(ErrorBody) {
            parameters = try QueryString.parameters(of: head.query)
        } catch {
            return Reply(error)
        }
        let inquiry = Inquiry(
            method: method,
            parameters: parameters,
            credential: head.credential,
            timeout: configuration.requestTimeout
        )
        return Reply(await gateway.ask(inquiry), isKept: isKept)
    }

    private func preflight(_ route: Route) -> Reply {
        var reply = Reply(status: 204, body: ByteBuffer())
        reply.fields[.allow] = route.allow
        if crossOrigin.isOn {
            reply.fields.append(contentsOf: crossOrigin.preflightFields(allow: route.allow))
        }
        return reply
    }

    /// What of a request is larger than allowed.
    private func excess(
        of request: Request,
        _ head: RequestHead,
        _ context: ConnectionContext
    ) async -> ErrorBody? {
        let targetMaximum = configuration.targetByteCountMaximum
        if head.targetByteCount > targetMaximum {
            return .tooLarge("path with its query", targetMaximum)
        }
        if head.bodyByteCount == 0 { return nil }
        let bodyMaximum = configuration.bodyByteCountMaximum
        if head.bodyByteCount ?? 0 <= bodyMaximum {
            do {
                _ = try await request.body.collect(upTo: bodyMaximum)
                return nil
            } catch is NIOTooManyBytesError {
                // Said below.
            } catch {
                // The connection is broken; nobody will read this.
                return .invalidParameter(nil, "the body could not be read")
            }
        }
        // The rest is not read: the connection ends as soon as the client had time to read why.
        context.closeSoon()
        return .tooLarge("body", bodyMaximum)
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
        caching = .revalidated(tag: EntityTag.of(asset.bytes))
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
