import Bridge
import Foundation
import JSON
import Synchronization
import Simulation
import Testing

/// Slow clients, many of them, and the end.
@Suite struct ConnectionTests {
    @Test(arguments: ["", "GET /health HTTP/1.1\r\nHo"])
    func `who sends no whole header in time is disconnected`(beginning: String) async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here") {
            $0.idleTimeout = .milliseconds(300)
        }
        let connection = try RawConnection(port: bridge.bridge.port)
        connection.send(beginning)
        // A byte now and then does not help.
        let isOver = Atomic<Bool>(false)
        if !beginning.isEmpty {
            let pace = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                while !isOver.load(ordering: .relaxed), connection.send("x") {
                    _ = pace.wait(timeout: .now() + .milliseconds(20))
                }
            }
        }
        #expect(connection.readToEnd() == "")
        isOver.store(true, ordering: .relaxed)
    }

    @Test func `more connections than may be open wait for their turn`() async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here") {
            $0.connectionMaximum = 2
            $0.idleTimeout = .milliseconds(500)
        }
        let idle = try [
            RawConnection(port: bridge.bridge.port), RawConnection(port: bridge.bridge.port),
        ]
        // The third is answered once the first two were idle for too long.
        let third = try RawConnection(port: bridge.bridge.port)
        third.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(third.readToEnd()?.hasPrefix("HTTP/1.1 200 ") == true)
        for connection in idle { #expect(connection.readToEnd() == "") }
    }

    @Test func `what is no HTTP is 400, and the connection ends`() async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here")
        let connection = try RawConnection(port: bridge.bridge.port)
        connection.send("HELLO\r\n\r\n")
        #expect(connection.readToEnd()?.hasPrefix("HTTP/1.1 400 ") == true)
    }

    @Test func `requests of one connection are answered in order`() async throws {
        let daemon = try DaemonFixture()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        let connection = try RawConnection(port: bridge.bridge.port)
        for id in ["one", "two"] {
            connection.send(
                "GET /api/v1/analytics/usage HTTP/1.1\r\nHost: x\r\nX-Request-ID: \(id)\r\n\r\n"
            )
        }
        connection.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answer = try #require(connection.readToEnd())
        let ids = answer.split(separator: "\r\n").filter { $0.hasPrefix("X-Request-ID: ") }
        #expect(ids.count == 3)
        #expect(ids.prefix(2) == ["X-Request-ID: one", "X-Request-ID: two"])
    }

    @Test func `a stop answers what is under way`() async throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let daemon = try ScriptedDaemon { question in
            mayAnswer.wait()
            return [question.result(["figure": 1])]
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        async let answer = bridge.get("/usage")
        while bridge.bridge.pendingRequestCount == 0 { await Task.yield() }
        async let stopped: Void = bridge.stop()
        mayAnswer.signal()
        #expect(try await answer.text == #"{"figure":1}"#)
        await stopped
        #expect(throws: RawConnection.NobodyListens.self) {
            try RawConnection(port: bridge.bridge.port)
        }
    }

    @Test func `a stop does not wait for a daemon that is silent`() async throws {
        let daemon = try ScriptedDaemon { _ in [] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) {
            $0.requestTimeout = .seconds(600)
            $0.stopTimeout = .milliseconds(200)
        }
        async let answer = bridge.get("/usage")
        while daemon.received.isEmpty { await Task.yield() }
        await bridge.stop()
        #expect(try await answer.status == 503)
    }
}
