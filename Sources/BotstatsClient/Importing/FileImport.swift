/// Loads a file of events so that repeating, resuming and continuing count nothing twice.
///
/// The producer is named after the file's first line, an event's number is its line's number,
/// and the checkpoint stored with each batch is a hash of all lines up to its end. A second run
/// asks the daemon how many lines it has, reads as many, and goes on only where their hash is
/// the stored one.
public struct FileImport {
    /// How to import.
    public struct Options: Sendable {
        /// The daemon's ingest endpoint.
        public var endpoint: String
        /// The producer's name; nil to name it after the first line.
        public var producer: String?
        /// How many lines a batch holds; the daemon may allow less.
        public var batchEventCountMaximum = 2_000
        /// Longer lines are not sent but counted as rejected.
        ///
        /// The checkpoint covers no more of such a line, so an import must be repeated with the same value.
        public var lineByteCountMaximum = LineSource.defaultLineByteCountMaximum
        /// How long to go on without any progress.
        public var patience: Duration? = .seconds(30)
        /// How long to wait for an answer before a new connection is tried.
        public var answerTimeout: Duration = .seconds(10)
        /// How long to wait for the last acknowledgements after a request to stop.
        public var farewell: Duration = .seconds(5)

        /// Describes an import.
        ///
        /// - Parameter endpoint: The daemon's ingest endpoint.
        public init(endpoint: String) { self.endpoint = endpoint }
    }

    /// How far the import is.
    public struct Progress: Sendable, Equatable {
        /// How many lines were read.
        public var lineCount: Int64 = 0
        /// How many of them an earlier run had imported.
        public var skippedLineCount: Int64 = 0
        /// How many events of this run are acknowledged.
        public var acknowledgedCount: Int64 = 0
        /// How many stored bytes were read.
        public var readByteCount: Int64 = 0
        /// How many stored bytes the file has, where that is known.
        public var byteCount: Int64?

        /// Makes the progress of an import that has not begun.
        public init() {}
    }

    /// What an import came to.
    public struct Summary: Sendable, Equatable {
        /// The file's name.
        public var name: String
        /// The producer's name; empty for an empty file.
        public var producer: String
        /// What became of the lines; those of earlier runs are duplicates.
        public var totals = PublisherTotals()
        /// How many lines were too long to be sent; they are among the rejected ones.
        public var overlongLineCount: Int64 = 0
        /// Whether the whole file was read, rather than the import stopped on request.
        public var isComplete = false

        /// Makes the summary of an import that has not begun.
        ///
        /// - Parameters:
        ///   - name: The file's name.
        ///   - producer: The producer's name; empty for an empty file.
        public init(name: String, producer: String) {
            self.name = name
            self.producer = producer
        }
    }

    private let options: Options
    private let isCancelled: () -> Bool
    private let onNotice: (PublisherNotice) -> Void
    private let onProgress: (Progress) -> Void

    /// Prepares an import.
    ///
    /// - Parameters:
    ///   - options: How to import.
    ///   - isCancelled: Asked from time to time; true stops the import cleanly.
    ///   - onNotice: Called with what is worth telling though the import goes on.
    ///   - onProgress: Called now and then.
    public init(
        options: Options,
        isCancelled: @escaping () -> Bool = { false },
        onNotice: @escaping (PublisherNotice) -> Void = { _ in },
        onProgress: @escaping (Progress) -> Void = { _ in }
    ) {
        self.options = options
        self.isCancelled = isCancelled
        self.onNotice = onNotice
        self.onProgress = onProgress
    }

    /// The producer's name for a file that begins with this line.
    ///
    /// - Parameter line: The file's first line, without its end.
    /// - Returns: `import-` and 32 hexadecimal digits.
    public static func producer(firstLine line: [UInt8]) -> String {
        var hash = LineHash()
        hash.add(line)
        return "import-\(hash.digest)"
    }

    /// Imports one file.
    ///
    /// - Parameter path: The file's path, or `-` for standard input.
    /// - Returns: What became of its lines.
    /// - Throws: ``ImportError``.
    public func run(path: String) throws(ImportError) -> Summary {
        do {
            let source = try LineSource(
                path: path,
                lineByteCountMaximum: options.lineByteCountMaximum
            )
            var first: [UInt8] = []
            guard let line = try source.next(into: &first) else {
                var summary = Summary(name: source.name, producer: "")
                summary.isComplete = true
                return summary
            }
            let producer = options.producer ?? Self.producer(firstLine: first)
            var pass = ImportPass(
                source: source,
                publisher: makePublisher(producer: producer),
                producer: producer,
                batchEventCountMaximum: options.batchEventCountMaximum,
                isCancelled: isCancelled,
                onProgress: onProgress
            )
            return try pass.run(firstLine: first, line, farewell: options.farewell)
        } catch let error as ImportError {
            throw error
        } catch let error as LineSourceError {
            throw .source(error)
        } catch let error as PublisherError {
            throw .publisher(error)
        } catch {
            preconditionFailure("an import fails with an error of its own layers: \(error)")
        }
    }

    private func makePublisher(producer: String) -> Publisher {
        var configuration = PublisherConfiguration(producer: producer, epoch: .stored)
        configuration.mayRenumber = false
        configuration.patience = options.patience
        configuration.answerTimeout = options.answerTimeout
        let publisher = Publisher(endpoint: options.endpoint, configuration: configuration)
        publisher.onNotice = onNotice
        publisher.isCancelled = isCancelled
        return publisher
    }
}
