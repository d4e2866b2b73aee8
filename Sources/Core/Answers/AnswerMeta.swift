public import JSON

/// What `meta` says of the state an answer was computed from.
public struct AnswerStamp: Sendable {
    /// The time of the last commit, or nil before the first.
    public var dataAsOf: UnixMilliseconds?
    /// The version of the data.
    public var dataVersion: UInt64
    /// Where figures begin, where a retention leaves something out.
    public var retainedFrom: UnixMilliseconds?

    /// Makes a stamp.
    ///
    /// - Parameters:
    ///   - dataAsOf: The time of the last commit, or nil before the first.
    ///   - dataVersion: The version of the data.
    ///   - retainedFrom: Where figures begin, where a retention leaves something out.
    public init(
        dataAsOf: UnixMilliseconds?,
        dataVersion: UInt64,
        retainedFrom: UnixMilliseconds? = nil
    ) {
        self.dataAsOf = dataAsOf
        self.dataVersion = dataVersion
        self.retainedFrom = retainedFrom
    }
}

extension QueryPlan {
    /// The `meta` of an answer to this query.
    ///
    /// - Parameter stamp: The state it was computed from.
    /// - Returns: An object.
    public func meta(_ stamp: AnswerStamp) -> JSONValue {
        var meta = AnswerObject()
        meta.set("timezone", .string(calendar.rules.name))
        meta.set("start", .string(calendar.text(of: range.start)))
        meta.set("end", .string(calendar.text(of: range.end)))
        if let granularity { meta.set("group_by", .string(granularity.rawValue)) }
        meta.set("generated_at", .string(calendar.text(of: now)))
        meta.set("data_as_of", stamp.dataAsOf.map { .string(calendar.text(of: $0)) } ?? .null)
        meta.set("data_version", .integer(Int64(stamp.dataVersion)))
        if let retainedFrom = stamp.retainedFrom {
            meta.set("retained_from", .string(calendar.text(of: retainedFrom)))
        }
        meta.set("non_additive", .array(nonAdditiveFields.map { .string($0) }))
        return meta.value
    }

    /// Fields of rows whose sum is not the range's figure.
    private var nonAdditiveFields: [String] {
        // A user first seen on one channel and active later on another is new in the range but
        // in none of its buckets; only a channel filter can tell them apart.
        let users = channel == nil ? ["active_users"] : ["active_users", "new_users"]
        return switch method {
        case .usageDaily, .usageMonthly: users
        case .engagement: users + ["returning_users"]
        case .conversationsDuration: ["avg_duration_seconds", "p50", "p95"]
        case .conversationsResolution: ["resolution_rate"]
        case .engagementRetention: ["rates"]
        case .engagementSatisfaction: ["csat_score", "average_rating"]
        case .realtimeActive: ["active_sessions"]
        case .usage, .conversations, .conversationsVolume, .realtime, .systemStatus: []
        }
    }
}
