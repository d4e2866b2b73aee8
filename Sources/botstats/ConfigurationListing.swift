/// All settings as `serve --check-config` prints them.
enum ConfigurationListing {
    /// Lines of name, value and origin.
    ///
    /// Files of secrets are named and never opened here.
    ///
    /// - Parameters:
    ///   - settings: The settings in the order of the lines.
    ///   - file: The configuration file; nil where there is none.
    /// - Returns: Lines without the last one's end.
    static func text(_ settings: [SettingReader.Entry], file: String?) -> String {
        let rows = settings.map { setting in
            let isFromFile = setting.origin == .file
            let origin = isFromFile ? "file \(file ?? "")" : setting.origin.rawValue
            return [setting.name, setting.value.isEmpty ? "-" : setting.value, origin]
        }
        let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let padded = zip(row, widths).map { text, width in
                text + String(repeating: " ", count: width - text.count)
            }
            return (padded + [row[2]]).joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }
}
