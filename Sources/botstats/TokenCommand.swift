internal import Access
internal import ArgumentParser

/// `botstats token`: makes a token with the daemon's secret.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make a token with the daemon's secret.",
        discussion: """
            Prints the token and nothing else. Whoever can read the secret can make tokens; \
            nothing is stored, and a token cannot be revoked, only expire.

            Examples:
              botstats token --role analytics_viewer
              botstats token --role analytics_viewer --bot 6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01 \
            --expires 30d
            """
    )

    @OptionGroup var grant: GrantOptions

    @Option(help: "How long it is good for: a number and s, m, h, d or w.")
    var expires = "1h"

    @Option(help: "Whom it is for; shown where a request is refused.")
    var subject = "botstats-token"

    @OptionGroup var secret: SecretOptions

    func validate() throws { _ = try GrantOptions.seconds(expires, option: "--expires") }

    func run() throws {
        let minter: TokenMinter
        do throws(AccessFailure) {
            minter = try secret.minter()
        } catch {
            throw CommandFailure.exit(error, code: 2)
        }
        print(
            minter.mint(
                subject: subject,
                roles: grant.role,
                bots: grant.bots,
                now: Setting.now,
                lifetimeSeconds: try GrantOptions.seconds(expires, option: "--expires")
            )
        )
    }
}
