/// Some consecutive events, as they are sent.
struct PublisherBatch: Equatable {
    /// The first event's number.
    var firstSequence: Int64
    /// How many events there are.
    var count: Int
    /// One line for each event, every line with its end.
    var body: [UInt8]
    /// The publisher's own position after the batch.
    var checkpoint: String?

    /// The last event's number.
    var lastSequence: Int64 { firstSequence + Int64(count) - 1 }

    /// The batch as two, or nil where it has only one line.
    ///
    /// The checkpoint stays with the second half: it is the position after both.
    var halves: (PublisherBatch, PublisherBatch)? {
        guard count > 1 else { return nil }
        let firstCount = count / 2
        var seen = 0
        var end = body.endIndex
        for (index, byte) in body.enumerated() where byte == 0x0A {
            seen += 1
            if seen == firstCount {
                end = index + 1
                break
            }
        }
        guard seen == firstCount, end < body.endIndex else { return nil }
        let first = PublisherBatch(
            firstSequence: firstSequence,
            count: firstCount,
            body: Array(body[..<end]),
            checkpoint: nil
        )
        let second = PublisherBatch(
            firstSequence: firstSequence + Int64(firstCount),
            count: count - firstCount,
            body: Array(body[end...]),
            checkpoint: checkpoint
        )
        return (first, second)
    }
}
