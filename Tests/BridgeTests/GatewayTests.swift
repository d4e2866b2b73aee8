import AsyncHTTPClient
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

    @Test func `a daemon that does not answer is 504, and its late answer harms nobody`() async throws {
        let held = Mutex<[UInt8]?>(nil)
        let daemon = try ScriptedDaemon { question in
            let answer = question.result(["number": question.request["id"] ?? .null])
            // The first answer comes in place of the second, which follows it.
            guard let late = held.withLock({ $0 }) else {
                held.withLock { $0 = answer }
                return []
            }
            return [late]
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint) {
            $0.requestTimeout = .milliseconds(200)
        }
        for _ in 0..<2 {
            let answer = try await bridge.get("/usage")
            #expect(answer.status == 504)
            #expect(answer.code == "timeout")
        }
        #expect(daemon.received.count == 2)
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
        try await withThrowingTaskGroup(of: Void.self) { group in
            for days in 1...20 {
                group.addTask {
                    let answer = try await bridge.get("/usage?days=\(days)")
                    #expect(answer.text == #"{"days":"\#(days)"}"#)
                }
            }
            // Lets the last of them go, whose own answer nobody lets go.
            while daemon.received.count < 20 { await Task.yield() }
            _ = try? await HTTP.request("HEAD", bridge.url("/usage?days=21"), timeoutSeconds: 0.2)
            try await group.waitForAll()
        }
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

    @Test func `a daemon that is killed and comes back leaves only 503s in between`() async throws {
        let directory = try TemporaryDirectory()
        let daemon = try ServeChild(directory: directory.path, options: ["--no-http"])
        try daemon.start()
        try daemon.waitUntilAnswering()
        let bridge = try BridgeFixture(daemon.queryEndpoint)
        #expect(try await bridge.get("/usage").status == 200)

        let isOver = Atomic<Bool>(false)
        async let statuses: [Int] = withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var seen: [Int] = []
                    while !isOver.load(ordering: .relaxed) {
                        seen.append(try await bridge.get("/usage").status)
                    }
                    return seen
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for _ in 0..<3 {
            daemon.kill()
            while try await bridge.get("/usage").status != 503 {}
            let health = try await bridge.getRoot("/health")
            #expect(health.status == 200)
            #expect(health.text == #"{"status":"ok","daemon":"down"}"#)
            try daemon.start()
            // The bridge finds it again by itself.
            while try await bridge.get("/usage").status == 503 {}
        }
        isOver.store(true, ordering: .relaxed)
        let all = try await statuses
        #expect(Set(all) == [200, 503])
        _ = daemon.terminate()
    }
}
