import Foundation
import JSON
import Testing
import ZeroMQ

@testable import Daemon

/// `system.metrics`: Prometheus' format, and the figures of `system.status`.
struct MetricsTests {
    private func metrics(_ daemon: TestDaemon) throws -> PrometheusText {
        let text = try #require(try daemon.ask("system.metrics")["text"]?.stringValue)
        return try PrometheusText(text)
    }

    @Test func `metrics and status say the same`() throws {
        let daemon = try TestDaemon()
        try daemon.awaitNotReady([])
        let peer = try daemon.publisher(named: "p")
        let ended = Lines.message(9).replacing(
            #""type":"message","role":"user""#,
            with: #""type":"session.ended""#
        )
        try peer.publish(from: 1, Lines.messages(1...5) + [ended])
        try peer.sendEvents(from: 20, [Lines.message(20)])
        #expect(try peer.receive().code == "sequence_gap")
        try peer.send("HELLO", ["protocol": 7, "producer": "p"])
        #expect(try peer.receive().code == "malformed")
        // An ACK comes after the figures of its commit, and of everything before it.
        try peer.sendEvents(from: 4, Lines.messages(4...5) + [ended, "nonsense", "{}"])
        #expect(try peer.receive().committed == 8)

        let found = try metrics(daemon)
        let status = try daemon.ask("system.status")
        let rows: [(name: String, labels: [String: String], member: String, expected: Double)] = [
            ("botstats_events_total", ["outcome": "accepted"], "events_accepted", 6),
            ("botstats_events_total", ["outcome": "duplicate"], "events_duplicate", 3),
            ("botstats_events_dropped_total", [:], "events_dropped", 0),
            ("botstats_events_unattached", [:], "events_unattached", 1),
            ("botstats_messages_malformed_total", [:], "messages_malformed", 1),
            ("botstats_publishers", [:], "publishers", 1),
        ]
        for row in rows {
            #expect(found[row.name, row.labels] == row.expected, "\(row.name)")
            #expect(status[row.member]?.integerValue == Int64(row.expected), "\(row.member)")
        }
        for (code, count) in [("invalid_json", 1.0), ("missing_field", 1), ("unknown_type", 0)] {
            #expect(found["botstats_events_rejected_total", ["code": code]] == count)
            #expect(status["events_rejected"]?[code]?.integerValue == Int64(count))
        }
        #expect(found["botstats_events_total", ["outcome": "rejected"]] == 2)
        let refusals = "botstats_ingest_refusals_total"
        #expect(found[refusals, ["code": "sequence_gap"]] == 1)
        #expect(found[refusals, ["code": "malformed"]] == 1)
        #expect(found[refusals, ["code": "busy"]] == 0)
        #expect(found["botstats_ready"] == 1)
        #expect(found["botstats_build_info", ["version": Daemon.version]] == 1)
        #expect(found["botstats_producers"] == 1)
        #expect(found["botstats_sessions_held"] == 6)
        #expect(found["botstats_realtime_active_sessions"] != nil)
        let commits = status["commit_latency_seconds"]?["count"]?.integerValue.map(Double.init)
        #expect(commits != nil)
        #expect(found["botstats_commit_duration_seconds_count"] == commits)
        #expect(found["botstats_ingest_lag_seconds"] == 0)
        #expect(try #require(found["botstats_store_lag_seconds"]) >= 0)
        let last = Double(ManualClock.start) / 1_000
        #expect(found["botstats_last_commit_timestamp_seconds"] == last)
        #expect(found["botstats_process_start_time_seconds"] == last)
        try daemon.stop()
    }

    @Test func `the process and its files are measured`() throws {
        let daemon = try TestDaemon()
        let found = try metrics(daemon)
        let size = try #require(found["botstats_store_size_bytes", ["file": "store"]])
        let map = try #require(found["botstats_store_map_size_bytes", ["file": "store"]])
        #expect(size > 0 && map == Double(64 << 20))
        #expect(try #require(found["botstats_store_readers", ["file": "store"]]) >= 1)
        #expect(try #require(found["botstats_process_resident_memory_bytes"]) > 1e6)
        #expect(try #require(found["botstats_process_cpu_seconds_total"]) > 0)
        #expect(try #require(found["botstats_process_threads"]) >= 4)
        let open = try #require(found["botstats_process_open_fds"])
        #expect(try #require(found["botstats_process_max_fds"]) >= open && open > 5)
        // Files opened meanwhile are counted; other tests open and close some at the same time.
        let files = (0..<500).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
        let more = try #require(try metrics(daemon)["botstats_process_open_fds"])
        #expect(more > open + 250)
        for file in files { try file.close() }
        try daemon.stop()
    }

    @Test func `requests are counted by method and outcome`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        for _ in 0..<3 { _ = try peer.ask("usage", ["days": 7]) }
        #expect(try peer.refusal("{") != nil)
        #expect(try peer.refusal("[]") != nil)
        let wrong = #"{"jsonrpc":"2.0","id":1,"method":"usage","params":{"days":0}}"#
        #expect(try peer.refusal(wrong) != nil)
        let unknown = #"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#
        let daily = #"{"jsonrpc":"2.0","id":1,"method":"usage.daily"}"#
        #expect(try peer.exchange("[\(daily),\(wrong),\(unknown),\(daily)]").arrayValue?.count == 4)
        let found = try metrics(daemon)
        let rows: [(method: String, status: String, count: Double)] = [
            ("usage", "ok", 3), ("usage", "invalid_parameter", 2), ("usage.daily", "ok", 2),
            ("none", "unknown_method", 1), ("none", "invalid_json", 1),
            ("none", "invalid_request", 1), ("engagement", "ok", 0),
        ]
        for row in rows {
            let labels = ["method": row.method, "status": row.status]
            #expect(found["botstats_queries_total", labels] == row.count, "\(row)")
        }
        for (method, count) in [("usage", 5.0), ("usage.daily", 2), ("none", 3), ("engagement", 0)]
        {
            let labels = ["method": method]
            #expect(found["botstats_query_duration_seconds_count", labels] == count)
            let sum = try #require(found["botstats_query_duration_seconds_sum", labels])
            #expect((sum > 0) == (count > 0))
        }
        try daemon.stop()
    }

    @Test func `nothing that a peer chooses becomes a label`() throws {
        let daemon = try TestDaemon()
        try daemon.awaitNotReady([])
        let peer = try daemon.asker()
        #expect(try peer.refusal(#"{"jsonrpc":"2.0","id":1,"method":"x"}"#) != nil)
        let before = try metrics(daemon).samples.count
        for number in 0..<50 {
            let producer = "producer-\(number)\"} 1\n"
            try daemon.publisher(named: producer).publish(from: 1, [Lines.message(number)])
            let method = #"{"jsonrpc":"2.0","id":1,"method":"method-\#(number)\"} 1\n"}"#
            #expect(try peer.refusal(method)?.code == -32_601)
            let bot = "6f1c2b9e-0d7a-4c55-9a35-0000000000\(number + 10)"
            _ = try peer.ask("usage", ["bot_id": .string(bot)])
        }
        let text = try #require(try daemon.ask("system.metrics")["text"]?.stringValue)
        for word in ["producer-", "method-", "6f1c2b9e"] { #expect(!text.contains(word)) }
        // One came up: the time of the last commit.
        #expect(try PrometheusText(text).samples.count == before + 1)
        try daemon.stop()
    }

    @Test func `metrics take no parameters`() throws {
        let daemon = try TestDaemon()
        let request = #"{"jsonrpc":"2.0","id":1,"method":"system.metrics","params":{"days":7}}"#
        let answer = try daemon.asker().exchange(request)
        #expect(answer["error"]?["code"] == -32_602)
        #expect(answer["error"]?["data"]?["parameter"] == "days")
        try daemon.stop()
    }

    @Test func `a duration is counted in the bucket whose bound it does not exceed`() throws {
        var histogram = LatencyHistogram()
        for bound in LatencyHistogram.bounds {
            histogram.record(microseconds: bound)
            histogram.record(microseconds: bound + 1)
        }
        #expect(histogram.counts.first == 1)
        #expect(histogram.counts.last == 1)
        #expect(histogram.counts.dropFirst().dropLast().allSatisfy { $0 == 2 })
        #expect(histogram.count == UInt64(2 * LatencyHistogram.bounds.count))
        #expect(histogram.sum == LatencyHistogram.bounds.reduce(0) { $0 + 2 * $1 + 1 })
    }

    @Test func `labels and help are escaped`() throws {
        var text = MetricsText()
        let value = "a\\b\"c\nd"
        text.add("x", .gauge, "One \\ two\nthree.", [.init(["name": value], 1.5)])
        text.add("y", .gauge, "Infinite.", [.init(["a": "1"], Double.infinity)])
        let found = try PrometheusText(text.text)
        #expect(found["x", ["name": value]] == 1.5)
        #expect(found["y", ["a": "1"]] == .infinity)
        #expect(found.families["x"]?.help == #"One \\ two\nthree."#)
    }

    @Test(
        arguments: [
            "x 1\n", "# HELP x A.\n# TYPE x gauge\nx 1", "# HELP x A.\n# TYPE x gauge\n",
            "# TYPE x gauge\n# HELP x A.\nx 1\n", "# HELP x A.\n# TYPE x counter\nx 1\n",
            "# HELP x_total A.\n# TYPE x_total gauge\nx_total 1\n",
            "# HELP x A.\n# TYPE x gauge\nx 1\nx 2\n", "# HELP x A.\n# TYPE x gauge\ny 1\n",
            "# HELP x A.\n# TYPE x gauge\nx one\n", "# HELP x A.\n# TYPE x gauge\nx  1\n",
            "# HELP x A.\n# TYPE x gauge\nx{a=\"1} 1\n", "# HELP x A.\n# TYPE x gauge\nx{a=1} 1\n",
            "# HELP x A.\n# TYPE x gauge\nx{a=\"\\x\"} 1\n",
            "# HELP x A.\n# TYPE x gauge\nx{a=\"1\",a=\"2\"} 1\n",
            "# HELP x_total A.\n# TYPE x_total counter\nx_total -1\n",
            "# HELP h A.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
            "# HELP h A.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\n"
                + "h_sum 1\nh_count 1\n",
            "# HELP h A.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
            "# HELP h A.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_count 1\n",
        ]
    )
    func `the reader of these tests is strict`(text: String) {
        #expect(throws: PrometheusText.Fault.self) { try PrometheusText(text) }
    }
}
