internal import ArgumentParser
internal import Daemon

/// What every command that opens a store is told alike.
struct StoreOptions: ParsableArguments {
    @Option(help: Setting.help("Where the store lies.", "BOTSTATS_DATA_DIR", "./botstats-data"))
    var dataDir: String?

    @Option(help: Setting.help("The zone of days, an IANA name.", "BOTSTATS_TIMEZONE", "UTC"))
    var timezone: String?

    @Option(
        help: Setting.help(
            "Seconds of silence after which a conversation ends.",
            "BOTSTATS_SESSION_TIMEOUT",
            "1800"
        )
    )
    var sessionTimeout: String?

    /// Command line over environment over default.
    func apply(to configuration: inout DaemonConfiguration) throws(DaemonFailure) {
        var reader = SettingReader()
        reader.text(dataDir, "BOTSTATS_DATA_DIR", &configuration.dataDirectory)
        reader.text(timezone, "BOTSTATS_TIMEZONE", &configuration.timezone)
        reader.number(
            sessionTimeout,
            "BOTSTATS_SESSION_TIMEOUT",
            "--session-timeout",
            &configuration.sessionTimeoutSeconds
        )
        guard reader.problems.isEmpty else { throw .configuration(reader.problems) }
    }
}

/// Reads settings from options and the environment, and collects all that is wrong with them.
struct SettingReader {
    var problems: [String] = []

    func text(_ option: String?, _ variable: String, _ target: inout String) {
        if let value = option ?? Setting.environment(variable) { target = value }
    }

    mutating func number(
        _ option: String?,
        _ variable: String,
        _ name: String,
        _ target: inout Int
    ) {
        guard let value = option ?? Setting.environment(variable) else { return }
        guard let number = ByteCount.parse(value) else {
            problems.append("\(name) \(value) is not a number")
            return
        }
        target = number
    }
}

/// Numbers of bytes as people write them: 64M, 16G.
enum ByteCount {
    /// Parses a number with an optional K, M, G or T (powers of 1,024).
    ///
    /// - Parameter text: Digits, then at most one letter in either case.
    /// - Returns: nil when the text is something else or does not fit.
    static func parse(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        guard let last = text.uppercased().last else { return nil }
        guard let unit = units[last] else { return Int(text) }
        guard let number = Int(text.dropLast()) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }
}
