internal import JSON

/// How a line of the log is spelled.
public enum LogText {
    /// How much of somebody else's text a line has: scalars, as a character can be of any length.
    private static let foreignScalarsMaximum = 100

    /// A line of text.
    static func line(_ time: String, _ level: String, _ message: String) -> String {
        "\(time) \(level) \(harmless(message))\n"
    }

    /// A line of JSON: `time`, `level`, `message`, then the fields.
    static func object(
        _ time: String,
        _ level: String,
        _ message: String,
        _ fields: LogFields
    ) -> String {
        let head: LogFields = [
            "time": .string(time), "level": .string(level), "message": .string(message),
        ]
        let members = (Array(head) + Array(fields)).map {
            JSONValue.Member(name: $0.key, value: $0.value)
        }
        // What is left to be escaped stands inside of strings.
        return harmless(JSONValue.object(members).serialized()) + "\n"
    }

    /// A text of somebody else's, bounded, in quotes.
    ///
    /// - Parameter text: What they wrote.
    /// - Returns: It, as a JSON string.
    public static func quoted(_ text: String) -> String {
        JSONValue.string(bounded(text)).serialized()
    }

    /// A text of somebody else's, bounded.
    ///
    /// - Parameter text: What they wrote.
    /// - Returns: Its first scalars.
    public static func bounded(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(foreignScalarsMaximum)))
    }

    /// Escapes what ends a line for some reader, and what a terminal obeys, as JSON does.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Controls, the separators of lines and paragraphs, and what turns the direction of writing;
    /// all of them have four digits.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
