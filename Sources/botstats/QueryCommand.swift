internal import ArgumentParser
internal import BotstatsClient
internal import JSON

/// `botstats query`: one request over the query socket.
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask the daemon one question.",
        discussion: """
            Prints the result as JSON, or as tables with --table. The exit code is 1 where the \
            daemon refuses the question and 2 where it cannot be asked.

            The credential is --token or --api-key, else BOTSTATS_TOKEN or BOTSTATS_API_KEY, \
            which other users cannot see in the list of processes. Without any, an admin's token \
            is made from the secret in the data directory, where it can be read.

            Examples:
              botstats query usage days=7
              botstats query conversations.volume period=month timezone=America/Sao_Paulo --table
            """
    )

    /// The parameters whose values are numbers; every other value is a text, so that a channel
    /// of digits stays one.
    static let numberParameters: Set<String> = ["days", "periods", "window_minutes"]

    @Argument(help: "The method, such as usage.daily.")
    var method: String

    @Argument(help: "The parameters, each as name=value.")
    var parameters: [String] = []

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

    @Option(help: "How many seconds to wait for the answer.")
    var timeout: Double = 10

    @Flag(help: "Print tables instead of JSON.")
    var table = false

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be between 0 and 86400 seconds.")
        }
        guard token == nil || apiKey == nil else {
            throw ValidationError("Give --token or --api-key, not both.")
        }
        _ = try params()
    }

    /// What the command line says, else the environment, else what the secret is good for.
    private var credential: String? {
        if let token { return "Bearer " + token }
        if let apiKey { return "ApiKey " + apiKey }
        if let token = Setting.environment("BOTSTATS_TOKEN") { return "Bearer " + token }
        if let key = Setting.environment("BOTSTATS_API_KEY") { return "ApiKey " + key }
        return secret.operatorCredential
    }

    func run() throws {
        let client = QueryClient(
            endpoint: Setting.endpoint(endpoint, .query),
            credential: credential,
            curve: try curve.keys()
        )
        do {
            let result = try client.request(
                method,
                params: try params(),
                timeout: .seconds(timeout)
            )
            print(
                table ? TextTable.render(result) : result.serialized(pretty: true) + "\n",
                terminator: ""
            )
        } catch let error as QueryError {
            guard case .refused(let refusal) = error else {
                throw CommandFailure.exit(error, code: 2)
            }
            // Where the daemon's own secret is not at hand, the command cannot help itself.
            let remedy =
                refusal.reason == "missing_token"
                ? "; give --token, --api-key, or the daemon's --data-dir" : ""
            throw CommandFailure.exit("\(error)\(remedy)", code: 1)
        }
    }

    private func params() throws -> JSONValue {
        var members: [JSONValue.Member] = []
        for parameter in parameters {
            guard let separator = parameter.firstIndex(of: "="), separator > parameter.startIndex
            else {
                throw ValidationError("“\(parameter)” is no parameter; write name=value.")
            }
            let name = String(parameter[..<separator])
            guard !members.contains(where: { $0.name == name }) else {
                throw ValidationError("The parameter \(name) is given twice.")
            }
            let text = String(parameter[parameter.index(after: separator)...])
            members.append(JSONValue.Member(name: name, value: Self.value(text, for: name)))
        }
        return .object(members)
    }

    private static func value(_ text: String, for name: String) -> JSONValue {
        if numberParameters.contains(name), let number = Int64(text) { return .integer(number) }
        return .string(text)
    }
}
