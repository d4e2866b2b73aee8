internal import ArgumentParser
internal import BotstatsClient

/// `botstats publish`: events from a file or standard input through the ingest socket.
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish events, one JSON object per line.",
        discussion: """
            Every run publishes anew: the same file published twice counts twice. To load a file \
            so that repeating counts nothing twice, use “botstats import”.

            Example:
              tail -F events.ndjson | botstats publish
            """
    )

    @Argument(help: "The file, plain or .gz; standard input where none is given.")
    var file: String = "-"

    @Option(
        help: """
            The daemon's ingest endpoint. (default: BOTSTATS_INGEST_ENDPOINT or \
            tcp://127.0.0.1:5562)
            """
    )
    var endpoint: String?

    @Option(
        help: """
            The producer's name; of two publishers with one name only the newer may publish. \
            (default: publish- and the machine's name)
            """
    )
    var producer: String?

    @Option(help: "How many events a batch holds at most.")
    var batchEvents: Int = 500

    @Option(help: "How many seconds to go on without any progress; 0 = for ever.")
    var patience: Int = 60

    func validate() throws {
        guard batchEvents > 0 else { throw ValidationError("--batch-events must be at least 1.") }
        guard patience >= 0 else { throw ValidationError("--patience must not be negative.") }
        guard producer != "" else { throw ValidationError("--producer must not be empty.") }
    }

    func run() throws {
        Interruption.watch()
        do {
            let source = try LineSource(path: file)
            let publisher = makePublisher()
            defer { report(publisher.totals) }
            try publish(source, with: publisher)
            try publisher.close()
        } catch let error as LineSourceError {
            throw CommandFailure.exit(error, code: 1)
        } catch PublisherError.cancelled {
            throw ExitCode(130)
        } catch let error as PublisherError {
            throw CommandFailure.exit(error, code: 2)
        }
        if Interruption.wasRequested { throw ExitCode(130) }
    }

    private func makePublisher() -> Publisher {
        let name = producer ?? "publish-\(Setting.hostName)"
        var configuration = PublisherConfiguration(producer: name)
        configuration.batchEventCountMaximum = batchEvents
        configuration.patience = patience == 0 ? nil : .seconds(patience)
        let publisher = Publisher(
            endpoint: Setting.endpoint(endpoint, .ingest),
            configuration: configuration
        )
        publisher.onNotice = { StandardError.write("botstats: \($0)") }
        publisher.isCancelled = { Interruption.wasRequested }
        return publisher
    }

    private func publish(_ source: LineSource, with publisher: Publisher) throws {
        var line: [UInt8] = []
        while true {
            // Nothing to read at once: send what is at hand, and keep the conversation with the
            // daemon going until more comes.
            if !source.hasBufferedLine {
                try publisher.push()
                while !Interruption.wasRequested, !source.waitUntilReadable(milliseconds: 50) {
                    try publisher.service()
                }
            }
            guard !Interruption.wasRequested, let kind = try source.next(into: &line) else {
                return try finish(publisher)
            }
            try publish(line, isCut: kind.isCut, with: publisher)
        }
    }

    /// A line that cannot be sent is left out, with a word about it.
    private func publish(_ line: [UInt8], isCut: Bool, with publisher: Publisher) throws {
        do {
            if isCut { throw PublisherError.tooLarge(byteCount: line.count, limit: line.count) }
            try publisher.publish(line: line)
        } catch PublisherError.tooLarge where publisher.canGoOn {
            StandardError.write("botstats: a line too long to be sent was left out")
        }
    }

    /// After a request to stop, what was read is still delivered, for a few seconds at most.
    private func finish(_ publisher: Publisher) throws {
        guard Interruption.wasRequested else { return try publisher.flush() }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(5)
        publisher.isCancelled = { clock.now >= end }
        try publisher.flush()
    }

    private func report(_ totals: PublisherTotals) {
        for rejection in totals.lastRejections {
            StandardError.write("botstats: \(ImportReport.line(rejection))")
        }
        StandardError.write(ImportReport.outcome(totals))
    }
}
