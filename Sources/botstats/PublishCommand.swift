internal import ArgumentParser
internal import BotstatsClient

/// `botstats publish`: events from a file or standard input through the ingest socket.
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish events, one JSON object per line.",
        discussion: """
            Every run publishes anew: the same file published twice counts twice. To load a file \
            so that repeating counts nothing twice, use “botstats import”. The exit code is 1 \
            where the input cannot be read, 2 where the daemon cannot be reached or refuses, and \
            130 after an interruption; events the daemon rejects are listed and do not change it.

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

    @OptionGroup var curve: CurveClientOptions

    func validate() throws {
        guard batchEvents > 0 else { throw ValidationError("--batch-events must be at least 1.") }
        guard patience >= 0 else { throw ValidationError("--patience must not be negative.") }
        try Setting.validate(producer: producer)
    }

    func run() throws {
        Interruption.watch()
        let clock = ContinuousClock()
        let start = clock.now
        let keys = try curve.keys()
        do {
            let source = try LineSource(path: file)
            let publisher = makePublisher(keys)
            defer { report(publisher, elapsed: clock.now - start) }
            do {
                try publish(source, with: publisher)
                if Interruption.wasRequested { throw PublisherError.cancelled }
            } catch PublisherError.cancelled {
                try finish(publisher)
            } catch let error as LineSourceError {
                // What was read before is delivered all the same.
                try publisher.flush()
                throw error
            }
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

    private func makePublisher(_ keys: CurveClientKeys?) -> Publisher {
        let name = producer ?? "publish-\(Setting.hostName)"
        var configuration = PublisherConfiguration(producer: name)
        configuration.batchEventCountMaximum = batchEvents
        configuration.patience = patience == 0 ? nil : .seconds(patience)
        let publisher = Publisher(
            endpoint: Setting.endpoint(endpoint, .ingest),
            configuration: configuration,
            curve: keys
        )
        publisher.onNotice = { StandardError.write("botstats: \($0)") }
        publisher.isCancelled = { Interruption.wasRequested }
        return publisher
    }

    private func publish(_ source: LineSource, with publisher: Publisher) throws {
        var line: [UInt8] = []
        var number: Int64 = 0
        while true {
            // Nothing to read at once: send what is at hand, and keep the conversation with the
            // daemon going until more comes.
            while !Interruption.wasRequested, try !source.waitForLine(milliseconds: 50) {
                try publisher.push()
            }
            guard !Interruption.wasRequested, let kind = try source.next(into: &line) else {
                return try publisher.push()
            }
            number += 1
            try publish(line, kind, number: number, with: publisher)
        }
    }

    /// A line that cannot be sent is left out, with a word about it.
    private func publish(
        _ line: [UInt8],
        _ kind: LineSource.Line,
        number: Int64,
        with publisher: Publisher
    ) throws {
        do {
            if kind.isCut {
                throw PublisherError.tooLarge(byteCount: kind.byteCount, limit: line.count)
            }
            try publisher.publish(line: line)
        } catch PublisherError.tooLarge where publisher.canGoOn {
            StandardError.write(
                "botstats: line \(number) was left out: its \(kind.byteCount) bytes are more than "
                    + "the daemon takes"
            )
        }
    }

    /// After a request to stop, what was read is still delivered, for a few seconds at most.
    private func finish(_ publisher: Publisher) throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(5)
        publisher.isCancelled = { clock.now >= end }
        try publisher.flush()
    }

    private func report(_ publisher: Publisher, elapsed: Duration) {
        let totals = publisher.totals
        for rejection in totals.lastRejections {
            StandardError.write("botstats: \(ImportReport.line(rejection))")
        }
        let rate = ImportReport.rate(totals.acknowledged, elapsed)
        StandardError.write("\(ImportReport.outcome(totals)); \(rate) events/s")
        if publisher.pendingEventCount > 0 {
            StandardError.write(
                "botstats: \(publisher.pendingEventCount) events were read and not acknowledged; "
                    + "they may or may not be counted"
            )
        }
    }
}
