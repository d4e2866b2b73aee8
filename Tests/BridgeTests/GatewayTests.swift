import AsyncHTTPClient
import Bridge
import JSON
import Synchronization
import Testing

/// The way to the daemon: time-outs, absence, many questions at once.
@Suite struct GatewayTests {
    @Test func `without a daemon the answer is 503 at once`() async throws {
        let bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here") {
            $0.requestTimeout = .seconds(600)
        }
        let answer = try await bridge.get("/usage")
        #expect(answer.status == 503)
        #expect(answer.code == "unavailable")
        #expect(answer["Retry-After"] == "1")
    }

    @Test func `a daemon that does not answer is 504, and its late answer harms nobody`()
        async throws
    {
        let answers = Mutex<[[UInt8]]>([])
        let daemon = try ScriptedDaemon { question in
            let answer = question.result(["number": question.request["id"] ?? .null])
            return answers.withLock { answers in
                answers.append(answer)
                // The first comes in place of the second, which never comes.
                return answers.count == 1
                    ? [] : [answers[answers.count == 2 ? 0 : answers.count - 1]]
            }
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) {
            $0.requestTimeout = .milliseconds(500)
        }
        for _ in 0..<2 {
            let answer = try await bridge.get("/usage")
            #expect(answer.status == 504)
            #expect(answer.code == "timeout")
        }
        #expect(try await bridge.get("/usage").status == 200)
        #expect(daemon.received.count == 3)
    }

    @Test func `answers find their questions in any order`() async throws {
        let held = Mutex<[[UInt8]]>([])
        let daemon = try ScriptedDaemon { question in
            let answer = question.result(["days": question.request["params"]?["days"] ?? .null])
            // Each question is answered with the answer to the one before it.
            return held.withLock { held in
                held.append(answer)
                return held.count > 1 ? [held.removeFirst()] : []
            }
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let last = Mutex<Task<Int, any Error>?>(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for days in 1...20 {
                group.addTask {
                    let answer = try await bridge.get("/usage?days=\(days)")
                    #expect(answer.text == #"{"days":"\#(days)"}"#)
                }
            }
            // Lets the last of them go, whose own answer nobody lets go.
            while daemon.received.count < 20 { await Task.yield() }
            last.withLock { $0 = Task { try await bridge.get("/usage?days=21").status } }
            try await group.waitForAll()
        }
        #expect(try await last.withLock { $0 }?.value == 504)
    }

    @Test func `more questions than may wait are refused`() async throws {
        let daemon = try ScriptedDaemon { _ in [] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) {
            $0.pendingRequestMaximum = 2
            $0.requestTimeout = .seconds(2)
        }
        async let first = bridge.get("/usage")
        async let second = bridge.get("/usage")
        while daemon.received.count < 2 { await Task.yield() }
        let third = try await bridge.get("/usage")
        #expect(third.status == 503)
        #expect(third.code == "unavailable")
        #expect(daemon.received.count == 2)
        #expect(try await (first.status, second.status) == (504, 504))
    }

    @Test func `a thousand requests at once are all answered`() async throws {
        let daemon = try DaemonFixture()
        try daemon.publish(Events.messages(1...20))
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        let client = HTTPClient(configuration: configuration)
        let expected = try daemon.ask("usage")
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    try await HTTP.request("GET", bridge.url("/usage"), client: client)
                }
            }
            for try await answer in group {
                #expect(answer.status == 200)
                #expect(try answer.json == expected)
            }
        }
        try await client.shutdown()
    }
}
