import Core
import Crypto
import Foundation
import JSON
import Testing

/// Reports over HTTP: made, downloaded whole and in parts, gone.
@Suite struct ReportTests {
    private let daemon: DaemonFixture
    private let bridge: BridgeFixture

    init() throws {
        daemon = try DaemonFixture()
        bridge = try BridgeFixture(daemon.queryEndpoint)
        try daemon.publish(Events.messages(1...40))
    }

    private func post(
        _ parameters: JSONValue,
        _ fields: [(String, String)] = []
    ) async throws -> Answer {
        try await HTTP.request(
            "POST",
            bridge.url("/reports"),
            fields,
            body: parameters.serializedBytes()
        )
    }

    /// Makes a report and waits for it; the path of its object.
    private func make(_ format: String, _ fields: [(String, String)] = []) async throws -> String {
        let made = try await post(["type": "usage", "format": .string(format)], fields)
        #expect(made.status == 202 || made.status == 201)
        let path = "/reports/\(try #require(made.json["id"]?.stringValue))"
        #expect(made["Location"] == "/api/v1/analytics\(path)")
        #expect(made["Retry-After"] == (made.status == 202 ? "1" : nil))
        while true {
            let state = try await bridge.get(path).json["status"]?.stringValue
            if state != "pending" && state != "running" {
                try #require(state == "completed")
                return path
            }
        }
    }

    private static let types = [
        "json": "application/json", "csv": "text/csv; charset=utf-8",
        "html": "text/html; charset=utf-8", "pdf": "application/pdf",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]

    @Test(arguments: types.keys.sorted())
    func `a report's bytes come with their name, type and hash`(format: String) async throws {
        let path = try await make(format)
        let object = try await bridge.get(path).json
        let file = try await bridge.get(path + "?download=1", [("Accept-Encoding", "gzip")])
        #expect(file.status == 200)
        #expect(file["Content-Type"] == Self.types[format])
        let name = try #require(object["file_name"]?.stringValue)
        #expect(file["Content-Disposition"] == "attachment; filename=\"\(name)\"")
        #expect(name.hasSuffix(".\(format)"))
        #expect(file["Accept-Ranges"] == "bytes")
        #expect(file["Content-Encoding"] == nil)
        let digest = SHA256.hash(data: file.body).map { String(format: "%02x", $0) }.joined()
        #expect(object["sha256"] == .string(digest))
        #expect(file["ETag"] == "\"\(digest)\"")
        #expect(object["size_bytes"] == .integer(Int64(file.body.count)))

        // Where the daemon says it is.
        let url = try #require(object["download_url"]?.stringValue)
        #expect(try await bridge.getRoot(url).body == file.body)

        let head = try await HTTP.request("HEAD", bridge.url(path + "?download=1"))
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head["Content-Length"] == String(file.body.count))
        #expect(head["ETag"] == file["ETag"])

        let tag = try #require(file["ETag"])
        for tags in [tag, "\"other\", W/\(tag)", "*"] {
            let known = try await bridge.get(path + "?download=1", [("If-None-Match", tags)])
            #expect(known.status == 304)
            #expect(known["ETag"] == tag)
            #expect(known.body.isEmpty)
        }
        let other = try await bridge.get(path + "?download=1", [("If-None-Match", "\"other\"")])
        #expect(other.status == 200)
        #expect(other.body == file.body)
    }

    @Test func `a part is what the whole has there`() async throws {
        let path = try await make("pdf") + "?download=1"
        let whole = try await bridge.get(path)
        let size = whole.body.count
        let parts: [(String, Range<Int>)] = [
            ("bytes=0-0", 0..<1), ("bytes=10-99", 10..<100), ("bytes=500-", 500..<size),
            ("bytes=-7", size - 7..<size), ("bytes=-\(size * 2)", 0..<size),
            ("bytes = 1 - 2", 1..<3), ("Bytes=3-\(size * 2)", 3..<size),
            ("bytes=5-99999999999999999999", 5..<size),
        ]
        for (field, range) in parts {
            let part = try await bridge.get(path, [("Range", field)])
            #expect(part.status == 206, "\(field)")
            #expect(
                part["Content-Range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            )
            #expect(part.body == Array(whole.body[range]), "\(field)")
        }
        for field in ["bytes=\(size)-", "bytes=-0"] {
            let none = try await bridge.get(path, [("Range", field)])
            #expect(none.status == 416)
            #expect(none.code == "range_not_satisfiable")
            #expect(none["Content-Range"] == "bytes */\(size)")
        }
        // What is no single range of bytes may be ignored.
        for field in ["bytes=0-1,4-5", "lines=0-1", "bytes=2-1", "bytes=a-b", "bytes=-", "bytes"] {
            #expect(try await bridge.get(path, [("Range", field)]).body == whole.body, "\(field)")
        }
        let tag = try #require(whole["ETag"])
        for (condition, status) in [(tag, 206), ("\"other\"", 200), ("W/\(tag)", 200)] {
            let fields = [("Range", "bytes=0-1"), ("If-Range", condition)]
            #expect(try await bridge.get(path, fields).status == status, "\(condition)")
        }
    }

    @Test func `Accept asks for the bytes where it names their type`() async throws {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        let csv = try await make("csv")
        let html = try await make("html")
        let json = try await make("json")
        for (path, accept, type) in [
            (csv, "text/csv", "text/csv; charset=utf-8"),
            (csv, "application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
            (csv, "application/json, text/csv;q=0.5", "application/json"),
            (csv, "text/csv;q=0", "application/json"), (csv, "*/*", "application/json"),
            (csv, "application/pdf", "application/json"), (csv, browser, "application/json"),
            (html, browser, "text/html; charset=utf-8"),
            (json, "application/json", "application/json"),
        ] {
            let answer = try await bridge.get(path, [("Accept", accept)])
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == type, "\(accept)")
            #expect(answer["Vary"]?.contains("Accept") == true)
            let isObject = try type == "application/json" && answer.json["data"] != nil
            #expect(isObject == (type == "application/json"))
        }
        let object = try await bridge.get(csv + "?download=0", [("Accept", "text/csv")])
        #expect(object["Content-Type"] == "application/json")
    }

    @Test func `one key gives one report`() async throws {
        let key = [("Idempotency-Key", "monthly-2025-05")]
        let path = try await make("csv", key)
        let again = try await post(["type": "usage", "format": "csv"], key)
        #expect(again.status == 201)
        #expect(try "/reports/" + (again.json["id"]?.stringValue ?? "") == path)
        let other = try await post(["type": "usage", "format": "pdf"], key)
        #expect(other.status == 400)
        #expect(other.parameter == "idempotency_key")
        let twice = try await post(["type": "usage", "idempotency_key": "a"], key)
        #expect(twice.status == 400)
        #expect(twice.parameter == "idempotency_key")
        let bad = try await post(["type": "usage"], [("Idempotency-Key", "with space")])
        #expect(bad.parameter == "idempotency_key")
    }

    @Test func `what is deleted or expired is not found`() async throws {
        let path = try await make("csv")
        let expired = try await make("html")
        let deleted = try await HTTP.request("DELETE", bridge.url(path))
        #expect(deleted.status == 200)
        for request in [path, path + "?download=1"] {
            let answer = try await bridge.get(request)
            #expect(answer.status == 404)
            #expect(answer.code == "not_found")
        }
        daemon.advance(seconds: 91 * 86_400)
        for request in [expired, expired + "?download=1"] {
            let answer = try await bridge.get(request, [("Accept", "text/html")])
            #expect(answer.status == 404)
            #expect(answer.code == "report_expired")
        }
    }

    @Test(arguments: [
        ("download=2", "download"), ("download=", "download"), ("download=1&offset=3", "offset"),
        ("length=3", "length"), ("download=1&foo=1", "foo"), ("download=1&download=1", "download"),
    ])
    func `a wrong parameter is named`(query: String, parameter: String) async throws {
        let path = try await make("csv")
        let answer = try await bridge.get("\(path)?\(query)")
        #expect(answer.status == 400)
        #expect(answer.parameter == parameter)
    }
}
