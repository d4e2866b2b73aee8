import Access
import Daemon
import Foundation
import JSON
import LMDB
import Testing
import ZeroMQ

/// A daemon that cannot start says why in one clear sentence, and changes nothing.
struct StartTests {
    /// The reason a second daemon gives.
    private func failure(
        _ configuration: DaemonConfiguration,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> String? {
        let error = #expect(throws: DaemonFailure.self, sourceLocation: sourceLocation) {
            let daemon = try Daemon(configuration)
            daemon.stop()
        }
        let sentence = error?.description
        #expect(sentence?.contains("\n") == false, sourceLocation: sourceLocation)
        #expect((10...300).contains(sentence?.count ?? 0), sourceLocation: sourceLocation)
        return sentence
    }

    @Test func `a second daemon on the same directory is refused`() throws {
        let daemon = try TestDaemon()
        let sentence = failure(daemon.configuration)
        #expect(sentence?.contains(daemon.configuration.dataDirectory) == true)
        #expect(sentence?.contains("--data-dir") == true)
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3))
        try daemon.restart()
        #expect(try daemon.ask("usage")["total_messages"] == 3)
        try daemon.stop()
    }

    @Test func `a check beside a running daemon is refused`() throws {
        let daemon = try TestDaemon()
        #expect(throws: DaemonFailure.self) {
            try StoreCheck.run(dataDirectory: daemon.configuration.dataDirectory)
        }
        try daemon.stop()
    }

    @Test(arguments: [
        "--ingest-endpoint", "--events-endpoint", "--query-endpoint", "--live-endpoint",
    ])
    func `an endpoint in use is refused by its option's name`(option: String) throws {
        let taken = try Socket(context: try Context(), type: .router, options: [.linger(.zero)])
        try taken.bind("tcp://127.0.0.1:*")
        let endpoint = try taken.lastEndpoint()
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        switch option {
        case "--ingest-endpoint": configuration.ingestEndpoint = endpoint
        case "--events-endpoint": configuration.eventsEndpoint = endpoint
        case "--query-endpoint": configuration.queryEndpoint = endpoint
        default: configuration.liveEndpoint = endpoint
        }
        let sentence = failure(configuration)
        #expect(sentence?.contains(option) == true)
        #expect(sentence?.contains(endpoint) == true, "\(sentence ?? "")")
        // It let go of the directory, and of the endpoints that it had.
        try taken.unbind(endpoint)
        let daemon = try Daemon(configuration)
        daemon.stop()
    }

    @Test func `an endpoint that is none is refused`() throws {
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        configuration.queryEndpoint = "tcp://127.0.0.1:notaport"
        #expect(failure(configuration)?.contains("--query-endpoint") == true)
    }

    @Test(
        arguments: [
            "tcp://0.0.0.0:5562", "tcp://*:5562", "tcp://[::]:5562", "tcp://192.0.2.1:5562",
            "tcp://127.0.0.1.example.org:5562", "tcp://localhost.example.org:5562", "udp://x:1",
        ]
    )
    func `an endpoint that others reach is refused`(endpoint: String) throws {
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        configuration.ingestEndpoint = endpoint
        configuration.access.isRequired = true
        let sentence = failure(configuration)
        #expect(sentence?.contains("--ingest-endpoint") == true)
        #expect(sentence?.contains(endpoint) == true)
    }

    @Test(arguments: ["Mars/Olympus", "", "../../etc/passwd", "utc+1", "America"])
    func `a zone that is not known is refused`(zone: String) throws {
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        configuration.timezone = zone
        let sentence = failure(configuration)
        #expect(sentence?.contains("--timezone") == true)
        #expect(
            !FileManager.default.fileExists(atPath: configuration.dataDirectory),
            "nothing was made"
        )
    }

    @Test func `everything that is wrong with the settings is told at once`() throws {
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        configuration.sessionTimeoutSeconds = 0
        configuration.minimumFreeBytes = -1
        configuration.commitIntervalMilliseconds = -1
        let sentence = failure(configuration)
        for option in ["--session-timeout", "--min-free", "--commit-interval"] {
            #expect(sentence?.contains(option) == true)
        }
    }

    @Test func `how an endpoint is written is looked at before anything is opened`() throws {
        let good = [
            "tcp://127.0.0.1:5563", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://[::1]:65535",
            "tcp://localhost:1", "ipc:///tmp/x", "ipc://@abstract", "inproc://x",
        ]
        let bad = [
            "", "tcp://", "tcp://127.0.0.1", "tcp://:5561", "tcp://127.0.0.1:", "127.0.0.1:5561",
            "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:+1", "udp://x:1",
            "tcp://127.0.0.1:http", "ipc://", "inproc://", "TCP://127.0.0.1:1",
            "ipc:///" + String(repeating: "x", count: 107),
        ]
        var configuration = DaemonConfiguration()
        for endpoint in good {
            configuration.queryEndpoint = endpoint
            #expect(configuration.problems.isEmpty, "\(endpoint)")
        }
        configuration.queryEndpoint = configuration.ingestEndpoint
        #expect(configuration.problems.count == 1)
        #expect(configuration.problems.first?.contains(" is --ingest-endpoint, too") == true)
        for endpoint in bad {
            configuration.queryEndpoint = endpoint
            // One cause is told once: nobody can reach what is no endpoint.
            #expect(configuration.problems.count == 1, "\(endpoint)")
            #expect(
                configuration.problems.first?.hasPrefix("--query-endpoint \(endpoint) ") == true
            )
        }
    }

    @Test(arguments: ["store", "journal"])
    func `a store of a newer format is refused and left as it is`(part: String) throws {
        let daemon = try TestDaemon()
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3))
        try daemon.stop()
        let path = daemon.configuration.dataDirectory + "/" + part
        try setFormat(3, at: path)
        let sentence = failure(daemon.configuration)
        #expect(sentence?.contains("format 3") == true)
        #expect(sentence?.contains("newer") == true)
        #expect(throws: DaemonFailure.self) {
            try StoreCheck.run(dataDirectory: daemon.configuration.dataDirectory)
        }
        try setFormat(2, at: path)
        try daemon.restart()
        #expect(try daemon.ask("usage")["total_messages"] == 3)
        try daemon.stop()
    }

    @Test func `the rows of a store of the first format are made anew`() throws {
        let daemon = try TestDaemon()
        try daemon.publisher(named: "p").publish(from: 1, Lines.messages(1...3))
        try daemon.stop()
        let path = daemon.configuration.dataDirectory + "/store"
        // Neither can be read as a row of the present format.
        for table in ["hours", "days"] { try spoil(table, at: path) }
        try setFormat(1, at: path)
        try daemon.restart()
        #expect(try daemon.ask("usage")["total_messages"] == 3)
        try daemon.stop()
        let differences = try StoreCheck.run(dataDirectory: daemon.configuration.dataDirectory)
        #expect(differences.isEmpty)
    }

    private func spoil(_ name: String, at path: String) throws {
        let environment = try Environment(
            path: path,
            options: EnvironmentOptions(mapSize: 64 << 20)
        )
        let table = try environment.table(named: name, create: false)
        try environment.withWrite { transaction throws(LMDBError) in
            try transaction.clear(table)
            let bytes: [UInt8] = [0xff]
            var key = Key(bytes.span.bytes)
            for _ in 0..<9 { key.append(UInt8(0)) }
            try transaction.put(bytes.span.bytes, for: key, in: table)
        }
    }

    private func setFormat(_ format: UInt8, at path: String) throws {
        let environment = try Environment(
            path: path,
            options: EnvironmentOptions(mapSize: 64 << 20)
        )
        let table = try environment.table(named: "meta", create: false)
        try environment.withWrite { transaction throws(LMDBError) in
            let bytes: [UInt8] = [0, 0, 0, format]
            try transaction.put(bytes.span.bytes, for: Key("format"), in: table)
        }
    }

    @Test func `a data directory that is a file is refused`() throws {
        let directory = try TemporaryDirectory()
        let configuration = TestDaemon.configuration(directory.path)
        try Data().write(to: URL(filePath: configuration.dataDirectory))
        #expect(failure(configuration)?.contains(configuration.dataDirectory) == true)
    }

    @Test func `a data directory whose parent is missing is refused`() throws {
        let directory = try TemporaryDirectory()
        var configuration = TestDaemon.configuration(directory.path)
        configuration.dataDirectory = directory.path + "/no/such/parent"
        #expect(failure(configuration)?.contains("/no/such/parent") == true)
    }

    @Test(arguments: ["journal", "store"])
    func `a file that is no database is refused`(part: String) throws {
        let daemon = try TestDaemon()
        try daemon.stop()
        let file = daemon.configuration.dataDirectory + "/\(part)/data.mdb"
        let garbage = Data(repeating: 0x5a, count: 32_768)
        try garbage.write(to: URL(filePath: file))
        #expect(failure(daemon.configuration) != nil)
        #expect(try Data(contentsOf: URL(filePath: file)) == garbage, "it was left as it is")
    }
}
