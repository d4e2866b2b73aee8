import Foundation
import Synchronization
import Testing

@testable import BotstatsClient

@Suite struct `File import` {
    private let lines = (1...60).map { "event \($0)" }

    private func text(_ lines: some Sequence<String>) -> String {
        lines.map { $0 + "\n" }.joined()
    }

    private func options(
        _ daemon: ScriptedDaemon,
        producer: String? = nil
    ) -> FileImport.Options {
        var options = FileImport.Options(endpoint: daemon.endpoint)
        options.producer = producer
        options.batchEventCountMaximum = 7
        options.patience = .seconds(60)
        options.answerTimeout = .milliseconds(200)
        return options
    }

    private func load(
        _ file: TemporaryFile,
        into daemon: ScriptedDaemon,
        producer: String? = nil
    ) throws -> FileImport.Summary {
        try FileImport(options: options(daemon, producer: producer)).run(path: file.path)
    }

    @Test func `a second run counts nothing twice`() throws {
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile(text(lines))
        let first = try load(file, into: daemon)
        #expect(first.totals.accepted == 60)
        #expect(first.totals.duplicate == 0)
        #expect(first.isComplete)
        #expect(first.producer == FileImport.producer(firstLine: Array("event 1".utf8)))
        let second = try load(file, into: daemon)
        #expect(second.totals.accepted == 0)
        #expect(second.totals.duplicate == 60)
        #expect(second.isComplete)
        #expect(daemon.counted(first.producer) == lines)
    }

    @Test func `the same lines compressed are the same file`() throws {
        let daemon = try ScriptedDaemon()
        let plain = try TemporaryFile(text(lines))
        let compressed = try TemporaryFile(gzipMember(Array(text(lines).utf8)))
        let first = try load(plain, into: daemon)
        #expect(try load(compressed, into: daemon).totals.duplicate == 60)
        #expect(daemon.counted(first.producer) == lines)
    }

    @Test func `a file that has grown continues with its new lines`() throws {
        let daemon = try ScriptedDaemon()
        // The end of the last line comes with the growth.
        let objects = lines.map { "{\($0)}" }
        let file = try TemporaryFile(objects.prefix(31).joined(separator: "\n"))
        let first = try load(file, into: daemon)
        #expect(first.totals.accepted == 31)
        try file.write(Array(text(objects).utf8))
        let second = try load(file, into: daemon)
        #expect(second.totals.duplicate == 31)
        #expect(second.totals.accepted == 29)
        #expect(daemon.counted(first.producer) == objects)
    }

    @Test func `half a last line waits for its other half`() throws {
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile("{event")
        let none = try load(file, into: daemon)
        #expect(none.unfinishedLineNumber == 1)
        #expect(daemon.withState { $0.greetingCount } == 0, "half a line names no producer")
        try file.write(Array("{event 1}\n{event 2}\n{eve".utf8))
        let first = try load(file, into: daemon)
        #expect(first.totals.accepted == 2)
        #expect(first.unfinishedLineNumber == 3)
        try file.write(Array("{event 1}\n{event 2}\n{event 3}\n".utf8))
        let second = try load(file, into: daemon)
        #expect(second.totals.accepted == 1)
        #expect(second.totals.duplicate == 2)
        #expect(second.unfinishedLineNumber == nil)
        #expect(daemon.counted(first.producer) == ["{event 1}", "{event 2}", "{event 3}"])
    }

    @Test func `line ends of the other kind make no other file`() throws {
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile(text(lines))
        let producer = try load(file, into: daemon).producer
        let other = try TemporaryFile(lines.map { $0 + "\r\n" }.joined())
        #expect(try load(other, into: daemon).totals.duplicate == 60)
        #expect(daemon.counted(producer) == lines)
    }

    @Test(
        arguments: [[.answer, .backUp, .answer, .answer], [.answer, .answer]]
            as [[ScriptedDaemon.Step]]
    )
    func `a store set back or replaced during an import gets what it lacks`(
        script: [ScriptedDaemon.Step]
    ) throws {
        let daemon = try ScriptedDaemon(script + [.restore])
        let file = try TemporaryFile(text(lines))
        let restarts = Mutex(0)
        let loading = FileImport(
            options: options(daemon),
            onNotice: { notice in
                if notice == .importRestarted { restarts.withLock { $0 += 1 } }
            }
        )
        let summary = try withExtendedLifetime(file) { try loading.run(path: file.path) }
        #expect(restarts.withLock { $0 } == 1)
        #expect(summary.isComplete)
        #expect(summary.totals.accepted + summary.totals.duplicate == 60)
        #expect(daemon.counted(summary.producer) == lines)
    }

    @Test func `a rival that takes the producer over stops the import`() throws {
        let daemon = try ScriptedDaemon([.answer, .refuse("fenced")])
        let file = try TemporaryFile(text(lines))
        let producer = FileImport.producer(firstLine: Array("event 1".utf8))
        #expect(throws: ImportError.publisher(.fenced(producer: producer))) {
            try load(file, into: daemon)
        }
    }

    @Test func `what a silent pipe delivered is stored before more comes`() throws {
        let daemon = try ScriptedDaemon()
        let pipe = TestPipe()
        pipe.write(Array(text(lines.prefix(3)).utf8))
        let producer = FileImport.producer(firstLine: Array("event 1".utf8))
        // It stops only once the daemon has the lines, though the pipe stays open.
        let loading = FileImport(
            options: options(daemon),
            isCancelled: { daemon.counted(producer).count == 3 }
        )
        let summary = try loading.run(path: pipe.path)
        #expect(!summary.isComplete)
        #expect(summary.totals.accepted == 3)
    }

    @Test func `a request to stop is heard while a pipe delivers nothing`() throws {
        let daemon = try ScriptedDaemon()
        let pipe = TestPipe()
        let loading = FileImport(options: options(daemon), isCancelled: { true })
        let summary = try loading.run(path: pipe.path)
        #expect(!summary.isComplete)
        #expect(summary.producer.isEmpty)
    }

    @Test func `another file with the same first line is refused`() throws {
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile(text(lines))
        let producer = try load(file, into: daemon).producer
        var changed = lines
        changed[30] += "!"
        let other = try TemporaryFile(text(changed))
        #expect(throws: ImportError.anotherFile(name: other.path, producer: producer)) {
            try load(other, into: daemon)
        }
        let shorter = try TemporaryFile(text(lines.prefix(40)))
        #expect(
            throws: ImportError.shorterFile(
                name: shorter.path,
                producer: producer,
                lineCount: 40,
                importedCount: 60
            )
        ) { try load(shorter, into: daemon) }
        #expect(daemon.counted(producer) == lines)
        let named = try load(other, into: daemon, producer: "other")
        #expect(named.totals.accepted == 60)
        #expect(daemon.counted("other") == changed)
    }

    @Test func `a producer of another kind is not continued`() throws {
        let daemon = try ScriptedDaemon()
        var configuration = PublisherConfiguration(producer: "shared")
        configuration.answerTimeout = .milliseconds(200)
        let publisher = Publisher(endpoint: daemon.endpoint, configuration: configuration)
        try publisher.publish(line: Array("event 1".utf8))
        try publisher.close()
        let file = try TemporaryFile(text(lines))
        #expect(throws: ImportError.anotherFile(name: file.path, producer: "shared")) {
            try load(file, into: daemon, producer: "shared")
        }
    }

    @Test func `an import stopped on request goes on where it stopped`() throws {
        let isStopped = Mutex(false)
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile(text(lines))
        let stopping = FileImport(
            options: options(daemon),
            isCancelled: { isStopped.withLock { $0 } },
            onProgress: { progress in
                if progress.lineCount >= 20 { isStopped.withLock { $0 = true } }
            }
        )
        let stopped = try withExtendedLifetime(file) { try stopping.run(path: file.path) }
        #expect(!stopped.isComplete)
        #expect((20..<60).contains(stopped.totals.accepted))
        #expect(daemon.counted(stopped.producer).count == Int(stopped.totals.accepted))
        let rest = try load(file, into: daemon)
        #expect(rest.totals.duplicate == stopped.totals.accepted)
        #expect(rest.totals.accepted + rest.totals.duplicate == 60)
        #expect(daemon.counted(rest.producer) == lines)
    }

    @Test func `lost messages and refusals change nothing`() throws {
        let daemon = try ScriptedDaemon(
            [.answer, .loseAnswer, .refuse("busy"), .lose, .forgetConnections, .delayAnswer]
        )
        let file = try TemporaryFile(text(lines))
        let summary = try load(file, into: daemon)
        #expect(summary.totals.accepted + summary.totals.duplicate == 60)
        #expect(daemon.counted(summary.producer) == lines)
        #expect(try load(file, into: daemon).totals.duplicate == 60)
    }

    @Test func `empty and overlong lines keep the numbers of the others`() throws {
        let daemon = try ScriptedDaemon()
        let long = String(repeating: "x", count: 400)
        let all = ["event 1", "", long, "event 4", "bad", "event 6"]
        let file = try TemporaryFile(text(all))
        let summary = try load(file, into: daemon)
        #expect(summary.totals.accepted == 3)
        #expect(summary.totals.rejected == 3)
        #expect(summary.totals.rejectedByCode == ["invalid_json": 3])
        #expect(summary.totals.lastRejections.map(\.sequence) == [2, 3, 5])
        #expect(summary.overlongLineCount == 1)
        #expect(summary.overlongLineNumbers == [3])
        #expect(daemon.counted(summary.producer) == ["event 1", "event 4", "event 6"])
        #expect(try load(file, into: daemon).totals.duplicate == 6)
    }

    @Test func `a store restored from a backup gets what it lacks`() throws {
        let daemon = try ScriptedDaemon()
        let file = try TemporaryFile(text(lines.prefix(21)))
        let producer = try load(file, into: daemon).producer
        let backup = daemon.withState { $0.producers }
        try file.write(Array(text(lines).utf8))
        _ = try load(file, into: daemon)
        daemon.withState { $0.producers = backup }
        let summary = try load(file, into: daemon)
        #expect(summary.totals.duplicate == 21)
        #expect(summary.totals.accepted == 39)
        #expect(daemon.counted(producer) == lines)
    }

    @Test func `lines before a damage are imported and the damage is reported`() throws {
        let daemon = try ScriptedDaemon()
        let all = (0..<5_000).map { "event \($0 &* 2_654_435_761)" }
        let bytes = gzipMember(Array(text(all).utf8))
        let file = try TemporaryFile(Array(bytes.dropLast(12)))
        #expect(throws: ImportError.source(.endsInsideGzip(name: file.path))) {
            try load(file, into: daemon)
        }
        let producer = FileImport.producer(firstLine: Array(all[0].utf8))
        let countBefore = daemon.counted(producer).count
        #expect(countBefore > 1_000)
        try file.write(bytes)
        let summary = try load(file, into: daemon)
        #expect(summary.totals.duplicate == Int64(countBefore))
        #expect(daemon.counted(producer) == all)
    }

    @Test func `an empty file needs no daemon`() throws {
        let options = FileImport.Options(endpoint: "tcp://127.0.0.1:1")
        let file = try TemporaryFile("")
        let summary = try withExtendedLifetime(file) {
            try FileImport(options: options).run(path: file.path)
        }
        #expect(summary.isComplete)
        #expect(summary.totals == PublisherTotals())
    }

    @Test func `a daemon that is not there is reported`() throws {
        var options = FileImport.Options(endpoint: try TestRouterSocket().endpoint)
        options.patience = .milliseconds(100)
        let file = try TemporaryFile("a\n")
        #expect(throws: ImportError.publisher(.unreachable(endpoint: options.endpoint))) {
            try withExtendedLifetime(file) {
                try FileImport(options: options).run(path: file.path)
            }
        }
    }
}
