internal import HTTPTypes
internal import JSON
internal import NIOCore

/// What a request is answered with, before it is fitted to what the client takes.
struct Reply {
    /// Whether and how an answer may be kept.
    enum Caching {
        /// Kept by the client alone, and asked for again with its tag each time.
        case revalidated(tag: String)
        /// Not kept.
        case none
    }

    /// The HTTP status.
    var status: Int
    /// The media type.
    var contentType = "application/json"
    /// The content; empty where there is none.
    var body = ByteBuffer()
    /// Whether it may be kept.
    var caching = Caching.none
    /// Further header fields.
    var fields = HTTPFields()
    /// Fields of requests by which the answer varies, beyond those that every answer does.
    var varying: [String] = []
    /// Where the content comes from that `body` does not hold.
    var source: Source?

    /// What is written while it comes.
    enum Source {
        /// A stream, which has no length, and who writes its events; nil where only the head is
        /// asked for.
        case events(StreamHub.Seat?)
        /// Some bytes of a file.
        case file(ReportFile, Range<Int>)
    }

    /// A reply with some content.
    init(status: Int, contentType: String = "application/json", body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A refusal.
    init(_ error: ErrorBody) {
        self.init(status: error.status, body: ByteBuffer(bytes: error.bytes))
        if error.status == 503 { fields[.retryAfter] = "1" }
    }
}

extension Reply {
    /// Turns what became of a question into a reply.
    ///
    /// - Parameters:
    ///   - outcome: What became of it.
    ///   - isKept: Whether the figures may be kept by the client.
    init(_ outcome: Outcome, isKept: Bool) {
        switch outcome {
        case .answered(let answer, let rate):
            self.init(answer: answer, isKept: isKept)
            if let rate { addRate(rate) }
        case .unavailable: self.init(.unavailable)
        case .timedOut: self.init(.timeout)
        case .overloaded: self.init(.overloaded)
        case .stopping: self.init(.stopping)
        }
    }

    private init(answer: [UInt8], isKept: Bool) {
        guard let envelope = AnswerScanner.envelope(of: answer) else {
            self.init(.badAnswer)
            return
        }
        if let range = envelope.result {
            self.init(status: 200, body: ByteBuffer(bytes: answer[range]))
            if isKept {
                caching = .revalidated(tag: EntityTag.ofAnswer(answer, result: range))
            }
        } else if let range = envelope.error, let error = try? JSONValue(parsing: answer[range]) {
            self.init(refusal: error)
        } else {
            self.init(.badAnswer)
        }
    }

    /// The daemon's refusal: its `data` is the body.
    private init(refusal error: JSONValue) {
        guard let code = error["code"]?.integerValue, let status = Self.status(ofCode: code),
            let data = error["data"], data["error"]?.stringValue != nil
        else {
            self.init(.badAnswer)
            return
        }
        self.init(status: status, body: ByteBuffer(bytes: data.serializedBytes()))
        switch status {
        case 401: fields[.wwwAuthenticate] = "Bearer"
        case 429:
            fields[.retryAfter] = String(max(1, data["retry_after_seconds"]?.integerValue ?? 1))
            addRate(of: data)
        case 503: fields[.retryAfter] = "1"
        default: break
        }
    }

    /// The HTTP status of a JSON-RPC code; nil where there is none.
    private static func status(ofCode code: Int64) -> Int? {
        switch code {
        case -32_602, -32_600, -32_700: 400
        case -32_601: 404
        case 400..<600: Int(code)
        default: nil
        }
    }

    private mutating func addRate(_ rate: [UInt8]) {
        if let value = try? JSONValue(parsing: rate) { addRate(of: value) }
    }

    private mutating func addRate(of value: JSONValue) {
        for (name, field) in Self.rateFields {
            if let number = value[name]?.integerValue { fields[field] = String(number) }
        }
    }

    private static let rateFields: KeyValuePairs<String, HTTPField.Name> = [
        "limit": .rateLimit, "remaining": .rateRemaining, "reset_seconds": .rateReset,
    ]
}

extension HTTPField.Name {
    static let rateLimit = known("X-RateLimit-Limit")
    static let rateRemaining = known("X-RateLimit-Remaining")
    static let rateReset = known("X-RateLimit-Reset")
    static let requestID = known("X-Request-ID")
    static let apiKey = known("X-API-Key")
    static let idempotencyKey = known("Idempotency-Key")
    static let referrer = known("Referrer-Policy")
    static let lastEventID = known("Last-Event-ID")
    /// Tells nginx, and proxies that follow it, not to collect a stream before they pass it on.
    static let accelBuffering = known("X-Accel-Buffering")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else {
            preconditionFailure("\(name) is no name of a header field")
        }
        return name
    }
}
