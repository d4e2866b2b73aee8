internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Fits a reply to a request: not modified, compressed, without content for HEAD.
struct ReplyWriter {
    let head: RequestHead
    let crossOrigin: CrossOrigin

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
        var varying: [String] = []
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
        return response(status, fields, body, reply.contentType)
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
