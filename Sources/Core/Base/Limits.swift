/// Every bound of the product, with its reason; `protocol/limits.md` repeats them for users.
public enum Limits {
    /// Batches a publisher may have in flight, told in WELCOME.
    public static let windowBatches = 32
    /// Bytes a publisher may have in flight, told in WELCOME.
    public static let windowBytes = 4 << 20
    /// Bytes of one EVENTS body.
    ///
    /// The event decoder copies a body into one padded buffer.
    public static let batchBytesMaximum = 1 << 20
    /// Bytes of any frame.
    ///
    /// A peer that sends a larger one is disconnected by ZeroMQ, which takes no memory for it; what
    /// lies between this and a frame's own limit is answered.
    public static let frameBytesMaximum = 8 << 20
    /// Events in one EVENTS body.
    public static let batchEventsMaximum = 10_000
    /// Bytes of an ingest header frame.
    public static let headerBytesMaximum = 4_096
    /// Bytes of a checkpoint.
    public static let checkpointBytesMaximum = 256
    /// Bytes of a producer's name.
    public static let producerNameBytesMaximum = 128
    /// Producers the daemon remembers.
    ///
    /// A producer row is about 500 bytes.
    public static let producersMaximum = 100_000
    /// Connections remembered, at the least, that said HELLO for a producer before its owner did.
    ///
    /// Up to twice as many are, at 8 bytes each in tables that are at most three quarters full:
    /// 8 MiB.
    public static let formerOwnersRemembered = 250_000
    /// Rejections listed in one ACK.
    public static let rejectionsListedMaximum = 100
    /// Bytes of a query request frame.
    public static let requestBytesMaximum = 64 << 10
    /// Requests in one JSON-RPC batch.
    public static let requestBatchMaximum = 100
    /// Events folded into one commit before it is written: at 40 bytes a record a journal
    /// value of about 640 KB, where the measured append rate is highest.
    public static let commitEventsMaximum = 16_000
    /// Events committed to the journal and not yet folded into the store.
    ///
    /// Ingest answers `busy` beyond it. At 40 bytes a record and about as much for its changes it
    /// bounds the unfolded tail near 200 MB.
    public static let unfoldedEventsMaximum = 2_000_000
    /// Sessions held in memory: open, in the realtime window, or watched for a reopening.
    ///
    /// Ingest answers `busy` beyond it.
    public static let heldSessionsMaximum = 4_000_000
    /// How far an event may lie ahead of now.
    public static let futureMilliseconds: Int64 = 5 * Milliseconds.minute
    /// 2000-01-01T00:00:00Z, the earliest time stamp accepted.
    public static let earliestMilliseconds: UnixMilliseconds = 946_684_800_000
    /// 2100-01-01T00:00:00Z, the end of the calendar the day tier is laid out for.
    public static let latestMilliseconds: UnixMilliseconds = 4_102_444_800_000
    /// Distinct bots.
    ///
    /// Their directory is held in memory, about 100 bytes each.
    public static let botsMaximum = 1_000_000
    /// Distinct channels.
    ///
    /// Their directory is held in memory and a bot's rows are read channel by channel.
    public static let channelsMaximum = 1_024
    /// How long after a session's last message it is kept at hand for the realtime window, whose
    /// longest setting is 60 minutes.
    public static let realtimeKeepMilliseconds: Int64 = 61 * Milliseconds.minute
    /// Reports that are made at once.
    ///
    /// Each has a thread; more would take the processors from ingest and queries.
    public static let reportThreads = 2
    /// Reports that wait to be made.
    public static let reportsWaitingMaximum = 100
    /// Reports that are remembered, expired ones included: about 1 KB of memory each.
    public static let reportsKeptMaximum = 10_000
    /// Bytes of one report.
    ///
    /// 5,000 rows in every table take about a tenth of it.
    public static let reportBytesMaximum = 64 << 20
    /// Bytes of a report that one answer carries.
    public static let reportPieceBytesMaximum = 1 << 20
    /// A resolved conversation is watched this long for a reopening.
    public static let reopenMilliseconds: Int64 = 7 * Milliseconds.day
}
