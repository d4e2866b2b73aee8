internal import Core
internal import EventDecoding
internal import JSON
internal import LMDB
internal import Store
internal import OperatorLog

extension QueryService {
    /// `system.status`: what anybody may know, and with details what an operator wants to.
    mutating func status(withDetails: Bool) -> JSONValue {
        guard withDetails else { return .object(members(waitingFor: readiness().waitsFor)) }
        let report = report()
        let details = details(report).objectValue ?? []
        return .object(members(waitingFor: report.waitsFor) + details)
    }

    private func members(waitingFor reasons: [String]) -> [JSONValue.Member] {
        let members: JSONValue = [
            "status": "ok",
            "version": .string(version),
            "ready": .bool(reasons.isEmpty),
            "not_ready": .array(reasons.map { .string($0) }),
        ]
        return members.objectValue ?? []
    }

    private func details(_ report: SystemReport) -> JSONValue {
        let ingest = report.ingest
        var rejected: [JSONValue.Member] = []
        for code in RejectionCode.allCases {
            rejected.append(
                JSONValue.Member(
                    name: code.name,
                    value: .integer(Int64(ingest.counts.rejected[Int(code.rawValue)]))
                )
            )
        }
        return [
            "uptime_seconds": .double(Double(report.uptimeMilliseconds) / 1_000),
            "store": .string(storage.journal.identity.description),
            "incarnation": .integer(Int64(storage.journal.incarnation)),
            "store_bytes": .integer(Int64(report.store.usedBytes + report.journal.usedBytes)),
            "events_accepted": .integer(Int64(ingest.counts.accepted)),
            "events_duplicate": .integer(Int64(ingest.counts.duplicate)),
            "events_rejected": .object(rejected),
            "events_dropped": .integer(Int64(clamping: ingest.dropped)),
            "events_unattached": .integer(report.unattachedEvents),
            "events_unfolded": .integer(Int64(report.unfoldedEvents)),
            "messages_malformed": .integer(Int64(ingest.malformed)),
            "messages_unauthorized": .integer(Int64(ingest.unauthorized)),
            "connections_refused": .integer(Int64(ingest.refusedConnections)),
            "replies_undelivered": .integer(Int64(ingest.undelivered)),
            "connections_shed": .integer(Int64(report.connectionsShed)),
            "commit_latency_seconds": commitLatency(ingest),
            "commit_failure": ingest.failure.map { .string($0) } ?? .null,
            "oldest_reader_commits": .integer(Int64(report.store.oldestReaderLag)),
            "log_level": .string(log.level.rawValue),
            "publishers": .integer(Int64(ingest.publishers)),
            "producers": .array(producers(ingest)),
        ]
    }

    private func commitLatency(_ report: IngestReport) -> JSONValue {
        var commits = DistributionAccumulator(.response)
        commits.add(report.commits.distribution)
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
