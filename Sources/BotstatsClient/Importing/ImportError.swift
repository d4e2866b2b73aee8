/// Why a file is not imported, or not further.
public enum ImportError: Error, Sendable, Equatable {
    /// The file cannot be read.
    case source(LineSourceError)
    /// The producer's events came from other lines than this file's.
    case anotherFile(name: String, producer: String)
    /// The file has fewer lines than were imported under its producer's name.
    case shorterFile(name: String, producer: String, lineCount: Int64, importedCount: Int64)
    /// The daemon cannot be reached or refuses.
    case publisher(PublisherError)
}

extension ImportError: CustomStringConvertible {
    /// One sentence that says what to do.
    public var description: String {
        switch self {
        case .source(let error): error.description
        case .anotherFile(let name, let producer):
            "\(name) is refused: another file was imported under the producer “\(producer)”; "
                + "give this one a name of its own with --producer"
        case .shorterFile(let name, let producer, let lineCount, let importedCount):
            "\(name) is refused: it has \(lineCount) lines, but \(importedCount) were imported "
                + "under the producer “\(producer)”; use --producer if it is another file"
        case .publisher(.rolledBack), .publisher(.unknownEpoch):
            "the daemon's store was set back or replaced during the import; run the same command "
                + "again"
        case .publisher(let error): error.description
        }
    }
}
