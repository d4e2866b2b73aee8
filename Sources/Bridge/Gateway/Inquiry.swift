internal import JSON

/// A question to the daemon.
struct Inquiry: Sendable {
    /// The JSON-RPC method.
    let method: String
    /// The parameters by name, an object.
    ///
    /// Or null, which the daemon refuses as invalid once it has refused whoever may not ask.
    var parameters: JSONValue
    /// The value of an `Authorization` header; empty where there is none.
    let credential: String
    /// How long to wait for the answer.
    let timeout: Duration
    /// What else is to be said of the credential.
    var word = Word.rate

    /// The word of a request that asks for a second frame.
    enum Word: String {
        /// What is left of the credential's rate.
        case rate
        /// The same, and whether the credential sees all bots.
        case scope
    }

    /// The request's frames.
    ///
    /// - Parameter id: What the answer will repeat.
    /// - Returns: Request, credential, and the word.
    func frames(id: Int64) -> [[UInt8]] {
        // Methods are the bridge's own words, without a character that JSON escapes.
        var request = Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":"#.utf8)
        request += parameters.serializedBytes()
        request.append(UInt8(ascii: "}"))
        return [request, Array(credential.utf8), Array(word.rawValue.utf8)]
    }
}

/// What became of a question.
enum Outcome: Sendable {
    /// The daemon's answer and, where it sent one, its word on the credential.
    case answered([UInt8], rate: [UInt8]?)
    /// The daemon is away.
    case unavailable
    /// The daemon is there and did not answer in time.
    case timedOut
    /// Too many questions wait.
    case overloaded
    /// The bridge stops.
    case stopping
}
