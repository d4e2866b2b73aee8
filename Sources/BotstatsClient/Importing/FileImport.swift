/// Loads a file of events so that repeating, resuming and continuing count nothing twice.
///
/// The producer is named after the file's first line, an event's number is its line's number,
/// and the checkpoint stored with each batch is a hash of all lines up to its end. A second run
/// asks the daemon how many lines it has, reads as many, and goes on only where their hash is
/// the stored one.
///
/// Every line keeps its number, whatever is on it. An empty line is sent as it is, for the
/// daemon to reject. A line longer than the daemon takes cannot be sent: an empty line takes its
/// place, so that the daemon rejects that number as `invalid_json`, and the summary names the
/// line. A last line that has neither an end nor a closing brace is still being written: it is
/// left for the next run, because its number must not go to half of it.
///
/// A store that is set back to a backup, or replaced, during the import is noticed at the next
/// greeting. The file is then read again and the store gets what it lacks.
public struct FileImport {
    /// How to import.
    public struct Options: Sendable {
        /// The daemon's ingest endpoint.
        public var endpoint: String
        /// The keys of an encrypted connection; nil where it is not encrypted.
        public var curve: CurveClientKeys?
        /// The producer's name; nil to name it after the first line.
        public var producer: String?
        /// How many lines a batch holds; the daemon may allow less.
        public var batchEventCountMaximum = 2_000
        /// Longer lines are not sent but rejected, each under its number.
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
        /// How many numbers ``overlongLineNumbers`` holds at most.
        public static let overlongLineNumberCountMaximum = 20

        /// The file's name.
        public var name: String
        /// The producer's name; empty for an empty file.
        public var producer: String
        /// What became of the lines; those of earlier runs are duplicates.
        public var totals = PublisherTotals()
        /// How many lines were too long to be sent; an empty line, which the daemon rejects,
        /// took the place of each.
        public var overlongLineCount: Int64 = 0
        /// The numbers of the first of them, at most ``overlongLineNumberCountMaximum``.
        public var overlongLineNumbers: [Int64] = []
        /// The number of a last line that was left for the next run because it is not complete.
        public var unfinishedLineNumber: Int64?
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

    /// How often a file is read at most because the store changes under the import.
    private static let passCountMaximum = 5
    /// How long one wait for a pipe lasts at most, so that a request to stop is heard.
    static let waitMilliseconds = 50

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
    /// - Complexity: O(size of the file); memory for a window of batches and one line.
    public func run(path: String) throws(ImportError) -> Summary {
        for _ in 1..<Self.passCountMaximum {
            do {
                return try runOnce(path: path)
            } catch .publisher(.rolledBack) where path != "-" {
                onNotice(.importRestarted)
            } catch .publisher(.unknownEpoch) where path != "-" {
                onNotice(.importRestarted)
            }
        }
        return try runOnce(path: path)
    }

    private func runOnce(path: String) throws(ImportError) -> Summary {
        do {
            let source = try LineSource(
                path: path,
                lineByteCountMaximum: options.lineByteCountMaximum
            )
            var summary = Summary(name: source.name, producer: "")
            var first: [UInt8] = []
            while try !source.waitForLine(milliseconds: Self.waitMilliseconds) {
                if isCancelled() { return summary }
            }
            guard let line = try source.next(into: &first) else {
                summary.isComplete = true
                return summary
            }
            guard !ImportPass.isUnfinished(first, line) else {
                summary.isComplete = true
                summary.unfinishedLineNumber = 1
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
        let publisher = Publisher(
            endpoint: options.endpoint,
            configuration: configuration,
            curve: options.curve
        )
        publisher.onNotice = onNotice
        publisher.isCancelled = isCancelled
        return publisher
    }
}
