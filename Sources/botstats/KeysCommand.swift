internal import Access
internal import ArgumentParser
internal import BotstatsClient
internal import Core
internal import Daemon
internal import JSON

/// `botstats keys`: API keys, and key pairs for CURVE.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke API keys, and make CURVE keys.",
        discussion: """
            Where a daemon runs on the data directory it is asked, with a token made from its \
            secret; else the directory itself is changed. The exit code is 1 where the daemon \
            refuses and 2 where nothing can be done.
            """,
        subcommands: [
            CreateKeyCommand.self, ListKeysCommand.self, RevokeKeyCommand.self,
            CurveKeysCommand.self,
        ]
    )
}

/// Where keys are: in a data directory, and with the daemon that runs on it.
struct KeyOptions: ParsableArguments {
    @OptionGroup var secret: SecretOptions
    @OptionGroup var curve: CurveClientOptions

    @Option(
        help: Setting.help(
            "The query endpoint of a daemon that runs.",
            "BOTSTATS_QUERY_ENDPOINT",
            "tcp://127.0.0.1:5563"
        )
    )
    var queryEndpoint: String?

    /// Does what a method of the query socket does, through the daemon or without it.
    func perform(_ method: APIKeyRequest.Method, _ params: JSONValue) throws -> JSONValue {
        do {
            let request = try APIKeyRequest(method, params)
            let result = try StoppedDaemon.perform(request, dataDirectory: secret.dataDirectory)
            if let result { return result }
            let client = QueryClient(
                endpoint: Setting.endpoint(queryEndpoint, .query),
                credential: secret.operatorCredential,
                curve: try curve.keys()
            )
            return try client.request(method.rawValue, params: params)
        } catch QueryError.refused(let refusal) {
            throw CommandFailure.exit(QueryError.refused(refusal), code: 1)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            throw CommandFailure.exit(error, code: 2)
        }
    }
}

/// `botstats keys create`.
struct CreateKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key and print it, this once: only its hash is stored."
    )

    @OptionGroup var grant: GrantOptions

    @Option(help: "What it is for; shown by keys list.")
    var name = ""

    @Option(help: "How long it is good for: a number and s, m, h, d or w. (default: for ever)")
    var expires: String?

    @OptionGroup var options: KeyOptions

    func validate() throws {
        if let expires { _ = try GrantOptions.seconds(expires, option: "--expires") }
    }

    func run() throws {
        let seconds = try expires.map { try GrantOptions.seconds($0, option: "--expires") }
        let result = try options.perform(
            .create,
            [
                "name": .string(name),
                "roles": .array(grant.role.map { .string($0) }),
                "bots": grant.bots.map { .array($0.map { .string($0.description) }) } ?? .null,
                "expires_seconds": seconds.map { .integer($0) } ?? .null,
            ]
        )
        print(result["key"]?.stringValue ?? "")
        StandardError.write("botstats: made key \(result["id"]?.stringValue ?? "")")
    }
}

/// `botstats keys list`.
struct ListKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List all keys, without the keys themselves."
    )

    @OptionGroup var options: KeyOptions

    @Flag(help: "Print a table instead of JSON.")
    var table = false

    func run() throws {
        let result = try options.perform(.list, .object([]))
        print(
            table ? TextTable.render(result) : result.serialized(pretty: true) + "\n",
            terminator: ""
        )
    }
}

/// `botstats keys revoke`.
struct RevokeKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a key for ever."
    )

    @Argument(help: "The key's id, as keys list shows it.")
    var id: String

    @OptionGroup var options: KeyOptions

    func run() throws {
        let result = try options.perform(.revoke, ["id": .string(id)])
        print(result.serialized(pretty: true))
    }
}
