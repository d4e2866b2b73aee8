internal import Foundation
internal import JSON
internal import ZeroMQ

/// B8: how soon a daemon that was killed is there again.
extension BenchmarkSession {
    private static let crashCount = 5

    /// Kills a daemon under load, and starts it again, several times.
    func measureRecovery() throws {
        let stored = try store(largeFill)
        let directory = try scratch.copy(stored.directory, as: "recovery")
        scratch.settle()
        let daemon = try start(on: directory)
        defer { daemon.kill() }
        var sample = LatencySample()
        var answers = LatencySample()
        var unfolded = 0
        for number in 0..<Self.crashCount {
            try crashUnderLoad(daemon, seed: seed &+ UInt64(number), &unfolded)
            let ready = try measureStart(daemon)
            sample.add(max(ready.answer, ready.welcome))
            answers.add(ready.answer)
        }
        table.add(
            "B8",
            "ready after kill -9 under B1's load, \(Figure.count(stored.count)) messages stored",
            target: "≤ 1 s",
            measured: "\(Figure.time(sample.median)) (worst of \(Self.crashCount)"
                + " \(Figure.time(sample.maximum)), first answer \(Figure.time(answers.median)))",
            met: sample.maximum <= 1
        )
        table.note(
            "B8: each crash comes after two seconds of load, or when the store is as far behind as"
                + " it may be; up to \(Figure.count(unfolded)) events were sent by then. Their"
                + " sessions are all open and stay in the realtime window; the files are in the"
                + " page cache."
        )
        try daemon.stop()
        scratch.discard(directory)
    }

    /// Leaves a journal with events that were not folded.
    private func crashUnderLoad(
        _ daemon: DaemonProcess,
        seed: UInt64,
        _ sentMaximum: inout Int
    ) throws {
        let connection = try IngestConnection(
            context: daemon.context,
            endpoint: daemon.ingestEndpoint,
            producers: 1,
            name: "crash-\(seed)"
        )
        let source = EventSource(seed: seed)
        var body: [UInt8] = []
        let began = ContinuousClock.now
        do {
            while ContinuousClock.now - began < .seconds(2) {
                while !connection.hasRoom(0) { try connection.receive(waitingMilliseconds: 1_000) }
                source.fill(&body, count: FullLoad.batchCount)
                try connection.send(body, count: FullLoad.batchCount, producer: 0)
            }
        } catch let refusal as IngestRefusal where refusal.isBusy {
            // Nothing leaves more to do at a start.
        }
        daemon.kill()
        sentMaximum = max(sentMaximum, connection.sentCount)
    }

    /// From the start of the process to the first answer and the first WELCOME.
    private func measureStart(
        _ daemon: DaemonProcess
    ) throws -> (answer: Duration, welcome: Duration) {
        let retry = SocketOption.reconnectInterval(minimum: .milliseconds(1), maximum: nil)
        let options: [SocketOption] = [.linger(.zero), retry]
        let queries = try Socket(context: daemon.context, type: .req, options: options)
        let ingest = try Socket(context: daemon.context, type: .dealer, options: options)
        try queries.connect(daemon.queryEndpoint)
        try ingest.connect(daemon.ingestEndpoint)
        let hello: JSONValue = ["protocol": 1, "producer": "recovery"]
        _ = try queries.send(QueryConnection.request("usage", ["days": 30]))
        _ = try ingest.sendMultipart([Array("HELLO".utf8), hello.serializedBytes()])
        let began = ContinuousClock.now
        try daemon.start()
        var answer: Duration?
        var welcome: Duration?
        while true {
            let ready = try Poller.poll(queries, ingest, timeout: .seconds(60))
            let elapsed = ContinuousClock.now - began
            guard !ready.isEmpty else { throw BenchmarkFailure("not ready within a minute") }
            if ready.contains(.first), let frames = try queries.receiveMultipart(),
                let result = frames.last, try JSONValue(parsing: result)["result"] != nil
            {
                answer = elapsed
            }
            if ready.contains(.second), let frames = try ingest.receiveMultipart() {
                guard frames.first == Array("WELCOME".utf8) else {
                    throw BenchmarkFailure("the first answer to HELLO was no WELCOME")
                }
                welcome = elapsed
            }
            if let answer, let welcome { return (answer, welcome) }
        }
    }
}
