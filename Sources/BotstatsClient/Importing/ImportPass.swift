/// One reading of a file from its first line to its last.
struct ImportPass {
    /// What the checkpoint begins with; another beginning means another kind of publisher.
    static let checkpointPrefix = "lines/1:"
    /// After how many lines the rest of the world gets its turn.
    private static let turnLineCount: Int64 = 4_096

    private let source: LineSource
    private let publisher: Publisher
    private let batchEventCountMaximum: Int
    private let isCancelled: () -> Bool
    private let onProgress: (FileImport.Progress) -> Void

    private var summary: FileImport.Summary
    private var hash = LineHash()
    private var skippedLineCount: Int64 = 0
    private var body: [UInt8] = []
    private var count = 0

    init(
        source: LineSource,
        publisher: Publisher,
        producer: String,
        batchEventCountMaximum: Int,
        isCancelled: @escaping () -> Bool,
        onProgress: @escaping (FileImport.Progress) -> Void
    ) {
        self.source = source
        self.publisher = publisher
        self.batchEventCountMaximum = batchEventCountMaximum
        self.isCancelled = isCancelled
        self.onProgress = onProgress
        summary = FileImport.Summary(name: source.name, producer: producer)
    }

    /// Imports the lines the daemon does not have.
    ///
    /// - Parameters:
    ///   - firstLine: The first line, which was read to name the producer.
    ///   - kind: What kind of line the first one is.
    ///   - farewell: How long to wait for acknowledgements after a request to stop.
    /// - Returns: What became of the lines.
    /// - Throws: ``ImportError``, ``LineSourceError`` or ``PublisherError``.
    mutating func run(
        firstLine: [UInt8],
        _ kind: LineSource.Line,
        farewell: Duration
    ) throws -> FileImport.Summary {
        do {
            let welcome = try publisher.connect()
            var line = firstLine
            var next: LineSource.Line? = kind
            try skip(welcome, &line, &next)
            while let kind = next, !isCancelled() {
                if Self.isUnfinished(line, kind) {
                    summary.unfinishedLineNumber = hash.lineCount + 1
                    next = nil
                    break
                }
                try add(line, kind, limits: try publisher.connect().limits)
                next = try readLine(into: &line)
            }
            summary.isComplete = next == nil
            try sendBatch()
        } catch PublisherError.cancelled {
            summary.isComplete = false
        } catch let error as LineSourceError {
            // What was read before is complete in itself: a later run goes on after it.
            try sendBatch()
            try publisher.flush()
            throw error
        }
        try finish(farewell: farewell)
        report()
        return summary
    }

    /// Reads the lines the daemon has and makes sure that they are this file's.
    private mutating func skip(
        _ welcome: PublisherWelcome,
        _ line: inout [UInt8],
        _ next: inout LineSource.Line?
    ) throws {
        while let kind = next, hash.lineCount < welcome.committedSequence {
            if isCancelled() { throw PublisherError.cancelled }
            hash.add(line, byteCount: kind.byteCount)
            skippedLineCount += 1
            if hash.lineCount % Self.turnLineCount == 0 {
                try publisher.service()
                report()
            }
            next = try readLine(into: &line)
        }
        summary.totals.duplicate = skippedLineCount
        guard welcome.committedSequence > 0 else { return }
        guard hash.lineCount == welcome.committedSequence else {
            throw ImportError.shorterFile(
                name: source.name,
                producer: summary.producer,
                lineCount: hash.lineCount,
                importedCount: welcome.committedSequence
            )
        }
        guard welcome.checkpoint == checkpoint else {
            throw ImportError.anotherFile(name: source.name, producer: summary.producer)
        }
        report()
    }

    /// Whether a line is the beginning of one that is still being written.
    ///
    /// - Parameters:
    ///   - line: The line's bytes without its end.
    ///   - kind: What kind of line it is.
    /// - Returns: true where the end is missing, both the line's and the object's.
    static func isUnfinished(_ line: [UInt8], _ kind: LineSource.Line) -> Bool {
        guard !kind.isTerminated else { return false }
        let last = line.last { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        return last != UInt8(ascii: "}")
    }

    /// Reads the next line; while a pipe delivers none, what was read is sent and acknowledged.
    private mutating func readLine(into line: inout [UInt8]) throws -> LineSource.Line? {
        while try !source.waitForLine(milliseconds: FileImport.waitMilliseconds) {
            if isCancelled() { throw PublisherError.cancelled }
            try sendBatch()
            try publisher.service()
        }
        return try source.next(into: &line)
    }

    private var checkpoint: String { Self.checkpointPrefix + hash.digest }

    private mutating func add(
        _ line: [UInt8],
        _ kind: LineSource.Line,
        limits: PublisherLimits
    ) throws {
        let isOverlong = kind.isCut || line.count >= limits.batchByteCount
        let byteCount = isOverlong ? 1 : line.count + 1
        if count > 0, body.count + byteCount > limits.batchByteCount { try sendBatch() }
        hash.add(line, byteCount: kind.byteCount)
        // An empty line takes the place of one that cannot be sent, so that numbers stay line
        // numbers; the daemon rejects it.
        if isOverlong { noteOverlongLine() } else { body.append(contentsOf: line) }
        body.append(0x0A)
        count += 1
        if count >= min(batchEventCountMaximum, limits.batchEventCount) { try sendBatch() }
    }

    private mutating func noteOverlongLine() {
        summary.overlongLineCount += 1
        let maximum = FileImport.Summary.overlongLineNumberCountMaximum
        guard summary.overlongLineNumbers.count < maximum else { return }
        summary.overlongLineNumbers.append(hash.lineCount)
    }

    private mutating func sendBatch() throws {
        guard count > 0 else { return }
        let batch = (body, count)
        body = []
        body.reserveCapacity(batch.0.count)
        count = 0
        try publisher.publish(body: batch.0, count: batch.1, checkpoint: checkpoint)
        report()
    }

    /// Waits for the acknowledgements: for all of them at the end of the file, for a while
    /// after a request to stop.
    private mutating func finish(farewell: Duration) throws {
        if !summary.isComplete {
            let clock = ContinuousClock()
            let end = clock.now + farewell
            publisher.isCancelled = { clock.now >= end }
        }
        do { try publisher.close() } catch .cancelled { summary.isComplete = false }
        summary.totals.add(publisher.totals)
    }

    private func report() {
        var progress = FileImport.Progress()
        progress.lineCount = hash.lineCount
        progress.skippedLineCount = skippedLineCount
        progress.acknowledgedCount = publisher.totals.acknowledged
        progress.readByteCount = source.readByteCount
        progress.byteCount = source.storedByteCount
        onProgress(progress)
    }
}
