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
    /// Where a setting comes from.
    enum Origin: String {
        case commandLine = "command line"
        case environment
        case file
        case byDefault = "default"
    }

    /// A setting as it is in effect.
    struct Entry {
        var name: String
        var value: String
        var origin: Origin
    }

    private var file: [String: String] = [:]
    private let path: String?
    private var unread: Set<String>
    private var problems: [String] = []
    /// All settings that were asked for, in that order.
    private(set) var settings: [Entry] = []

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
            case .bool(let isSo): file[member.name] = "\(isSo)"
            default:
                problems.append(
                    "\(member.name) in \(path) must be a text, an integer, true or false"
                )
            }
        }
        unread = Set(file.keys)
    }

    /// Finds a setting and notes where it is from.
    ///
    /// - Parameters:
    ///   - option: What the command line says.
    ///   - name: The setting's name.
    ///   - fallback: The default, as one would write it.
    /// - Returns: What is said of it; nil where nothing is.
    private mutating func value(
        _ option: String?,
        _ name: String,
        default fallback: String = ""
    ) -> String? {
        unread.remove(name)
        let variable = "BOTSTATS_" + name.uppercased().replacing("-", with: "_")
        let (value, origin): (String?, Origin) =
            if let option {
                (option, .commandLine)
            } else if let value = Setting.environment(variable) {
                (value, .environment)
            } else if let value = file[name] {
                (value, .file)
            } else {
                (nil, .byDefault)
            }
        settings.append(Entry(name: name, value: value ?? fallback, origin: origin))
        return value
    }

    /// Reports what is wrong with settings together, each of which is right.
    mutating func refuse(_ problem: String) { problems.append(problem) }

    /// A text.
    mutating func text(_ option: String?, _ name: String, _ target: inout String) {
        if let value = value(option, name, default: target) { target = value }
    }

    /// A text that may be absent; `default` says what it means that it is.
    mutating func text(
        _ option: String?,
        _ name: String,
        _ target: inout String?,
        default fallback: String = ""
    ) {
        if let value = value(option, name, default: fallback) { target = value }
    }

    /// Something that is so or not: on the command line a word, elsewhere `true` or `false`.
    mutating func flag(_ isGiven: Bool, _ name: String, _ target: inout Bool) {
        choice(isGiven ? "true" : nil, name, ["true": true, "false": false], &target)
    }

    /// Names of roles, with commas between them.
    mutating func roles(_ option: String?, _ name: String, _ target: inout Set<String>) {
        let fallback = target.sorted().joined(separator: ",")
        guard let value = value(option, name, default: fallback) else { return }
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
        let option = options.isEmpty ? nil : options.joined(separator: ",")
        guard let value = value(option, name, default: target.joined(separator: ",")) else {
            return
        }
        target = value.split(separator: ",").map { $0.filter { $0 != " " } }
    }

    /// A number, with an optional K, M, G or T.
    mutating func number(_ option: String?, _ name: String, _ target: inout Int) {
        guard let value = value(option, name, default: ByteCount.text(target)) else { return }
        guard let number = ByteCount.parse(value) else {
            problems.append("--\(name) \(value) is not a number")
            return
        }
        target = number
    }

    /// One of a few words.
    mutating func choice<Choice: Equatable>(
        _ option: String?,
        _ name: String,
        _ choices: KeyValuePairs<String, Choice>,
        _ target: inout Choice
    ) {
        let fallback = choices.first { $0.value == target }?.key
        guard let value = value(option, name, default: fallback ?? "") else { return }
        guard let choice = choices.first(where: { $0.key == value }) else {
            let words = choices.map(\.key).joined(separator: " or ")
            problems.append("--\(name) \(value) must be \(words)")
            return
        }
        target = choice.value
    }

    /// Ends reading.
    ///
    /// - Throws: ``DaemonFailure/configuration(_:)`` with all that is wrong, unknown members of
    ///   the file included.
    func finish() throws(DaemonFailure) {
        guard allProblems.isEmpty else { throw .configuration(allProblems) }
    }

    /// All that is wrong, once every setting has been asked for.
    var allProblems: [String] {
        problems
            + unread.sorted().map { name in
                "\(name) in \(path ?? "the configuration file") is no setting"
            }
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

    /// The shortest text that ``parse(_:)`` reads as a number.
    static func text(_ number: Int) -> String {
        for (unit, name) in [(1 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")]
        where number != 0 && number % unit == 0 {
            return "\(number / unit)\(name)"
        }
        return "\(number)"
    }
}
