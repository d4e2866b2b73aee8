internal import Core
internal import EventDecoding
internal import LMDB
internal import Store

extension QueryService {
    /// `system.metrics`: everything in Prometheus' text format, from the same source as
    /// `system.status`.
    ///
    /// No label is anything that a peer can choose, so that the number of series is fixed but for
    /// refusals, of which there are few kinds.
    mutating func metrics() -> String {
        let report = report()
        var text = MetricsText()
        text.add(
            "botstats_build_info",
            .gauge,
            "The running program; always 1.",
            [.init(["version": version], 1)]
        )
        text.add("botstats_ready", .gauge, "Whether everything works.", report.waitsFor.isEmpty)
        addIngest(report, to: &text)
        addCommits(report, to: &text)
        addQueries(to: &text)
        addStore(report, to: &text)
        addRealtime(report, to: &text)
        text.add(
            "botstats_connections_refused_total",
            .counter,
            "Connections whose CURVE key is not allowed.",
            report.ingest.refusedConnections
        )
        text.add(
            "botstats_messages_unauthorized_total",
            .counter,
            "Messages of either ingest socket that their connection's CURVE key may not send.",
            report.ingest.unauthorized
        )
        text.add(
            "botstats_connections_shed_total",
            .counter,
            "How often a thread closed all its connections to free memory.",
            report.connectionsShed
        )
        addProcess(report, to: &text)
        return text.text
    }

    private func addIngest(_ report: SystemReport, to text: inout MetricsText) {
        let ingest = report.ingest
        text.add(
            "botstats_events_total",
            .counter,
            "Events since the store was made, by what became of them.",
            [
                .init(["outcome": "accepted"], ingest.counts.accepted),
                .init(["outcome": "duplicate"], ingest.counts.duplicate),
                .init(["outcome": "rejected"], ingest.counts.rejected.reduce(0, +)),
            ]
        )
        text.add(
            "botstats_events_rejected_total",
            .counter,
            "Events rejected since the store was made, by code.",
            RejectionCode.allCases.map { code in
                .init(["code": code.name], ingest.counts.rejected[Int(code.rawValue)])
            }
        )
        text.add(
            "botstats_events_dropped_total",
            .counter,
            "Fire-and-forget messages known to be lost.",
            ingest.dropped
        )
        text.add(
            "botstats_events_unattached",
            .gauge,
            "Session events that wait for a conversation.",
            report.unattachedEvents
        )
        text.add(
            "botstats_ingest_refusals_total",
            .counter,
            "Messages answered with a NACK, by code.",
            IngestReply.Refusal.allCases.map { refusal in
                .init(["code": refusal.rawValue], ingest.refused[refusal] ?? 0)
            }
        )
        text.add(
            "botstats_messages_malformed_total",
            .counter,
            "Messages of either ingest socket that broke the protocol.",
            ingest.malformed
        )
        text.add(
            "botstats_replies_undelivered_total",
            .counter,
            "Answers of the ingest socket that nobody took.",
            ingest.undelivered
        )
        text.add("botstats_producers", .gauge, "Producers known.", ingest.producers.count)
        text.add(
            "botstats_publishers",
            .gauge,
            "Publishers heard of in the last five minutes.",
            ingest.publishers
        )
        text.add(
            "botstats_sessions_held",
            .gauge,
            "Sessions in memory: open, in the realtime window, or watched for a reopening.",
            ingest.heldSessions
        )
    }

    private func addCommits(_ report: SystemReport, to text: inout MetricsText) {
        let ingest = report.ingest
        text.add(
            "botstats_commit_duration_seconds",
            "How long the journal took for a commit.",
            [([:], ingest.commits.histogram)]
        )
        text.add(
            "botstats_commits_failing",
            .gauge,
            "Whether the journal refused the last commit.",
            ingest.failure != nil
        )
        text.add(
            "botstats_store_failing",
            .gauge,
            "Whether the store refused commits when it was last tried.",
            report.isStoreFailing
        )
        text.add(
            "botstats_storage_full",
            .gauge,
            "Whether there is less free disk than events are taken with.",
            ingest.isStorageFull
        )
        text.add(
            "botstats_events_unfolded",
            .gauge,
            "Events that are acknowledged and not in the store's rows yet.",
            report.unfoldedEvents
        )
        text.add(
            "botstats_events_unfolded_limit",
            .gauge,
            "As many unfolded events make ingest answer busy.",
            Limits.unfoldedEventsMaximum
        )
        text.add(
            "botstats_ingest_lag_seconds",
            .gauge,
            "How far ingest lies behind the clock.",
            Double(report.ingestLagMilliseconds) / 1_000
        )
        text.add(
            "botstats_store_lag_seconds",
            .gauge,
            "How long the store has taken over nothing although commits wait.",
            Double(report.storeLagMilliseconds) / 1_000
        )
        if let instant = report.lastCommit {
            text.add(
                "botstats_last_commit_timestamp_seconds",
                .gauge,
                "When events were last committed.",
                Double(instant) / 1_000
            )
        }
    }

    private func addQueries(to text: inout MetricsText) {
        var counts: [MetricsText.Sample] = []
        var latencies: [(labels: KeyValuePairs<String, String>, values: LatencyHistogram)] = []
        for method in RPCMethod.all + [nil] {
            let name = method?.name ?? "none"
            for (status, count) in (meter.counts[method] ?? [:]).sorted(by: { $0.key < $1.key }) {
                counts.append(.init(["method": name, "status": status], count))
            }
            if let values = meter.latencies[method] { latencies.append((["method": name], values)) }
        }
        text.add(
            "botstats_queries_total",
            .counter,
            "Requests by method (none: no request, or no method) and ok or the error.",
            counts
        )
        text.add(
            "botstats_query_duration_seconds",
            "From a request's frame to its answer, by method.",
            latencies
        )
    }

    private func addStore(_ report: SystemReport, to text: inout MetricsText) {
        let parts = [("store", report.store), ("journal", report.journal)]
        text.add(
            "botstats_store_size_bytes",
            .gauge,
            "Bytes that the file takes, free pages included.",
            parts.map { .init(["file": $0], $1.usedBytes) }
        )
        text.add(
            "botstats_store_map_size_bytes",
            .gauge,
            "The size of the file's map, which grows by itself.",
            parts.map { .init(["file": $0], $1.mapSize) }
        )
        text.add(
            "botstats_store_readers",
            .gauge,
            "Snapshots that are being read, the one of this answer included.",
            parts.map { .init(["file": $0], $1.readerCount) }
        )
        text.add(
            "botstats_store_oldest_reader_commits",
            .gauge,
            "How many commits the oldest of these snapshots lies behind.",
            parts.map { .init(["file": $0], $1.oldestReaderLag) }
        )
        text.add(
            "botstats_disk_free_bytes",
            .gauge,
            "Free bytes of the data directory's disk.",
            report.freeBytes
        )
    }

    private func addRealtime(_ report: SystemReport, to text: inout MetricsText) {
        guard let realtime = report.realtime else { return }
        text.add(
            "botstats_realtime_active_sessions",
            .gauge,
            "Sessions of all bots active in the last 30 minutes.",
            realtime.activeSessions
        )
        text.add(
            "botstats_realtime_active_users",
            .gauge,
            "Users of all bots active in the last 30 minutes.",
            realtime.activeUsers
        )
        text.add(
            "botstats_realtime_messages_per_minute",
            .gauge,
            "Counted messages of the last 60 seconds.",
            realtime.messagesPerMinute
        )
    }

    private func addProcess(_ report: SystemReport, to text: inout MetricsText) {
        let process = ProcessFigures()
        text.add(
            "botstats_process_resident_memory_bytes",
            .gauge,
            "Memory in use, mapped pages of the store included.",
            process.residentBytes
        )
        text.add(
            "botstats_process_cpu_seconds_total",
            .counter,
            "Processor time of all threads.",
            process.cpuSeconds
        )
        text.add(
            "botstats_process_open_fds",
            .gauge,
            "Open file descriptors; each connection is one.",
            process.openFiles
        )
        text.add(
            "botstats_process_max_fds",
            .gauge,
            "How many there may be.",
            process.openFilesMaximum
        )
        text.add("botstats_process_threads", .gauge, "Threads.", process.threads)
        text.add(
            "botstats_process_start_time_seconds",
            .gauge,
            "When the daemon started, since 1970.",
            Double(report.started) / 1_000
        )
    }
}
