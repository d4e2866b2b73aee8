internal import Core

/// Which publishers are at work: those of either socket that were heard of lately.
struct PublisherActivity {
    /// How long a publisher counts as at work after it was last heard of.
    private static let milliseconds = 5 * Milliseconds.minute

    private var heard: [ProducerName: UnixMilliseconds] = [:]
    private var tidied: UnixMilliseconds = 0

    /// Notes a message of a publisher whose name has been checked.
    mutating func hear(_ name: ProducerName, at now: UnixMilliseconds) {
        guard heard.count < Limits.producersMaximum || heard[name] != nil else { return }
        heard[name] = now
    }

    /// The number of publishers at work; forgets the others now and then.
    mutating func count(at now: UnixMilliseconds) -> Int {
        if abs(now - tidied) >= Milliseconds.second {
            heard = heard.filter { $0.value > now - Self.milliseconds }
            tidied = now
        }
        return heard.count
    }
}
