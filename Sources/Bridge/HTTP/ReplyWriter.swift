internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Fits a reply to a request: not modified, compressed, without content for HEAD.
struct ReplyWriter {
    let head: RequestHead
    let crossOrigin: CrossOrigin
    let streams: StreamHub

    /// The response to write.
    func response(to reply: Reply) -> Response {
        var status = reply.status
        var fields = reply.fields
        var body = reply.body
        fields[.requestID] = head.id
        fields[.xContentTypeOptions] = "nosniff"
        if crossOrigin.isOn {
            fields.append(contentsOf: crossOrigin.fields(for: head.fields[.origin]))
        }
        switch reply.caching {
        case .none: fields[.cacheControl] = "no-store"
        case .revalidated(let tag):
            fields[.cacheControl] = "private, no-cache"
            fields[.eTag] = tag
            if let known = head.fields[.ifNoneMatch], EntityTag.matches(known, tag) {
                status = 304
                body = ByteBuffer()
            }
        }
        var varying = reply.varying
        if reply.body.readableBytes >= Gzip.byteCountMinimum {
            varying.append("Accept-Encoding")
            if let accepted = head.fields[.acceptEncoding], Gzip.isAccepted(accepted),
                body.readableBytes > 0, let compressed = Gzip.compress(body)
            {
                fields[.contentEncoding] = "gzip"
                body = compressed
            }
        }
        if crossOrigin.isOn { varying.append("Origin") }
        if !varying.isEmpty { fields[.vary] = varying.joined(separator: ", ") }
        switch reply.source {
        case .events(let seat): return stream(status, fields, reply.contentType, seat)
        case .file(let file, let range) where status != 304:
            return download(status, fields, reply.contentType, file, range)
        case .file, nil: return response(status, fields, body, reply.contentType)
        }
    }

    /// A response with some bytes of a file, which are fetched while it is sent.
    private func download(
        _ status: Int,
        _ fields: HTTPFields,
        _ contentType: String,
        _ file: ReportFile,
        _ range: Range<Int>
    ) -> Response {
        var fields = fields
        fields[.contentType] = contentType
        fields[.contentLength] = String(range.count)
        let code = HTTPResponse.Status(integerLiteral: status)
        guard head.method != .head else { return Response(status: code, headers: fields) }
        let body = ResponseBody(contentLength: range.count) { writer in
            var rest = range
            while !rest.isEmpty {
                let bytes = try await file.read(rest)
                try await writer.write(bytes)
                rest.removeFirst(bytes.readableBytes)
            }
            try await writer.finish(nil)
        }
        return Response(status: code, headers: fields, body: body)
    }

    /// A response that goes on until one of both ends it.
    private func stream(
        _ status: Int,
        _ fields: HTTPFields,
        _ contentType: String,
        _ seat: StreamHub.Seat?
    ) -> Response {
        var fields = fields
        fields[.contentType] = contentType
        let code = HTTPResponse.Status(integerLiteral: status)
        guard let seat else {
            // A head without a length is followed by the end of a content without one; so that
            // nobody takes that for the next response, the connection ends.
            fields[.connection] = "close"
            var response = Response(status: code, headers: fields)
            response.headers[.contentLength] = nil
            return response
        }
        let body = ResponseBody { [streams] writer in
            defer { streams.leave(seat) }
            for await event in seat.listener.events { try await writer.write(event) }
            try await writer.finish(nil)
        }
        return Response(status: code, headers: fields, body: body)
    }

    private func response(
        _ status: Int,
        _ fields: HTTPFields,
        _ body: ByteBuffer,
        _ contentType: String
    ) -> Response {
        let code = HTTPResponse.Status(integerLiteral: status)
        guard status != 204, status != 304 else {
            var response = Response(status: code, headers: fields)
            response.headers[.contentLength] = nil
            return response
        }
        var fields = fields
        fields[.contentType] = contentType
        fields[.contentLength] = String(body.readableBytes)
        guard head.method != .head else { return Response(status: code, headers: fields) }
        return Response(status: code, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}
