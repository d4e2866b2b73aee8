/// What the daemon answers to a greeting.
public struct PublisherWelcome: Sendable, Equatable {
    /// The store's identity.
    public let store: String
    /// Grows when the store is restored from a backup.
    public let incarnation: Int64
    /// The numbering in use.
    public let epoch: Int64
    /// The number of the last event that is stored.
    public let committedSequence: Int64
    /// The publisher's own position after that event, where it gave one.
    public let checkpoint: String?
    /// How much may be sent ahead of the acknowledgements.
    public let limits: PublisherLimits
}

/// How much the daemon takes at once.
public struct PublisherLimits: Sendable, Equatable {
    /// How many batches may await their acknowledgement.
    public let windowBatchCount: Int
    /// How many bytes of batches may await their acknowledgement.
    public let windowByteCount: Int
    /// How many bytes a batch may have.
    public let batchByteCount: Int
    /// How many events a batch may have.
    public let batchEventCount: Int

    /// Describes limits.
    ///
    /// - Parameters:
    ///   - windowBatchCount: How many batches may await their acknowledgement.
    ///   - windowByteCount: How many bytes of batches may await their acknowledgement.
    ///   - batchByteCount: How many bytes a batch may have.
    ///   - batchEventCount: How many events a batch may have.
    public init(
        windowBatchCount: Int,
        windowByteCount: Int,
        batchByteCount: Int,
        batchEventCount: Int
    ) {
        self.windowBatchCount = max(1, windowBatchCount)
        self.windowByteCount = max(1, windowByteCount)
        self.batchByteCount = max(1, batchByteCount)
        self.batchEventCount = max(1, batchEventCount)
    }
}

/// One event that the daemon did not accept.
public struct PublisherRejection: Sendable, Equatable {
    /// The event's number.
    public let sequence: Int64
    /// Why, as one of the contract's codes.
    public let code: String
    /// The field concerned, where there is one.
    public let field: String?
    /// Why, as a sentence.
    public let message: String?
}

/// What became of the events so far.
public struct PublisherTotals: Sendable, Equatable {
    /// How many rejections ``lastRejections`` keeps.
    public static let lastRejectionCountMaximum = 20
    /// The code under which rejections are counted that the daemon did not list one by one.
    public static let unlistedCode = "unlisted"

    /// How many were stored.
    public var accepted: Int64 = 0
    /// How many the daemon had stored already: their first acknowledgement was lost.
    public var duplicate: Int64 = 0
    /// How many were rejected.
    public var rejected: Int64 = 0
    /// How many were rejected, by the reason's code.
    public var rejectedByCode: [String: Int64] = [:]
    /// The last rejections, oldest first.
    public var lastRejections: [PublisherRejection] = []

    /// How many events are accounted for.
    public var acknowledged: Int64 { accepted + duplicate + rejected }

    /// Makes the totals of no event.
    public init() {}

    /// Adds the totals of other events.
    ///
    /// - Parameter other: The totals of events that came later.
    public mutating func add(_ other: PublisherTotals) {
        accepted += other.accepted
        duplicate += other.duplicate
        rejected += other.rejected
        rejectedByCode.merge(other.rejectedByCode, uniquingKeysWith: +)
        append(other.lastRejections)
    }

    private mutating func append(_ rejections: [PublisherRejection]) {
        lastRejections.append(contentsOf: rejections)
        lastRejections.removeFirst(max(0, lastRejections.count - Self.lastRejectionCountMaximum))
    }

    /// Counts the rejections of one acknowledgement.
    ///
    /// - Parameters:
    ///   - rejections: Those listed one by one.
    ///   - rejected: How many there are.
    mutating func count(_ rejections: [PublisherRejection], of rejected: Int64) {
        self.rejected += rejected
        for rejection in rejections { rejectedByCode[rejection.code, default: 0] += 1 }
        let unlisted = rejected - Int64(rejections.count)
        if unlisted > 0 { rejectedByCode[Self.unlistedCode, default: 0] += unlisted }
        append(rejections)
    }
}

/// Something worth telling whoever runs the publisher, though it goes on.
public enum PublisherNotice: Sendable, Equatable {
    /// No answer came in time; a new connection is made.
    case noAnswer
    /// Whoever listens there closes every connection at once: the keys do not fit, most likely.
    case connectionsClosed(reason: String)
    /// The connection is in order again.
    case reconnected
    /// The daemon asks to wait.
    case busy
    /// The daemon's disk is full; sending is tried again from time to time.
    case storageFull
    /// The daemon now has another store than before.
    case storeChanged(from: String, to: String)
    /// The daemon's store was restored from a backup; so many acknowledged events are not in it.
    case storeRestored(missingEventCount: Int64)
    /// The daemon's store was set back or replaced during an import, which reads its file again
    /// and sends what the store lacks.
    case importRestarted
    /// Events are numbered anew.
    case renumbered(epoch: Int64)
}

extension PublisherNotice: CustomStringConvertible {
    /// One sentence for a log.
    public var description: String {
        switch self {
        case .noAnswer: "the daemon does not answer; connecting again"
        case .connectionsClosed(let reason): reason
        case .reconnected: "connected again"
        case .busy: "the daemon is busy; waiting"
        case .storageFull:
            "the daemon's disk is full; free some space and publishing goes on by itself"
        case .storeChanged(let old, let new):
            "the daemon has another store than before: \(new) instead of \(old)"
        case .storeRestored(let count):
            "the daemon's store was restored from a backup that lacks \(count) events "
                + "acknowledged before"
        case .importRestarted:
            "the daemon's store was set back or replaced; reading the file again to send what "
                + "it lacks"
        case .renumbered(let epoch): "events are numbered anew, in epoch \(epoch)"
        }
    }
}
