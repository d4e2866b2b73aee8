internal import ArgumentParser
internal import Daemon

/// `botstats check`: verifies a store.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Recompute everything derived from the stored conversations and compare.",
        discussion: """
            The daemon must be stopped. The exit code is 0 for a sound store, 1 where there are \
            differences and 2 where the store cannot be opened.
            """
    )

    @Option(help: Setting.help("Where the store lies.", "BOTSTATS_DATA_DIR", "./botstats-data"))
    var dataDir: String?

    func run() throws {
        let differences: [String]
        do throws(DaemonFailure) {
            let directory = dataDir ?? Setting.environment("BOTSTATS_DATA_DIR")
            differences = try StoreCheck.run(dataDirectory: directory ?? "./botstats-data")
        } catch {
            throw CommandFailure.exit(error, code: 2)
        }
        for difference in differences { print(difference) }
        guard differences.isEmpty else {
            let reason = "the store differs from its conversations in \(differences.count) places"
            StandardError.write("botstats: \(reason); restore a backup.")
            throw ExitCode(1)
        }
        print("The store is sound.")
    }
}
