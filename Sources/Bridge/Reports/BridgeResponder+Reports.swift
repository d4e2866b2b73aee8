internal import HTTPTypes
internal import JSON
internal import NIOCore

/// What HTTP adds to the methods about reports: 201 and 202, and downloads.
extension BridgeResponder {
    /// Has a report made: 201 where it is there at once, 202 while it is made.
    func createReport(_ head: RequestHead, _ body: ByteBuffer) async -> Reply {
        var reply = await ask("reports.create", head, nil, body, isKept: false)
        guard reply.status == 200, let id = reply.text(of: "id") else { return reply }
        reply.status = 201
        reply.markUnmade()
        reply.fields[.location] = "\(Routes.base)/reports/\(id)"
        return reply
    }

    /// Gives a report's object, or its bytes to whom they are meant for.
    func report(_ head: RequestHead, _ identifier: Substring?) async -> Reply {
        let parameters: JSONValue
        let wish: ReportWish
        do throws(ErrorBody) {
            parameters = try RequestParameters.read(
                query: head.query,
                identifier: identifier,
                body: nil
            )
            wish = try Self.wish(parameters, head)
        } catch {
            return await refuse(error, "reports.get", head)
        }
        var reply: Reply
        if wish == .object {
            reply = await reportObject(parameters, head)
        } else {
            reply = await download(parameters, wish, head)
        }
        // Others get something else at this path.
        reply.varying.append("Accept")
        return reply
    }

    private static func wish(
        _ parameters: JSONValue,
        _ head: RequestHead
    ) throws(ErrorBody) -> ReportWish {
        for name in ["offset", "length"] where parameters[name] != nil {
            throw .invalidParameter(name, "\(name) is unknown here; name a part in a Range field")
        }
        let wish = ReportWish.read(
            download: parameters["download"],
            accept: head.fields[.accept]
        )
        guard let wish else { throw .invalidParameter("download", "download must be 1 or 0") }
        return wish
    }

    private func reportObject(_ parameters: JSONValue, _ head: RequestHead) async -> Reply {
        let members = (parameters.objectValue ?? []).filter { $0.name != "download" }
        let question = inquiry("reports.get", .object(members), head)
        return Reply(await gateway.ask(question), isKept: false)
    }

    private func download(
        _ parameters: JSONValue,
        _ wish: ReportWish,
        _ head: RequestHead
    ) async -> Reply {
        // Where it may turn out that no byte is sent, or not the first ones, one is enough.
        let isPartial = [.range, .ifNoneMatch].contains { head.fields[$0] != nil }
        let length = head.method == .head || isPartial ? 1 : ReportFile.pieceByteCountMaximum
        let question = inquiry(
            "reports.get",
            parameters.setting(["download": true, "length": .integer(Int64(length))]),
            head
        )
        let reply = Reply(await gateway.ask(question), isKept: false)
        if reply.status == 200 {
            guard let file = ReportFile(answer: reply.body, to: question, gateway: gateway) else {
                return Reply(.badAnswer)
            }
            if wish.takes(file.facts.contentType) { return self.reply(with: file, head) }
            return await reportObject(parameters, head)
        }
        guard reply.text(of: "error") == "report_not_ready" else { return reply }
        var object = await reportObject(parameters, head)
        object.markUnmade()
        // Whoever asked for a file must not take the object of a failed report for it.
        return wish == .bytes && object.status != 202 ? reply : object
    }

    private func reply(with file: ReportFile, _ head: RequestHead) -> Reply {
        let size = file.facts.byteCount
        var reply = Reply(status: 200, contentType: file.facts.contentType, body: ByteBuffer())
        reply.caching = .revalidated(tag: file.tag)
        reply.fields[.acceptRanges] = "bytes"
        // The daemon names files by their type and days: ASCII without a quotation mark.
        reply.fields[.contentDisposition] = "attachment; filename=\"\(file.facts.name)\""
        // A page that is opened in spite of that must not act as one of this server's.
        reply.fields[.contentSecurityPolicy] =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        reply.source = .file(file, 0..<size)
        // RFC 9110, 13.1.5: a part is sent only of the very bytes that the client has the rest of.
        let condition = head.fields[.ifRange]
        guard head.method == .get, let field = head.fields[.range],
            condition == nil || condition == file.tag
        else { return reply }
        switch ByteRange(field, size: size) {
        case .whole: break
        case .part(let range):
            reply.status = 206
            reply.fields[.contentRange] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            reply.source = .file(file, range)
        case .unsatisfiable:
            reply = Reply(.rangeNotSatisfiable(size))
            reply.fields[.contentRange] = "bytes */\(size)"
        }
        return reply
    }
}

extension Reply {
    /// The text of a member of the body, which is a JSON object.
    fileprivate func text(of name: StaticString) -> String? {
        let bytes = Array(body.readableBytesView)
        return AnswerScanner.member(name, of: bytes, in: bytes.indices)
            .flatMap { try? JSONValue(parsing: bytes[$0]).stringValue }
    }

    /// Makes the status of a report's object 202 where the report is still to be made.
    fileprivate mutating func markUnmade() {
        let state = text(of: "status")
        guard state == "pending" || state == "running" else { return }
        status = 202
        fields[.retryAfter] = "1"
    }
}
