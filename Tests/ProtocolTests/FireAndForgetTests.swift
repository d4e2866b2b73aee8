import JSON
import Simulation
import Testing
import ZeroMQ

/// `protocol/fire-and-forget.md`.
struct FireAndForgetTests {
    /// A PUB socket whose connection to the daemon stands.
    private final class Shouter {
        private let socket: Socket
        private let daemon: TestDaemon
        private var sent: Int64 = 0

        init(_ daemon: TestDaemon) throws {
            self.daemon = daemon
            // An XPUB receives the daemon's subscription, and so knows when the connection stands.
            let socket = try Socket(
                context: daemon.context,
                type: .xpub,
                options: [.linger(.zero), .receiveTimeout(patience), .sendHighWaterMark(0)]
            )
            try socket.connect(daemon.eventsEndpoint)
            let subscription = try socket.receiveMultipart()
            #expect(subscription == [[1]], "the daemon subscribes to everything")
            self.socket = socket
        }

        func send(_ frames: [[UInt8]]) throws {
            #expect(try socket.sendMultipart(frames) == .sent)
        }

        func send(_ frames: String...) throws { try send(frames.map { Array($0.utf8) }) }

        /// Sends a last message of one event and waits until the daemon has counted it, and so
        /// everything before it.
        func settle(expecting accepted: Int64) throws {
            try send("t", Lines.message(1_000_000))
            let asker = try daemon.asker()
            var count: Int64 = -1
            for _ in 0..<20_000 {
                count = try asker.ask("system.status")["events_accepted"]?.integerValue ?? -1
                if count >= accepted + 1 { break }
            }
            #expect(count == accepted + 1)
        }
    }

    private func dropped(_ daemon: TestDaemon) throws -> Int64? {
        try daemon.ask("realtime")["events_dropped"]?.integerValue
    }

    private func header(_ producer: String, _ sequence: UInt64) -> String {
        #"{"producer":"\#(producer)","seq":\#(sequence)}"#
    }

    @Test func `messages of two and of three frames count their events`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        try shouter.send("", Lines.message(1) + "\n" + Lines.message(2))
        try shouter.send("any topic", header("p", 1), Lines.message(3) + "\n{}\n")
        try shouter.settle(expecting: 3)
        #expect(try daemon.ask("usage")["total_messages"] == 4)
        #expect(try daemon.ask("system.status")["events_rejected"]?["missing_field"] == 1)
        #expect(try dropped(daemon) == 0)
        try daemon.stop()
    }

    @Test func `numbers that are leapt over are counted as dropped`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        var number = 0
        func send(_ producer: String, _ sequence: UInt64) throws {
            number += 1
            try shouter.send("t", header(producer, sequence), Lines.message(number))
        }
        try send("p", 100)  // The first that is heard of a producer is no loss.
        try send("p", 101)
        try send("p", 105)  // 3 lost
        try send("q", 1)
        try send("q", 3)  // 1 lost
        try send("p", 106)
        try send("p", 7)  // began anew
        try send("p", 9)  // 1 lost
        try send("p", 9)  // not greater: began anew
        try send("p", 10)
        try shouter.settle(expecting: Int64(number))
        #expect(try dropped(daemon) == 5)
        #expect(try daemon.count("events_dropped") == 5)
        try daemon.restart()
        #expect(try dropped(daemon) == 0, "losses are known to the running daemon only")
        try daemon.stop()
    }

    @Test func `a malformed header is ignored and its events count`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        let headers = [
            "", "{", "[]", "7", #"{"producer":"p"}"#, #"{"seq":1}"#, #"{"producer":7,"seq":1}"#,
            #"{"producer":"p","seq":"1"}"#, #"{"producer":"p","seq":-1}"#,
            #"{"producer":"","seq":5}"#, String(repeating: "x", count: 5_000),
        ]
        for (number, header) in headers.enumerated() {
            try shouter.send("t", header, Lines.message(number))
        }
        try shouter.settle(expecting: Int64(headers.count))
        #expect(try dropped(daemon) == 0)
        try daemon.stop()
    }

    @Test func `the greatest number does no harm`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        let greatest = UInt64(Int64.max)
        try shouter.send("t", header("p", 0), Lines.message(1))
        try shouter.send("t", header("p", greatest), Lines.message(2))
        try shouter.settle(expecting: 2)
        #expect(try dropped(daemon) == Int64.max - 1)
        // A count that went back would look like a restart to whoever draws its rate.
        for (number, sequence) in [1, greatest, 1, greatest, UInt64.max].enumerated() {
            try shouter.send("t", header("p", sequence), Lines.message(3 + number))
        }
        try shouter.settle(expecting: 3 + 5)
        #expect(try dropped(daemon) == .max)
        try daemon.stop()
    }

    @Test func `messages without a body or with too much in it do no harm`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        try shouter.send("alone")
        try shouter.send("")
        try shouter.send("t", "")
        try shouter.send("t", header("p", 1), "")
        try shouter.send("t", header("p", 2), Lines.message(1), "a fourth frame")
        try shouter.send([Array("t".utf8), Array(repeating: 10, count: 10_001)])
        try shouter.send("t", header("p", 3), Lines.message(2))
        try shouter.settle(expecting: 1)
        // Alone, empty, a fourth frame, too many lines. A body without lines is none too many.
        #expect(try daemon.count("messages_malformed") == 4)
        #expect(try dropped(daemon) == 0)
        try daemon.stop()
    }

    @Test func `an event is stored as if it were acknowledged`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        try shouter.send("t", Lines.message(1))
        try shouter.settle(expecting: 1)
        let before = try daemon.ask("usage")
        try daemon.restart()
        let after = try daemon.ask("usage")
        #expect(before["total_messages"] == after["total_messages"])
        #expect(before["meta"]?["data_version"] == after["meta"]?["data_version"])
        #expect(
            before["meta"]?["data_as_of"] == after["meta"]?["data_as_of"],
            "data_as_of is the time of the last commit, after a restart too"
        )
        try daemon.stop()
    }

    @Test func `a burst is counted or its loss is known`() throws {
        let daemon = try TestDaemon()
        let shouter = try Shouter(daemon)
        let total = 50_000
        for number in 1...total {
            try shouter.send("t", header("p", UInt64(number)), Lines.message(number))
        }
        try shouter.send("t", header("p", UInt64(total + 1)), Lines.message(total + 1))
        let asker = try daemon.asker()
        var reached: Int64 = 0
        for _ in 0..<50_000 {
            let status = try asker.ask("system.status")
            reached =
                (status["events_accepted"]?.integerValue ?? 0)
                + (status["events_dropped"]?.integerValue ?? 0)
            if reached > total { break }
        }
        #expect(reached == Int64(total) + 1)
        try daemon.stop()
    }
}
