internal import Core
internal import JSON

/// The `params` of `reports.create` by name, each checked for its type when it is read.
struct ReportParameters {
    /// The parameters that the methods of figures take as well.
    private static let shared: Set<String> = [
        "start_date", "end_date", "days", "period", "group_by", "timezone", "week_start", "bot_id",
        "user_id", "channel", "compare",
    ]
    private static let own: Set<String> = ["type", "format", "title", "include_charts", "table"]

    private let members: [JSONValue.Member]

    init(_ parameters: JSONValue?) throws(ParameterError) {
        guard let members = (parameters ?? .object([])).objectValue else {
            throw ParameterError(parameter: nil, message: "params must be an object")
        }
        self.members = members
    }

    /// What is handed on to the methods; a report is compared with the period before it unless
    /// something else is asked for.
    var rangeParameters: [JSONValue.Member] {
        var shared = members.filter { Self.shared.contains($0.name) }
        if !shared.contains(where: { $0.name == "compare" }) {
            shared.append(JSONValue.Member(name: "compare", value: "previous_period"))
        }
        return shared
    }

    func required<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String
    ) throws(ParameterError) -> Choice {
        guard let choice: Choice = try choice(name) else {
            throw Self.fault(name, "is missing; it must be \(Self.names(of: Choice.self))")
        }
        return choice
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String
    ) throws(ParameterError) -> Choice? {
        guard let text = try text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw Self.fault(name, "must be \(Self.names(of: Choice.self))")
        }
        return choice
    }

    func boolean(_ name: String) throws(ParameterError) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .bool(let value): return value
        // The bridge and the command line forward text.
        case .string("true"), .string("1"): return true
        case .string("false"), .string("0"): return false
        default: throw Self.fault(name, "must be true or false")
        }
    }

    func title() throws(ParameterError) -> String? {
        guard let text = try text("title") else { return nil }
        let isPrintable = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            default: true
            }
        }
        guard isPrintable else {
            throw Self.fault("title", "must be one line of printable characters")
        }
        guard text.count <= ReportRequest.titleCharactersMaximum, text.utf8.count <= 2_000,
            text.contains(where: { !$0.isWhitespace })
        else {
            throw Self.fault(
                "title",
                "must have 1 to \(ReportRequest.titleCharactersMaximum) characters"
            )
        }
        return text
    }

    /// The one table a CSV is to have.
    func table(
        type: ReportType,
        format: ReportFormat,
        isDaily: Bool
    ) throws(ParameterError) -> String? {
        guard let name = try text("table") else { return nil }
        guard format == .csv else { throw Self.fault("table", "belongs to format=csv") }
        let methods = type.methods(series: isDaily ? .usageDaily : .usageMonthly)
        let names = methods.flatMap { TableNames.all[$0] ?? [] }
        guard names.contains(name) else {
            throw Self.fault("table", "must be one of \(names.joined(separator: ", "))")
        }
        return name
    }

    func refuseUnknown() throws(ParameterError) {
        let unknown = members.map(\.name).filter {
            !Self.shared.contains($0) && !Self.own.contains($0)
        }
        guard let first = unknown.min() else { return }
        throw Self.fault(first, "is unknown")
    }

    private func text(_ name: String) throws(ParameterError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw Self.fault(name, "must be a text") }
        guard !text.isEmpty else { throw Self.fault(name, "must not be empty") }
        return text
    }

    private func value(_ name: String) -> JSONValue? {
        members.first { $0.name == name }?.value
    }

    private static func names<Choice: RawRepresentable<String> & CaseIterable>(
        of: Choice.Type
    ) -> String {
        let names = Choice.allCases.map(\.rawValue)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }

    private static func fault(_ name: String, _ predicate: String) -> ParameterError {
        ParameterError(parameter: name, message: "\(name) \(predicate)")
    }
}
