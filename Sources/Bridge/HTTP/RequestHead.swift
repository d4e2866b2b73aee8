internal import Hummingbird
internal import HTTPTypes
internal import Synchronization

/// What the bridge reads from a request's head.
struct RequestHead {
    let method: HTTPRequest.Method
    /// The path as it was sent.
    let path: Substring
    /// What follows the question mark; empty where there is none.
    let query: Substring
    let fields: HTTPFields
    /// The name by which the request is known in the log, its client's where it gave one.
    let id: String

    init(_ request: Request, ids: RequestIDs) {
        method = request.method
        fields = request.headers
        let target = request.head.path ?? "/"
        let mark = target.firstIndex(of: "?")
        path = target[..<(mark ?? target.endIndex)]
        query = mark.map { target[target.index(after: $0)...] } ?? ""
        let given = fields[.requestID]
        id = given.flatMap { RequestIDs.isSane($0) ? $0 : nil } ?? ids.next()
    }

    /// How long the path and the query are.
    var targetByteCount: Int { path.utf8.count + query.utf8.count + 1 }

    /// How large the body is said to be; nil where it comes in pieces, 0 where there is none.
    var bodyByteCount: Int? {
        if let length = fields[.contentLength] { return Int(length) ?? Int.max }
        return fields[.transferEncoding] == nil ? 0 : nil
    }

    /// The credential that is passed on; empty where there is none.
    ///
    /// The daemon judges it. A cookie counts only where nothing can be changed by it, since a
    /// browser sends it with requests that its user never meant.
    var credential: String {
        if let value = fields[.authorization] { return value }
        if let key = fields[.apiKey] { return "ApiKey \(key)" }
        guard method == .get || method == .head, let cookies = fields[.cookie] else { return "" }
        for cookie in cookies.split(separator: ";") {
            let pair = cookie.drop { $0 == " " || $0 == "\t" }
            guard pair.hasPrefix("session_id=") else { continue }
            return "Bearer \(pair.dropFirst("session_id=".count))"
        }
        return ""
    }

    /// The path and query for the log.
    ///
    /// Only the API's own parameters are shown: whatever else a caller writes there could be a
    /// credential.
    var logged: String {
        var text = String(path)
        var separator = "?"
        for piece in query.split(separator: "&") {
            let name = piece.prefix { $0 != "=" }
            text += separator + (Self.shown.contains(String(name)) ? piece : "-")
            separator = "&"
        }
        let bytes = text.utf8.prefix(1_000).map { (0x21...0x7e).contains($0) ? $0 : 0x3f }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let shown: Set<String> = [
        "start_date", "end_date", "days", "period", "group_by", "timezone", "week_start", "bot_id",
        "channel", "compare", "criteria", "brackets", "periods", "window_minutes", "type", "format",
        "status", "limit", "offset", "sort", "order", "download",
    ]
}

/// Names for requests whose clients gave none.
final class RequestIDs: Sendable {
    private let prefix: String
    private let counter = Atomic<UInt64>(0)

    init() {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        prefix = String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The next one; no other process gives the same.
    func next() -> String { "\(prefix)-\(counter.add(1, ordering: .relaxed).newValue)" }

    /// Whether a client's name for its request can be repeated in logs and header fields.
    static func isSane(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}
