extension Workload {
    /// Events that are sent together under consecutive numbers.
    public struct Batch: Sendable {
        /// The number of the first event; the first of all is 1.
        public let firstSequence: Int
        /// The events, in the order sent.
        public let events: [ModelEvent]
        /// Whether the batch was sent before and counts nothing.
        public let isRepeat: Bool

        /// The batch's NDJSON body, with timestamps and roles in all allowed spellings.
        ///
        /// The spelling follows from the events' own numbers: a repeated batch has equal bytes.
        public var ndjson: String {
            events.enumerated().map { index, event in
                let number = firstSequence + index
                let offsets = [0, -180, 345, 210, -150, 630, 840, -720]
                let style: ModelEvent.TimestampStyle =
                    number % 2 == 0
                    ? .milliseconds
                    : .rfc3339(offsetMinutes: offsets[number / 2 % offsets.count])
                return event.ndjsonLine(style: style, numericRole: number % 3 == 0) + "\n"
            }
            .joined()
        }
    }

    /// The events in the order of a real day: by time, some of them late.
    ///
    /// - Parameter lateShare: How many of the events come later than their time, anywhere
    ///   among those after them.
    /// - Returns: All events.
    public mutating func arrivals(lateShare: Double = 0.1) -> [ModelEvent] {
        let sorted = events.sorted { $0.timestamp < $1.timestamp }
        var keyed: [(position: Int, event: ModelEvent)] = []
        for (index, event) in sorted.enumerated() {
            let isLate = random.chance(lateShare)
            let delay = isLate ? random.below(sorted.count - index + 1) : 0
            keyed.append((index + delay, event))
        }
        return keyed.sorted { $0.position < $1.position }.map(\.event)
    }

    /// The events in an order that has nothing to do with time.
    ///
    /// - Returns: All events.
    public mutating func shuffled() -> [ModelEvent] {
        events.shuffled(using: &random)
    }

    /// Cuts events into batches of random sizes and repeats some of them later.
    ///
    /// A sequence of batches a daemon accepts without a gap: new batches come in the order of
    /// their numbers, repeats at any time after.
    ///
    /// - Parameters:
    ///   - events: The events in the order to send.
    ///   - sizeMaximum: The most events of a batch.
    ///   - repeatShare: How many of the batches are sent twice.
    /// - Returns: The batches in the order to send.
    public mutating func batches(
        of events: [ModelEvent],
        sizeMaximum: Int = 50,
        repeatShare: Double = 0.2
    ) -> [Batch] {
        var batches: [Batch] = []
        var sent: [Batch] = []
        var index = 0
        while index < events.count {
            let end = min(events.count, index + 1 + random.below(sizeMaximum))
            let batch = Batch(
                firstSequence: index + 1,
                events: Array(events[index..<end]),
                isRepeat: false
            )
            batches.append(batch)
            sent.append(batch)
            index = end
            if random.chance(repeatShare) {
                let earlier = random.pick(sent)
                batches.append(
                    Batch(
                        firstSequence: earlier.firstSequence,
                        events: earlier.events,
                        isRepeat: true
                    )
                )
            }
        }
        return batches
    }
}
