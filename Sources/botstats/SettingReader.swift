internal import Access
internal import Daemon
internal import Foundation
internal import JSON

/// Reads settings: command line over environment over file over default.
///
/// A setting has one name: `commit-interval` is the option `--commit-interval`, the variable
/// `BOTSTATS_COMMIT_INTERVAL` and the member `commit-interval` of the configuration file, a JSON
/// object. All that is wrong is collected, so that it is reported together.
struct SettingReader {
    private var file: [String: String] = [:]
    private let path: String?
    private var unread: Set<String>
    private var problems: [String] = []

    /// Begins to read.
    ///
    /// - Parameter path: The configuration file; nil where there is none.
    init(file path: String?) {
        self.path = path
        unread = []
        guard let path else { return }
        guard let data = FileManager.default.contents(atPath: path) else {
            problems.append("--config \(path) cannot be read")
            return
        }
        guard let object = try? JSONValue(parsing: data).objectValue else {
            problems.append("--config \(path) must hold one JSON object")
            return
        }
        for member in object {
            switch member.value {
            case .string(let text): file[member.name] = text
            case .integer(let number): file[member.name] = "\(number)"
            case .bool(let isTrue): file[member.name] = "\(isTrue)"
            default:
                problems.append(
                    "\(member.name) in \(path) must be a text, an integer, true or false"
                )
            }
        }
        unread = Set(file.keys)
    }

    private mutating func value(_ option: String?, _ name: String) -> String? {
        unread.remove(name)
        let variable = "BOTSTATS_" + name.uppercased().replacing("-", with: "_")
        return option ?? Setting.environment(variable) ?? file[name]
    }

    /// Reports what is wrong with settings together, each of which is right.
    mutating func refuse(_ problem: String) { problems.append(problem) }

    /// A text.
    mutating func text(_ option: String?, _ name: String, _ target: inout String) {
        if let value = value(option, name) { target = value }
    }

    /// A text that may be absent.
    mutating func text(_ option: String?, _ name: String, _ target: inout String?) {
        if let value = value(option, name) { target = value }
    }

    /// Names of roles, with commas between them.
    mutating func roles(_ option: String?, _ name: String, _ target: inout Set<String>) {
        guard let value = value(option, name) else { return }
        guard let roles = RoleMapping.names(value) else {
            problems.append(
                "--\(name) \(value) must be names of letters, digits and _ - . : with commas "
                    + "between them"
            )
            return
        }
        target = roles
    }

    /// Several texts: one for each use of the option, elsewhere with commas in between.
    mutating func list(_ options: [String], _ name: String, _ target: inout [String]) {
        let value = value(nil, name)
        if !options.isEmpty {
            target = options
        } else if let value {
            target = value.split(separator: ",").map { $0.filter { $0 != " " } }
        }
    }

    /// A number, with an optional K, M, G or T.
    mutating func number(_ option: String?, _ name: String, _ target: inout Int) {
        guard let value = value(option, name) else { return }
        guard let number = ByteCount.parse(value) else {
            problems.append("--\(name) \(value) is not a number")
            return
        }
        target = number
    }

    /// One of a few words.
    mutating func choice<Choice>(
        _ option: String?,
        _ name: String,
        _ choices: KeyValuePairs<String, Choice>,
        _ target: inout Choice
    ) {
        guard let value = value(option, name) else { return }
        guard let choice = choices.first(where: { $0.key == value }) else {
            let words = choices.map(\.key).joined(separator: " or ")
            problems.append("--\(name) \(value) must be \(words)")
            return
        }
        target = choice.value
    }

    /// Yes or no: an option without a value, elsewhere `true` or `false`.
    mutating func flag(_ option: Bool, _ name: String, _ target: inout Bool) {
        choice(option ? "true" : nil, name, ["true": true, "false": false], &target)
    }

    /// Ends reading.
    ///
    /// - Throws: ``DaemonFailure/configuration(_:)`` with all that is wrong, unknown members of
    ///   the file included.
    consuming func finish() throws(DaemonFailure) {
        for name in unread.sorted() {
            problems.append("\(name) in \(path ?? "the configuration file") is no setting")
        }
        guard problems.isEmpty else { throw .configuration(problems) }
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
