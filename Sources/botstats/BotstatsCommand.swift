internal import ArgumentParser

/// The `botstats` program.
@main
struct BotstatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "botstats",
        abstract: "Analytics for a General Bots installation.",
        version: "1.0.0",
        subcommands: [
            ServeCommand.self,
            BridgeCommand.self,
            QueryCommand.self,
            TopCommand.self,
            ReportCommand.self,
            PublishCommand.self,
            ImportCommand.self,
            TokenCommand.self,
            KeysCommand.self,
            CheckCommand.self,
        ]
    )
}
