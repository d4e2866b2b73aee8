internal import JSON

/// The outcomes of conversations, counted.
struct ModelOutcomes {
    /// How an engaged, closed conversation ended.
    enum Outcome: String, CaseIterable {
        case escalated
        case resolvedConfirmed = "resolved_confirmed"
        case resolvedAssumed = "resolved_assumed"
        case abandoned
        case unknown

        var isResolved: Bool { self == .resolvedConfirmed || self == .resolvedAssumed }
    }

    /// The engaged, closed conversations and their outcomes.
    let closed: [(conversation: ModelConversation, outcome: Outcome)]
    /// Engaged conversations that are not closed.
    let open: Int

    init(_ conversations: [ModelConversation], query: ModelQuery) {
        let engaged = conversations.filter(\.isEngaged)
        let closed = engaged.filter(query.isClosed)
        self.closed = closed.map { ($0, Self.outcome($0, query.model)) }
        open = engaged.count - closed.count
    }

    /// The first that applies.
    private static func outcome(
        _ conversation: ModelConversation,
        _ model: ReferenceModel
    ) -> Outcome {
        let attached = conversation.attached
        if attached.contains(where: { $0.kind == .transferred }) { return .escalated }
        if attached.contains(where: { $0.kind == .resolved && $0.confirmed }) {
            return .resolvedConfirmed
        }
        if attached.contains(where: { $0.kind == .resolved }) { return .resolvedAssumed }
        guard let first = model.firstOutcome[conversation.first.botID] else { return .unknown }
        return conversation.start >= first ? .abandoned : .unknown
    }

    func count(_ outcome: Outcome) -> Int { closed.count { $0.outcome == outcome } }

    var resolved: Int { closed.count { $0.outcome.isResolved } }
    /// All but unknown.
    var known: Int { closed.count { $0.outcome != .unknown } }
    var resolutionRate: JSONValue { ModelNumber.ratio(resolved, known) }
    var escalationRate: JSONValue { ModelNumber.ratio(count(.escalated), known) }
}

extension ModelQuery {
    func resolution() -> [JSONValue.Member] {
        let outcomes = ModelOutcomes(conversations, query: self)
        let known = outcomes.known
        let resolved = outcomes.closed.filter(\.outcome.isResolved).map(\.conversation)
        let week = 7 * ModelTime.day
        // The running hour is the one of the running second, which ends with now.
        let runningHour = ModelTime.floor(now - 1, to: ModelTime.hour)
        let settled = resolved.filter { conversation in
            conversation.lastResolution.map { $0 + week <= runningHour } ?? false
        }
        let containment = outcomes.escalationRate.doubleValue.map { JSONValue.double(1 - $0) }
        let counts =
            ModelOutcomes.Outcome.allCases.map {
                JSONValue.Member($0.rawValue, ModelNumber.count(outcomes.count($0)))
            } + [.init("open", ModelNumber.count(outcomes.open))]
        return [
            .init("outcomes", .object(counts)),
            .init("resolution_rate", outcomes.resolutionRate),
            .init(
                "confirmed_resolution_rate",
                ModelNumber.ratio(outcomes.count(.resolvedConfirmed), known)
            ),
            .init("escalation_rate", outcomes.escalationRate),
            .init("abandonment_rate", ModelNumber.ratio(outcomes.count(.abandoned), known)),
            .init("containment_rate", containment ?? .null),
            .init("outcome_coverage", ModelNumber.ratio(known, known + outcomes.count(.unknown))),
            .init(
                "reopen_rate",
                ModelNumber.ratio(resolved.count(where: isReopened), resolved.count)
            ),
            .init(
                "durable_resolution_rate",
                ModelNumber.ratio(settled.count { !isReopened($0) }, settled.count)
            ),
            .init("data", data(conversations, by: \.start) { .init(resolutionRow($1)) }),
        ]
    }

    private func resolutionRow(_ conversations: [ModelConversation]) -> [JSONValue.Member] {
        let outcomes = ModelOutcomes(conversations, query: self)
        return [
            .init("resolved", ModelNumber.count(outcomes.resolved)),
            .init("escalated", ModelNumber.count(outcomes.count(.escalated))),
            .init("abandoned", ModelNumber.count(outcomes.count(.abandoned))),
            .init("unknown", ModelNumber.count(outcomes.count(.unknown))),
            .init("resolution_rate", outcomes.resolutionRate),
        ]
    }

    /// Its session has an incoming message later than its last resolving event and no later
    /// than seven days after that.
    private func isReopened(_ conversation: ModelConversation) -> Bool {
        guard let resolved = conversation.lastResolution else { return false }
        let times = model.incomingTimes[ReferenceModel.key(conversation.first)] ?? []
        return times.contains { $0 > resolved && $0 <= resolved + 7 * ModelTime.day }
    }
}
