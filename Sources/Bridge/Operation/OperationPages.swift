internal import HTTPTypes
internal import JSON
internal import NIOCore

/// What stands at the root for those who run the bridge: alive, ready, figures.
///
/// None of it needs a credential, so none of it says where the daemon is or what it holds.
struct OperationPages: Sendable {
    let gateway: QueryGateway
    let bridgeMetrics: BridgeMetrics
    let streams: StreamHub
    let timeout: Duration

    /// The bridge answers; whether the daemon does is said beside it.
    func health() async -> Reply {
        let isAnswering = await status() != nil
        return page(200, ["status": "ok", "daemon": isAnswering ? "up" : "down"])
    }

    /// Whether requests would be answered now.
    func readiness() async -> Reply {
        guard let status = await status() else {
            return page(503, Self.unready(["the analytics daemon does not answer"]))
        }
        guard status["ready"] == .bool(false) else {
            return page(200, ["ready": true, "not_ready": []])
        }
        let reasons = status["not_ready"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return page(503, Self.unready(reasons))
    }

    /// The daemon's figures where it answers, then the bridge's own.
    func metrics() async -> Reply {
        let told = await result(of: "system.metrics")
        var text = told?["text"]?.stringValue ?? ""
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += bridgeMetrics.text(
            isDaemonUp: gateway.isConnected,
            pendingCount: gateway.pendingCount,
            streams: streams.figures
        )
        return Reply(
            status: 200,
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: ByteBuffer(string: text)
        )
    }

    private func status() async -> JSONValue? { await result(of: "system.status") }

    private func result(of method: String) async -> JSONValue? {
        let inquiry = Inquiry(
            method: method,
            parameters: .object([]),
            credential: "",
            timeout: timeout
        )
        guard case .answered(let answer, _) = await gateway.ask(inquiry),
            let range = AnswerScanner.envelope(of: answer)?.result
        else { return nil }
        return try? JSONValue(parsing: answer[range])
    }

    private func page(_ status: Int, _ content: JSONValue) -> Reply {
        var reply = Reply(status: status, body: ByteBuffer(bytes: content.serializedBytes()))
        if status == 503 { reply.fields[.retryAfter] = "1" }
        return reply
    }

    private static func unready(_ reasons: [String]) -> JSONValue {
        [
            "error": "unavailable",
            "message": .string("not ready: " + reasons.joined(separator: "; ")),
            "ready": false,
            "not_ready": .array(reasons.map(JSONValue.string)),
        ]
    }
}
