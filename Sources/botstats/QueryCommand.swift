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

    @Argument(help: "The method, such as usage.daily.")
    var method: String

    @Argument(help: "The parameters, each as name=value.")
    var parameters: [String] = []

    @OptionGroup var options: QueryOptions

    @Option(help: "How many seconds to wait for the answer.")
    var timeout: Double = 10

    @Flag(help: "Print tables instead of JSON.")
    var table = false

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be between 0 and 86400 seconds.")
        }
        _ = try QueryOptions.parameters(parameters)
    }

    func run() throws {
        do {
            let result = try options.client().request(
                method,
                params: .object(try QueryOptions.parameters(parameters)),
                timeout: .seconds(timeout)
            )
            print(
                table ? TextTable.render(result) : result.serialized(pretty: true) + "\n",
                terminator: ""
            )
        } catch let error as QueryError {
            throw QueryOptions.exit(error)
        }
    }
}
