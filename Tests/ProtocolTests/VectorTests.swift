import Foundation
import JSON
import Testing

/// The golden vectors of `protocol/vectors/`, through a daemon's sockets.
struct VectorTests {
    @Test func `the dialogue of ingest goes as written`() throws {
        let dialogue = try vector("ingest-dialogue.json")
        #expect(dialogue["now_ms"] == .integer(ManualClock.start))
        let daemon = try TestDaemon()
        var connections: [String: IngestPeer] = [:]
        let steps = try #require(dialogue["steps"]?.arrayValue)
        #expect(steps.count > 20)
        for (index, step) in steps.enumerated() {
            let name = try #require(step["connection"]?.stringValue)
            let peer = try connections[name] ?? daemon.publisher()
            connections[name] = peer
            if let command = step["send"]?.stringValue {
                let lines = step["body"]?.arrayValue?.compactMap { $0.stringValue }
                let body = lines.map { Array($0.map { $0 + "\n" }.joined().utf8) }
                try peer.send(command, try #require(step["header"]), body)
                continue
            }
            let answer = try peer.receive()
            let why = Comment(rawValue: "step \(index): \(step["why"]?.stringValue ?? "")")
            #expect(answer.command == step["expect"]?.stringValue, why)
            for member in step["header"]?.objectValue ?? [] {
                #expect(contains(answer[member.name], member.value), why)
            }
            for present in step["present"]?.arrayValue ?? [] {
                #expect(answer[present.stringValue ?? ""] != nil, why)
            }
            for absent in step["absent"]?.arrayValue ?? [] {
                #expect(answer[absent.stringValue ?? ""] == nil, why)
            }
        }
        try daemon.stop()
    }

    /// Whether a value has at least the members that are expected.
    private func contains(_ actual: JSONValue?, _ expected: JSONValue) -> Bool {
        switch (actual, expected) {
        case (.object?, .object(let members)):
            members.allSatisfy { contains(actual?[$0.name], $0.value) }
        case (.array(let actual)?, .array(let expected)):
            actual.count == expected.count
                && zip(actual, expected).allSatisfy { contains($0, $1) }
        default: actual == expected
        }
    }

    @Test func `refused requests are refused as written`() throws {
        let daemon = try TestDaemon()
        let peer = try daemon.asker()
        let vectors = try #require(try vector("requests.json")["requests"]?.arrayValue)
        #expect(vectors.count > 30)
        for vector in vectors {
            let text = try #require(vector["request"]?.stringValue)
            let answer = try peer.exchange(text)
            let why = Comment(rawValue: "\(vector["why"]?.stringValue ?? "") \(text)")
            #expect(answer["id"] == vector["id"], why)
            #expect(answer["error"]?["code"] == vector["error"]?["code"], why)
            #expect(
                answer["error"]?["data"]?["parameter"] == vector["error"]?["parameter"],
                why
            )
        }
        try daemon.stop()
    }

    @Test func `every line of the events is accepted or rejected as written`() throws {
        let expected = try vector("events.expected.json")
        #expect(expected["now_ms"] == .integer(ManualClock.start))
        let outcomes = try #require(expected["events"]?.arrayValue)
        let body = try [UInt8](Data(contentsOf: vectorURL("events.ndjson")))
        let daemon = try TestDaemon()
        let peer = try daemon.publisher(named: "p")
        try peer.send(
            "EVENTS",
            [
                "producer": "p", "epoch": 1, "first_seq": 1,
                "count": .integer(Int64(outcomes.count)),
            ],
            body
        )
        let answer = try peer.receive()
        try #require(answer.command == "ACK", "\(answer.header.serialized())")
        var rejections: [Int64: JSONValue] = [:]
        for rejection in answer["rejections"]?.arrayValue ?? [] {
            rejections[try #require(rejection["seq"]?.integerValue)] = rejection
        }
        var accepted: Int64 = 0
        for outcome in outcomes {
            let line = try #require(outcome["line"]?.integerValue)
            let why = Comment(rawValue: "line \(line): \(outcome["why"]?.stringValue ?? "")")
            #expect(rejections[line]?["code"] == outcome["code"], why)
            if outcome["field"] != nil || rejections[line]?["field"] != nil {
                #expect(rejections[line]?["field"] == outcome["field"], why)
            }
            if outcome["outcome"] == "accepted" { accepted += 1 }
        }
        #expect(answer.accepted == accepted)
        #expect(answer.rejected == Int64(outcomes.count) - accepted)
        try daemon.stop()
    }

    @Test func `every text of a time stamp means what is written`() throws {
        let vectors = try #require(try vector("timestamps.json")["timestamps"]?.arrayValue)
        // At the end of time nothing lies in the future that may be accepted at all.
        let latest: Int64 = 4_102_444_800_000
        let daemon = try TestDaemon(clock: ManualClock(latest - 10_000))
        let peer = try daemon.publisher(named: "p")
        for (number, vector) in vectors.enumerated() {
            let text = try #require(vector["text"]?.stringValue)
            let plain = Lines.message(number, at: 0)
            let line = plain.replacing(
                "\"timestamp\":0",
                with: "\"timestamp\":" + JSONValue.string(text).serialized()
            )
            let answer = try peer.publish(from: Int64(number) + 1, [line])
            let code = answer["rejections"]?.arrayValue?.first?["code"]?.stringValue
            let expected =
                switch vector["milliseconds"]?.integerValue {
                case nil: "invalid_field"
                case let time? where time < 946_684_800_000: "timestamp_too_old"
                case let time? where time >= latest: "timestamp_in_future"
                default: nil as String?
                }
            #expect(code == expected, "\(text): \(vector["why"]?.stringValue ?? "")")
        }
        try daemon.stop()
    }
}
