internal import ArgumentParser
internal import OperatorLog

/// The options of `serve` and `bridge` that say what is logged and how.
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
            "What is logged: debug, info, notice, warning or error; SIGHUP reads it again.",
            "BOTSTATS_LOG_LEVEL",
            "notice"
        )
    )
    var logLevel: String?

    /// Reads both.
    func read(
        with reader: inout SettingReader,
        format: inout LogFormat,
        level: inout LogLevel
    ) {
        reader.choice(logFormat, "log-format", ["text": .text, "json": .json], &format)
        reader.choice(
            logLevel,
            "log-level",
            [
                "debug": .debug, "info": .info, "notice": .notice, "warning": .warning,
                "error": .error,
            ],
            &level
        )
    }
}
