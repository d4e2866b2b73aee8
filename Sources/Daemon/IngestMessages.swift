internal import Core
internal import EventDecoding
internal import Store

/// The first frame of an ingest message.
enum IngestCommand {
    case hello
    case events
    case ping
    case unknown

    init(_ bytes: RawSpan) {
        self = Self.words.first { Self.equals(bytes, $0.word) }?.command ?? .unknown
    }

    private static let words: [(word: [UInt8], command: IngestCommand)] = [
        (Array("EVENTS".utf8), .events), (Array("HELLO".utf8), .hello), (Array("PING".utf8), .ping),
    ]

    private static func equals(_ bytes: RawSpan, _ word: [UInt8]) -> Bool {
        guard bytes.byteCount == word.count else { return false }
        for index in word.indices
        where bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) != word[index] {
            return false
        }
        return true
    }
}

/// The header of an EVENTS message with all that it needs.
struct IngestBatch {
    let producer: ProducerName
    let epoch: UInt64
    let first: UInt64
    let count: UInt64
    let checkpoint: String?

    init?(_ header: IngestHeader) {
        guard let producer = header.producer, let epoch = header.epoch,
            let first = header.firstSequence, first > 0, first < 1 << 62,
            let count = header.count, count > 0, count < 1 << 62
        else { return nil }
        self.producer = ProducerName(producer)
        self.epoch = epoch
        self.first = first
        self.count = count
        checkpoint = header.checkpoint
    }
}

/// Decodes bodies and puts their events into the running commit.
struct EventAdmission {
    /// The present, for the limits of time stamps.
    var now: UnixMilliseconds = 0
    /// The earliest time stamp taken.
    var earliest = Limits.earliestMilliseconds
    /// Events decoded for the running commit.
    var count = 0
    private let decoder = EventDecoder(capacity: Limits.batchEventsMaximum)

    /// Decodes a body; returns the number of its lines, or nil when there are too many.
    mutating func decode(_ body: RawSpan) -> Int? {
        guard let lines = decoder.decode(body) else { return nil }
        // Even a batch that counts nothing costs its share of a commit.
        count += max(1, lines)
        return lines
    }

    /// Puts the decoded lines from one on into the running commit.
    mutating func fold(
        from first: Int,
        firstSequence: UInt64,
        into fold: inout Fold,
        ground: StoreSnapshot,
        tally: inout IngestTally,
        counts: inout IngestCounts
    ) {
        fold.warm(count: decoder.count - first) { decoder.identities(of: first + $0) }
        for index in first..<decoder.count {
            let line = decoder[index]
            var rejection = line.rejection
            if rejection == nil { rejection = timeRejection(line.timestamp) }
            if rejection == nil {
                do throws(Fold.Refusal) {
                    try fold.append(Event(line), ground: ground)
                } catch {
                    rejection = Rejection(
                        code: .invalidField,
                        field: error == .tooManyBots ? .bot : .channel
                    )
                }
            }
            if let rejection {
                tally.reject(firstSequence + UInt64(index), rejection)
                counts.rejected[Int(rejection.code.rawValue)] += 1
            } else {
                tally.accepted += 1
                counts.accepted += 1
            }
        }
    }

    private func timeRejection(_ timestamp: UnixMilliseconds) -> Rejection? {
        if timestamp > now + Limits.futureMilliseconds || timestamp >= Limits.latestMilliseconds {
            return Rejection(code: .timestampInFuture, field: .timestamp)
        }
        if timestamp < earliest {
            return Rejection(code: .timestampTooOld, field: .timestamp)
        }
        return nil
    }
}

/// What is known of fire-and-forget publishers: the gaps in their numbers.
struct FireAndForget {
    /// Messages known to be lost: gaps in numbers, and those the daemon could not take.
    private(set) var dropped: UInt64 = 0
    /// Messages taken in since the last commit, which are lost if it fails.
    var uncommitted: UInt64 = 0
    private var last: [ProducerName: UInt64] = [:]

    /// Counts messages that are lost.
    ///
    /// Publishers give the numbers, and a count never goes back: it stays at the largest integer.
    mutating func note(lost count: UInt64) {
        dropped += min(count, UInt64(Int64.max) - dropped)
    }

    /// Follows a message's number.
    ///
    /// One that is not greater than the last begins anew.
    mutating func follow(_ producer: ProducerName, _ sequence: UInt64) {
        if let known = last[producer] {
            if sequence > known { note(lost: sequence - known - 1) }
        } else if last.count >= Limits.producersMaximum {
            return
        }
        last[producer] = sequence
    }
}
