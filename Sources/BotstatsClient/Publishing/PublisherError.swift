/// Why publishing cannot go on.
public enum PublisherError: Error, Sendable, Equatable {
    /// The endpoint cannot be used at all.
    case badEndpoint(endpoint: String, reason: String)
    /// The other side does not let this one in, or closes every connection: the keys do not fit.
    case connectionRefused(endpoint: String, reason: String)
    /// The daemon gave no answer for as long as the publisher's patience lasted.
    case unreachable(endpoint: String?)
    /// The daemon answered that its disk is full for as long as the patience lasted.
    case storageFull
    /// The daemon answered that it is busy for as long as the patience lasted.
    case busy
    /// A newer publisher with the same name has taken over.
    case fenced(producer: String)
    /// The daemon has stored another epoch for this producer.
    case unknownEpoch(producer: String, stored: Int64?)
    /// The daemon lacks events it acknowledged before, and they are not at hand any more.
    case rolledBack(producer: String, committedSequence: Int64)
    /// The daemon has stored events of this producer and epoch that were never sent from here.
    case numberedElsewhere(producer: String, committedSequence: Int64)
    /// The connection's key may not publish under this name.
    case unauthorized(producer: String, message: String?)
    /// One event, or one batch with a checkpoint, is larger than the daemon takes.
    case tooLarge(byteCount: Int, limit: Int)
    /// The producer's name is empty or longer than the daemon takes.
    case badProducer(byteCount: Int)
    /// A checkpoint is longer than the daemon takes.
    case checkpointTooLong(byteCount: Int)
    /// A line handed over holds a line end.
    case lineEndInLine
    /// The daemon refused for another reason.
    case refused(code: String, message: String?)
    /// The daemon sent something this version does not understand.
    case badMessage(String)
    /// Whoever runs the publisher asked it to stop.
    case cancelled
}

extension PublisherError: CustomStringConvertible {
    /// One sentence that says what to do.
    public var description: String {
        switch self {
        case .badEndpoint(_, let reason), .connectionRefused(_, let reason): reason
        case .unreachable(let endpoint):
            "no answer from \(endpoint ?? "the daemon"); is it running, and is this its ingest "
                + "endpoint?"
        case .storageFull: "the daemon's disk is full; free some space there and try again"
        case .busy: "the daemon is too busy; try again later"
        case .fenced(let producer):
            "another publisher has taken over the producer “\(producer)”; "
                + "give each publisher its own name with --producer"
        case .unknownEpoch(let producer, let stored):
            "the producer “\(producer)” is at epoch \(stored.map(String.init) ?? "none") in the "
                + "daemon's store; another publisher uses that name, so choose one with --producer"
        case .rolledBack(let producer, let sequence):
            "the daemon's store has the producer “\(producer)” only up to event \(sequence), "
                + "though more was acknowledged; it was restored from a backup, so start again"
        case .numberedElsewhere(let producer, let sequence):
            "the daemon's store has the producer “\(producer)” up to event \(sequence), "
                + "which was not sent from here; give each publisher its own name with --producer"
        case .unauthorized(let producer, let message):
            message ?? "this connection's key may not publish as “\(producer)”"
        case .tooLarge(let byteCount, let limit):
            "a batch of \(byteCount) bytes is larger than the daemon takes (\(limit) bytes)"
        case .badProducer(let byteCount):
            "a producer's name has 1 to \(PublisherConfiguration.producerByteCountMaximum) bytes, "
                + "not \(byteCount); choose another one with --producer"
        case .checkpointTooLong(let byteCount):
            "a checkpoint of \(byteCount) bytes is longer than the daemon takes "
                + "(\(Publisher.checkpointByteCountMaximum) bytes)"
        case .lineEndInLine: "an event must be one line, without a line end inside"
        case .refused(let code, let message): message ?? "the daemon refused: \(code)"
        case .badMessage(let text): "the daemon sent \(text), which this version does not know"
        case .cancelled: "stopped on request"
        }
    }
}
