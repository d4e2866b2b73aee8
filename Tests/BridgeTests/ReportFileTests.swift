import Foundation
import JSON
import Synchronization
import Testing

/// Downloads that take more than one piece, or end before their time.
@Suite struct ReportFileTests {
    /// What a report of 2.5 pieces holds.
    private static let bytes: [UInt8] = (0..<5 << 19).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private static func piece(
        _ question: ScriptedDaemon.Question,
        sha256: String = "5e"
    ) -> [UInt8] {
        let parameters = question.request["params"]
        let offset = Int(parameters?["offset"]?.integerValue ?? 0)
        let length = Int(parameters?["length"]?.integerValue ?? 1 << 20)
        let end = min(bytes.count, offset + length)
        return question.result([
            "content_type": "application/pdf", "file_name": "usage.pdf",
            "size_bytes": .integer(Int64(bytes.count)), "sha256": .string(sha256),
            "content": .string(Data(bytes[offset..<end]).base64EncodedString()),
        ])
    }

    private static func isFirst(_ question: ScriptedDaemon.Question) -> Bool {
        question.request["params"]?["offset"] == nil
    }

    @Test func `a large file is made up of pieces`() async throws {
        let daemon = try ScriptedDaemon { [Self.piece($0)] }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        #expect(try await bridge.get("/reports/a?download=1").body == Self.bytes)
        let part = try await bridge.get(
            "/reports/a?download=1",
            [("Range", "bytes=1000000-2200000")]
        )
        #expect(part.body == Array(Self.bytes[1_000_000...2_200_000]))
    }

    @Test func `a limit on requests delays a download and does not break it`() async throws {
        let refusals = Atomic<Int>(0)
        let daemon = try ScriptedDaemon { question in
            guard !Self.isFirst(question), refusals.add(1, ordering: .relaxed).newValue == 1 else {
                return [Self.piece(question)]
            }
            return [
                question.error(
                    429,
                    ["error": "rate_limited", "message": "slower", "retry_after_seconds": 1]
                )
            ]
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        #expect(try await bridge.get("/reports/a?download=1").body == Self.bytes)
        #expect(daemon.received.count == 4)
    }

    @Test(arguments: ["deleted", "other bytes", "empty"])
    func `a download that cannot go on is cut off`(reason: String) async throws {
        let daemon = try ScriptedDaemon { question in
            if Self.isFirst(question) { return [Self.piece(question)] }
            switch reason {
            case "deleted":
                return [question.error(404, ["error": "not_found", "message": "it is gone"])]
            case "other bytes": return [Self.piece(question, sha256: "5f")]
            default: return [question.result(["content": ""])]
            }
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        // The length that was promised is not kept, which a client takes for the fault it is.
        await #expect(throws: (any Error).self) {
            try await bridge.get("/reports/a?download=1")
        }
        #expect(daemon.received.count == 2)
    }

    @Test(arguments: [("pending", 202), ("running", 202), ("failed", 404)])
    func `who comes too early is told so`(state: String, status: Int) async throws {
        let daemon = try ScriptedDaemon { question in
            if question.request["params"]?["download"] == true {
                return [
                    question.error(404, ["error": "report_not_ready", "message": "not yet"])
                ]
            }
            return [question.result(["id": "a", "status": .string(state), "data": .null])]
        }
        defer { daemon.stop() }
        let bridge = try BridgeFixture(daemon.endpoint)
        let early = try await bridge.get("/reports/a?download=1")
        #expect(early.status == status)
        #expect(early["Retry-After"] == (status == 202 ? "1" : nil))
        #expect(try early.json[status == 202 ? "status" : "error"] != nil)
        // Its object is there for whoever takes JSON too.
        let object = try await bridge.get("/reports/a", [("Accept", "application/pdf, */*")])
        #expect(try object.json["status"] == .string(state))
        #expect(object.status == (status == 202 ? 202 : 200))
        #expect(try await bridge.get("/reports/a").status == 200)
    }
}
