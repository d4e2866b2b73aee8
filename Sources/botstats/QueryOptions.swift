internal import ArgumentParser
internal import BotstatsClient
internal import JSON

/// Where a command asks the daemon, and with what credential.
struct QueryOptions: ParsableArguments {
    @Option(
        name: [.customLong("endpoint"), .customLong("query-endpoint")],
        help: """
            The daemon's query endpoint. (default: BOTSTATS_QUERY_ENDPOINT or \
            tcp://127.0.0.1:5563)
            """
    )
    var endpoint: String?

    @Option(help: "A token. (default: BOTSTATS_TOKEN)")
    var token: String?

    @Option(help: "An API key. (default: BOTSTATS_API_KEY)")
    var apiKey: String?

    @OptionGroup var secret: SecretOptions
    @OptionGroup var curve: CurveClientOptions

    func validate() throws {
        guard token == nil || apiKey == nil else {
            throw ValidationError("Give --token or --api-key, not both.")
        }
    }

    /// What the command line says, else the environment, else what the secret is good for.
    private var credential: String? {
        if let token { return "Bearer " + token }
        if let apiKey { return "ApiKey " + apiKey }
        if let token = Setting.environment("BOTSTATS_TOKEN") { return "Bearer " + token }
        if let key = Setting.environment("BOTSTATS_API_KEY") { return "ApiKey " + key }
        return secret.operatorCredential
    }

    /// What asks the daemon.
    ///
    /// - Throws: What is wrong with the keys of CURVE.
    func client() throws -> QueryClient { client(keys: try curve.keys()) }

    /// What asks the daemon, with keys that were read before.
    ///
    /// - Parameter keys: Those of ``curve``.
    /// - Returns: A client, not connected yet.
    func client(keys: CurveClientKeys?) -> QueryClient {
        QueryClient(endpoint: queryEndpoint, credential: credential, curve: keys)
    }

    /// Where the daemon is asked.
    var queryEndpoint: String { Setting.endpoint(endpoint, .query) }

    /// The way a command ends whose question had no answer.
    static func exit(_ error: QueryError) -> ExitCode {
        guard case .refused(let refusal) = error else {
            return CommandFailure.exit(error, code: 2)
        }
        // Where the daemon's own secret is not at hand, the command cannot help itself.
        let remedy =
            refusal.reason == "missing_token"
            ? "; give --token, --api-key, or the daemon's --data-dir" : ""
        return CommandFailure.exit("\(error)\(remedy)", code: 1)
    }

    /// The parameters whose values are numbers; every other value is a text, so that a channel
    /// of digits stays one.
    private static let numberParameters: Set<String> = ["days", "periods", "window_minutes"]

    /// Reads parameters, each written as `name=value`.
    ///
    /// - Throws: A `ValidationError` that names the one at fault.
    static func parameters(_ texts: [String]) throws -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        for parameter in texts {
            guard let separator = parameter.firstIndex(of: "="), separator > parameter.startIndex
            else {
                throw ValidationError("“\(parameter)” is no parameter; write name=value.")
            }
            let name = String(parameter[..<separator])
            guard !members.contains(where: { $0.name == name }) else {
                throw ValidationError("The parameter \(name) is given twice.")
            }
            let text = String(parameter[parameter.index(after: separator)...])
            members.append(JSONValue.Member(name: name, value: value(text, for: name)))
        }
        return members
    }

    private static func value(_ text: String, for name: String) -> JSONValue {
        if numberParameters.contains(name), let number = Int64(text) { return .integer(number) }
        return .string(text)
    }
}
