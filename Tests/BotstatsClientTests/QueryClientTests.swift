import JSON
import Testing

@testable import BotstatsClient

@Suite struct `Query client` {
    private func daemon(
        _ answer: @escaping @Sendable (JSONValue, String?) -> [UInt8]?
    ) throws -> ScriptedDaemon {
        try ScriptedDaemon { $0.answerQuery = answer }
    }

    @Test func `asks with parameters and credential and keeps the order of the result`() throws {
        let daemon = try daemon { request, credential in
            guard request["method"] == "usage", request["params"] == ["days": 7] else { return nil }
            guard request["jsonrpc"] == "2.0", credential == "Bearer x" else { return nil }
            let id = request["id"]?.serialized() ?? ""
            return Array(#"{"jsonrpc":"2.0","id":\#(id),"result":{"z":1,"a":{"y":2,"b":3}}}"#.utf8)
        }
        let client = QueryClient(endpoint: daemon.endpoint, credential: "Bearer x")
        let result = try client.request("usage", params: ["days": 7])
        #expect(result.serialized() == #"{"z":1,"a":{"y":2,"b":3}}"#)
    }

    @Test func `a refusal names the parameter`() throws {
        let daemon = try daemon { request, _ in
            serialized([
                "jsonrpc": "2.0", "id": request["id"] ?? nil,
                "error": [
                    "code": -32602, "message": "Invalid params",
                    "data": [
                        "error": "invalid_parameter", "parameter": "days",
                        "message": "days must be between 1 and 3660",
                    ],
                ],
            ])
        }
        let client = QueryClient(endpoint: daemon.endpoint)
        let error = #expect(throws: QueryError.self) {
            try client.request("usage", params: ["days": 0])
        }
        guard case .refused(let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.code == -32602)
        #expect(refusal.reason == "invalid_parameter")
        #expect(refusal.parameter == "days")
        #expect(error?.description == "days must be between 1 and 3660")
    }

    @Test func `an answer that comes too late is not taken for the next one`() throws {
        // The first question is never answered in time; its answer comes before the second's.
        let daemon = try daemon { request, _ in
            guard request["method"] != "slow" else { return nil }
            return serialized([
                "jsonrpc": "2.0", "id": request["id"] ?? nil, "result": request["method"] ?? nil,
            ])
        }
        let client = QueryClient(endpoint: daemon.endpoint)
        #expect(throws: QueryError.timedOut(endpoint: daemon.endpoint)) {
            try client.request("slow", timeout: .milliseconds(50))
        }
        #expect(try client.request("quick") == "quick")
    }

    @Test func `a batch's results come in the order of its questions`() throws {
        let daemon = try daemon { batch, _ in
            let answers = (batch.arrayValue ?? []).reversed().map { request -> JSONValue in
                request["method"] == "bad"
                    ? [
                        "jsonrpc": "2.0", "id": request["id"] ?? nil,
                        "error": ["code": -32601, "message": "no such method"],
                    ]
                    : [
                        "jsonrpc": "2.0", "id": request["id"] ?? nil,
                        "result": request["method"] ?? nil,
                    ]
            }
            return JSONValue.array(answers).serializedBytes()
        }
        let client = QueryClient(endpoint: daemon.endpoint)
        let results = try client.batch([
            .init(method: "usage"), .init(method: "bad"), .init(method: "realtime"),
        ])
        #expect(try results[0].get() == "usage")
        #expect(throws: QueryError.self) { try results[1].get() }
        #expect(try results[2].get() == "realtime")
    }

    @Test(arguments: ["{", #"{"id":null}"#, #"{"id":null,"error":7}"#])
    func `an answer that is none is said to be`(answer: String) throws {
        let daemon = try daemon { _, _ in Array(answer.utf8) }
        #expect(throws: QueryError.badAnswer) {
            try QueryClient(endpoint: daemon.endpoint).request("usage")
        }
    }

    @Test func `a daemon that is not there is reported`() throws {
        let endpoint = try TestRouterSocket().endpoint
        let client = QueryClient(endpoint: endpoint)
        #expect(throws: QueryError.timedOut(endpoint: endpoint)) {
            try client.request("usage", timeout: .milliseconds(50))
        }
    }
}

/// The bytes of a JSON value.
private func serialized(_ value: JSONValue) -> [UInt8] { value.serializedBytes() }
