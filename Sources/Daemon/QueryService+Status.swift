internal import Core
internal import EventDecoding
internal import JSON
internal import LMDB
internal import Store

extension QueryService {
    /// `system.status`: what anybody may know, and with details what an operator wants to.
    mutating func status(withDetails: Bool) -> JSONValue {
        let report = board.current
        var waitsFor: [JSONValue] = []
        if !state.isRealtimeReady { waitsFor.append("realtime is being rebuilt") }
        if report.failure != nil { waitsFor.append("events cannot be committed") }
        let members: JSONValue = [
            "status": "ok",
            "version": .string(version),
            "ready": .bool(waitsFor.isEmpty),
            "not_ready": .array(waitsFor),
        ]
        guard withDetails, case .object(let shown) = members else { return members }
        return .object(shown + (details(report).objectValue ?? []))
    }

    private mutating func details(_ report: IngestReport) -> JSONValue {
        var rejected: [JSONValue.Member] = []
        for code in RejectionCode.allCases {
            rejected.append(
                JSONValue.Member(
                    name: code.name,
                    value: .integer(Int64(report.counts.rejected[Int(code.rawValue)]))
                )
            )
        }
        return [
            "uptime_seconds": .double(Double(clock.now - started) / 1_000),
            "store": .string(storage.journal.identity.description),
            "incarnation": .integer(Int64(storage.journal.incarnation)),
            "store_bytes": .integer(
                Int64(
                    storage.store.environment.usedBytes + storage.journal.environment.usedBytes
                )
            ),
            "events_accepted": .integer(Int64(report.counts.accepted)),
            "events_duplicate": .integer(Int64(report.counts.duplicate)),
            "events_rejected": .object(rejected),
            "events_dropped": .integer(Int64(clamping: report.dropped)),
            "events_unattached": .integer(state.unattachedCount()),
            "events_unfolded": .integer(Int64(state.unfoldedEventCount)),
            "messages_malformed": .integer(Int64(report.malformed)),
            "replies_undelivered": .integer(Int64(report.undelivered)),
            "connections_shed": .integer(Int64(shedding.reduce(0) { $0 + $1.times })),
            "commit_latency_seconds": commitLatency(report),
            "commit_failure": report.failure.map { .string($0) } ?? .null,
            "oldest_reader_commits": .integer(
                Int64(storage.store.environment.information.oldestReaderLag)
            ),
            "publishers": .integer(Int64(report.publishers)),
            "producers": .array(producers(report)),
        ]
    }

    private func commitLatency(_ report: IngestReport) -> JSONValue {
        var commits = DistributionAccumulator(.response)
        commits.add(report.commitMicroseconds)
        func seconds(_ value: Double?) -> JSONValue {
            value.map { .double($0 / 1_000_000) } ?? .null
        }
        let average = commits.count == 0 ? nil : Double(commits.sum) / Double(commits.count)
        return [
            "count": .integer(commits.count),
            "avg": seconds(average),
            "p50": seconds(commits.quantile(0.5)),
            "p99": seconds(commits.quantile(0.99)),
            "max": seconds(commits.maximum),
        ]
    }

    /// The producers heard of last, at most a thousand.
    private func producers(_ report: IngestReport) -> [JSONValue] {
        let calendar = LocalCalendar(rules: .utc)
        let latest = report.producers.sorted {
            $0.value.lastCommit != $1.value.lastCommit
                ? $0.value.lastCommit > $1.value.lastCommit : $0.key < $1.key
        }
        return latest.prefix(1_000).map { name, producer in
            [
                "producer": .string("\(name)"),
                "epoch": .integer(Int64(producer.epoch)),
                "committed_seq": .integer(Int64(producer.committed)),
                "checkpoint": producer.checkpoint.map { .string($0) } ?? .null,
                "last_commit": .string(calendar.text(of: producer.lastCommit)),
            ]
        }
    }
}
