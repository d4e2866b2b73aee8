internal import ArgumentParser
internal import Daemon

/// The options of `serve` that say what is logged and how.
struct LogOptions: ParsableArguments {
    @Option(
        help: Setting.help(
            "How lines of the log are written: text or json.",
            "BOTSTATS_LOG_FORMAT",
            "text"
        )
    )
    var logFormat: String?

    @Option(
        help: Setting.help(
            "What is logged: debug, info, notice or error; SIGHUP reads it again.",
            "BOTSTATS_LOG_LEVEL",
            "notice"
        )
    )
    var logLevel: String?

    /// Reads both.
    func read(with reader: inout SettingReader, into settings: inout DaemonConfiguration) {
        reader.choice(
            logFormat,
            "log-format",
            ["text": .text, "json": .json],
            &settings.logFormat
        )
        reader.choice(
            logLevel,
            "log-level",
            ["debug": .debug, "info": .info, "notice": .notice, "error": .error],
            &settings.logLevel
        )
    }
}
