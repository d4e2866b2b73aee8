import Foundation
import Testing
import ZeroMQ

@Suite struct SocketTests {
    private let context: Context

    init() throws { context = try Context() }

    @Test func `an endpoint in use is reported by name`() throws {
        let first = try Socket.make(.router, in: context)
        let second = try Socket.make(.router, in: context)
        let endpoint = try first.bindLocally()
        let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(error?.kind == .addressInUse)
        #expect(
            error?.description
                == "cannot bind the endpoint '\(endpoint)': the endpoint is in use, "
                + "so stop its owner or choose another"
        )
    }

    @Test(
        arguments: [
            ("nonsense", .invalidArgument),  // no transport
            ("carrier://pigeon", .unsupportedTransport),  // a transport nobody knows
            ("tcp://192.0.2.1:*", .addressNotAvailable),  // reserved for documentation
        ] as [(String, ZeroMQError.Kind)]
    )
    func `a wrong endpoint is refused`(endpoint: String, kind: ZeroMQError.Kind) throws {
        let socket = try Socket.make(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { try socket.bind(endpoint) }
        #expect(error?.kind == kind)
        #expect(error?.subject == endpoint)
    }

    @Test func `an endpoint that was unbound can be bound again`() throws {
        let first = try Socket.make(.router, in: context)
        let endpoint = try first.bindLocally()
        try first.unbind(endpoint)
        let unknown = #expect(throws: ZeroMQError.self) { try first.unbind(endpoint) }
        #expect(unknown?.kind == .notFound)
        first.close()
        // The I/O thread closes the listener in its own time.
        let second = try Socket.make(.router, in: context)
        let deadline = ContinuousClock.now + patience
        var bound = false
        while !bound, ContinuousClock.now < deadline {
            do { try second.bind(endpoint) } catch { continue }
            bound = true
        }
        #expect(bound)
    }

    @Test func `a disconnected endpoint is not sent to any more`() throws {
        let server = try Socket.make(.pull, in: context)
        let client = try Socket.make(.push, in: context)
        let endpoint = try server.bindLocally()
        try client.connect(endpoint)
        try client.disconnect(endpoint)
        #expect(try client.send("x", wait: false) == .wouldBlock)
        let error = #expect(throws: ZeroMQError.self) { try client.disconnect(endpoint) }
        #expect(error?.kind == .notFound)
    }

    @Test(arguments: SocketType.allCases)
    func `every type of socket can be made and closed`(type: SocketType) throws {
        let socket = try Socket.make(type, in: context)
        #expect(socket.type == type)
        #expect(try socket.lastEndpoint().isEmpty)
    }

    @Test(
        arguments: [
            (.router, [.routerMandatory(true), .routerHandover(false), .backlog(1_024)]),
            (.dealer, [.routingID([1, 2]), .immediate(true), .ipv6(true), .linger(nil)]),
            (.dealer, [.keepalive(.prompt), .keepalive(nil)]),
            (.dealer, [.handshakeInterval(.seconds(5)), .connectTimeout(.seconds(3))]),
            (.dealer, [.reconnectInterval(minimum: .milliseconds(100), maximum: .seconds(5))]),
            (.pull, [.receiveBufferByteCount(65_536), .receiveHighWaterMark(16)]),
            (.push, [.sendBufferByteCount(65_536), .sendHighWaterMark(0), .conflate(true)]),
            (.sub, [.subscribe([]), .unsubscribe([]), .maximumMessageByteCount(nil)]),
            (.xpub, [.xpubVerbose(true), .sendTimeout(nil), .receiveTimeout(.zero)]),
            (.rep, [.plainServer(true), .zapDomain("global")]),
            (.req, [.plain(user: "user", password: "secret")]),
        ] as [(SocketType, [SocketOption])]
    )
    func `options are taken`(type: SocketType, options: [SocketOption]) throws {
        let socket = try Socket(context: context, type: type, options: options)
        #expect(socket.type == type)
    }

    @Test(
        arguments: [
            (.routerMandatory(true), "router mandatory"),  // not a router
            (.curveServerKey("short"), "CURVE server key"),  // no key
            (.backlog(-1), "backlog"),  // out of range
            (.sendHighWaterMark(-1), "send high water mark"),  // out of range
            (.routingID([]), "routing id"),  // empty
        ] as [(SocketOption, String)]
    )
    func `a wrong option is named`(option: SocketOption, name: String) throws {
        let socket = try Socket.make(.dealer, in: context)
        let error = #expect(throws: ZeroMQError.self) { try socket.set(option) }
        #expect(error?.subject == name)
        #expect(error?.kind == .invalidArgument)
    }

    @Test func `an option that fails closes the socket that was being made`() throws {
        let small = try Context(maxSockets: 1)
        let error = #expect(throws: ZeroMQError.self) {
            _ = try Socket(context: small, type: .dealer, options: [.sendHighWaterMark(-1)])
        }
        #expect(error?.kind == .invalidArgument)
        // A socket leaves its slot when the reaper thread comes to it.
        let deadline = ContinuousClock.now + patience
        var made = false
        while !made, ContinuousClock.now < deadline {
            do { _ = try Socket(context: small, type: .dealer) } catch { continue }
            made = true
        }
        #expect(made)
    }

    @Test func `sockets beyond the maximum are refused`() throws {
        let small = try Context(ioThreadCount: 1, maxSockets: 1)
        let first = try Socket.make(.pair, in: small)
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket.make(.pair, in: small) }
        #expect(error?.kind == .tooManySockets)
        #expect(first.type == .pair)
    }

    @Test func `a context that cannot be is refused`() {
        let error = #expect(throws: ZeroMQError.self) { _ = try Context(ioThreadCount: -1) }
        #expect(error?.kind == .invalidArgument)
    }

    @Test func `shutting down ends a receive that waits on another thread`() throws {
        let context = context
        let endpoint = "inproc://waiting"
        let server = try Socket.make(.pair, in: context)
        try server.bind(endpoint)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do {
                let client = try Socket(context: context, type: .pair, options: [.linger(.zero)])
                try client.connect(endpoint)
                _ = try client.send("ready")
                _ = try client.receiveMultipart()
            } catch let error as ZeroMQError where error.kind == .terminated {
                ended.signal()
            } catch {}
        }
        #expect(try server.receiveTexts() == ["ready"])
        context.shutdown()
        #expect(ended.wait(timeout: .now() + 20) == .success)
        let error = #expect(throws: ZeroMQError.self) { _ = try server.send("late") }
        #expect(error?.kind == .terminated)
    }
}
