/// Why lines cannot be read.
public enum LineSourceError: Error, Sendable, Equatable {
    /// The file cannot be opened.
    case cannotOpen(name: String, reason: String)
    /// The file was opened and cannot be read.
    case cannotRead(name: String, reason: String)
    /// The compressed bytes are damaged.
    case corruptGzip(name: String)
    /// The compressed file ends before its last member does.
    case endsInsideGzip(name: String)
}

extension LineSourceError: CustomStringConvertible {
    /// One sentence for the person who named the file.
    public var description: String {
        switch self {
        case .cannotOpen(let name, let reason): "\(name) cannot be opened: \(reason)"
        case .cannotRead(let name, let reason): "\(name) cannot be read: \(reason)"
        case .corruptGzip(let name):
            "\(name) is damaged: its gzip stream cannot be inflated; make it again"
        case .endsInsideGzip(let name):
            "\(name) ends in the middle of its gzip stream; get the complete file"
        }
    }
}
