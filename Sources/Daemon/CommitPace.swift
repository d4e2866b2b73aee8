/// How long a commit waits for more events.
///
/// A commit has costs of its own: the disk, the slots it touches, a change set. With few events a
/// second nobody should wait for others. With many, a few milliseconds make one commit of several:
/// measured with workload W, commits of 1,700 events cost 0.3 µs an event more than such of 6,000.
struct CommitPace {
    /// A commit of so many events shows that there is much load.
    private static let busyEvents = 400
    /// How long a commit waits then.
    ///
    /// It is short beside the window of a publisher, who sends on meanwhile.
    private static let busyMicroseconds: Int64 = 6_000

    /// No need to wait beyond so many events.
    let enough = 8_000
    private var isBusy = false

    /// How long the next commit waits for more, at most.
    var waitMicroseconds: Int64 { isBusy ? Self.busyMicroseconds : 0 }

    /// Follows a commit.
    mutating func follow(events: Int) { isBusy = events >= Self.busyEvents }
}
