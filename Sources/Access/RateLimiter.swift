/// A bucket of requests for each credential, refilled evenly.
///
/// A full bucket holds as many requests as are allowed in a minute, so that a burst of that many
/// is answered and then one every minute ÷ limit.
struct RateLimiter: Sendable {
    /// How much a bucket holds, in thousandths of a minute's share: at `limit` requests a minute
    /// a millisecond brings `limit` of them.
    private struct Bucket: Sendable {
        var level: Int64
        var milliseconds: Int64
    }

    /// What a request costs.
    private static let cost: Int64 = 60_000
    /// Credentials whose buckets are remembered, of 48 bytes each.
    ///
    /// Only good credentials have one. A credential that is forgotten begins with a full bucket.
    private static let bucketsMaximum = 32_768

    private let limit: Int64
    private var buckets = RecentTable<CredentialDigest, Bucket>(capacity: bucketsMaximum)

    /// Makes a limiter.
    ///
    /// - Parameter limit: Requests a minute, 1 or more.
    init(limit: Int) {
        precondition(limit > 0, "no limit needs no limiter")
        self.limit = Int64(limit)
    }

    /// Takes one request out of a credential's bucket.
    ///
    /// - Parameters:
    ///   - credential: The credential.
    ///   - now: Milliseconds since 1970; a clock that was set back brings nothing.
    /// - Returns: What is left, and whether there was enough.
    mutating func take(_ credential: CredentialDigest, now: Int64) -> (isAllowed: Bool, RateStatus)
    {
        let capacity = limit * Self.cost
        var bucket = buckets[credential] ?? Bucket(level: capacity, milliseconds: now)
        // A minute refills the whole bucket; the bound keeps the product small.
        let elapsed = min(max(0, now - bucket.milliseconds), 60_000)
        bucket.level = min(capacity, bucket.level + elapsed * limit)
        bucket.milliseconds = now
        let isAllowed = bucket.level >= Self.cost
        if isAllowed { bucket.level -= Self.cost }
        buckets[credential] = bucket
        return (isAllowed, status(of: bucket, capacity))
    }

    private func status(of bucket: Bucket, _ capacity: Int64) -> RateStatus {
        let perSecond = limit * 1_000
        func seconds(until level: Int64) -> Int {
            Int((max(0, level - bucket.level) + perSecond - 1) / perSecond)
        }
        return RateStatus(
            limit: Int(limit),
            remaining: Int(bucket.level / Self.cost),
            resetSeconds: seconds(until: capacity),
            retryAfterSeconds: max(1, seconds(until: Self.cost))
        )
    }
}
