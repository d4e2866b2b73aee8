internal import ArgumentParser
internal import BotstatsClient

/// `botstats import`: bulk load that may be repeated and resumed.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load files of events; repeating and resuming count nothing twice.",
        discussion: """
            A file is recognised by its first line. Importing it again counts nothing twice, an \
            interrupted import goes on where it stopped, and a file that has grown continues \
            with its new lines. The exit code is 1 where a file is refused or cannot be read, 2 \
            where the daemon cannot be reached or refuses, and 130 after an interruption; events \
            the daemon rejects are counted and do not change it.
            """
    )

    @Argument(help: "The files, plain or .gz, one JSON object per line; - for standard input.")
    var files: [String]

    @Option(
        help: """
            The daemon's ingest endpoint. (default: BOTSTATS_INGEST_ENDPOINT or \
            tcp://127.0.0.1:5562)
            """
    )
    var endpoint: String?

    @Option(help: "The producer's name, for one file. (default: a hash of its first line)")
    var producer: String?

    @Option(help: "How many events a batch holds at most.")
    var batchEvents: Int = 2_000

    @Option(help: "How many seconds to go on without any progress; 0 = for ever.")
    var patience: Int = 30

    @OptionGroup var curve: CurveClientOptions

    func validate() throws {
        guard batchEvents > 0 else { throw ValidationError("--batch-events must be at least 1.") }
        guard patience >= 0 else { throw ValidationError("--patience must not be negative.") }
        try Setting.validate(producer: producer)
        guard producer == nil || files.count == 1 else {
            throw ValidationError("--producer names one file's producer; import one at a time.")
        }
    }

    func run() throws {
        Interruption.watch()
        var code: Int32 = 0
        for file in files where !Interruption.wasRequested {
            do {
                try load(file)
            } catch let error as ImportError {
                StandardError.write("botstats: \(error)")
                if case .publisher = error { throw ExitCode(2) }
                code = 1
            }
        }
        if Interruption.wasRequested { throw ExitCode(130) }
        if code != 0 { throw ExitCode(code) }
    }

    private func load(_ file: String) throws {
        var options = FileImport.Options(endpoint: Setting.endpoint(endpoint, .ingest))
        options.curve = try curve.keys()
        options.producer = producer
        options.batchEventCountMaximum = batchEvents
        options.patience = patience == 0 ? nil : .seconds(patience)
        let meter = ProgressMeter(name: file)
        let summary: FileImport.Summary
        do {
            defer { meter.finish() }
            summary = try FileImport(
                options: options,
                isCancelled: { Interruption.wasRequested },
                onNotice: { meter.note("botstats: \($0)") },
                onProgress: { meter.show($0) }
            )
            .run(path: file)
        }
        for rejection in summary.totals.lastRejections {
            let line = ImportReport.line(rejection, unit: "line")
            StandardError.write("botstats: \(summary.name): \(line)")
        }
        for line in ImportReport.lines(summary, elapsed: meter.elapsed) { print(line) }
    }
}
