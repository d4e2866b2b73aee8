internal import JSON

/// The parameters of every method, in the order of the protocol's table, in which faults are told.
enum ParameterName: String, CaseIterable {
    case startDate = "start_date"
    case endDate = "end_date"
    case days
    case period
    case groupBy = "group_by"
    case timezone
    case weekStart = "week_start"
    case botID = "bot_id"
    case userID = "user_id"
    case channel
    case compare
    case criteria
    case brackets
    case periods
    case windowMinutes = "window_minutes"

    /// Whether a method takes the parameter.
    func isTaken(by method: QueryMethod) -> Bool {
        switch self {
        case .botID, .channel: method != .systemStatus
        case .windowMinutes: method == .realtime || method == .realtimeActive
        case .groupBy:
            switch method {
            case .conversationsVolume, .conversationsDuration, .conversationsResolution,
                .engagement, .engagementRetention, .engagementSatisfaction:
                true
            default: false
            }
        case .compare: method.takesRange && method != .engagementRetention
        case .criteria, .brackets, .periods: method == .engagementRetention
        case .startDate, .endDate, .days, .period, .timezone, .weekStart, .userID:
            method.takesRange
        }
    }
}

/// A request's `params` by name, each checked for its type when it is read.
struct ParameterReader {
    let method: QueryMethod
    private var values: [ParameterName: JSONValue] = [:]
    /// The first of the unknown names, in alphabetical order: a parsed object has no other.
    private var unknown: String?

    init(_ parameters: JSONValue?, method: QueryMethod) throws(ParameterError) {
        self.method = method
        guard let parameters else { return }
        guard case .object(let members) = parameters else {
            throw ParameterError(parameter: nil, message: "params must be an object")
        }
        for member in members {
            if let name = ParameterName(rawValue: member.name) {
                values[name] = values[name] ?? member.value
            } else {
                unknown = min(unknown ?? member.name, member.name)
            }
        }
    }

    /// Whether a parameter is there, whatever its value.
    func has(_ name: ParameterName) -> Bool { values[name] != nil }

    /// The text of a parameter where it is one that is taken and not empty; for looking ahead.
    func peek(_ name: ParameterName) -> String? {
        guard name.isTaken(by: method), let text = values[name]?.stringValue, !text.isEmpty else {
            return nil
        }
        return text
    }

    /// The text of a parameter; nil where it is not there.
    func text(_ name: ParameterName) throws(ParameterError) -> String? {
        guard let value = try value(name) else { return nil }
        guard case .string(let text) = value else { throw fault(name, "must be a text") }
        return text
    }

    /// One of the names a parameter may have; nil where it is not there.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: ParameterName,
        of choices: [Choice] = Array(Choice.allCases)
    ) throws(ParameterError) -> Choice? {
        guard let text = try text(name) else { return nil }
        if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
        let names = choices.map(\.rawValue)
        let last = names.last ?? ""
        throw fault(name, "must be \(names.dropLast().joined(separator: ", ")) or \(last)")
    }

    /// An integer, or the text of one: the bridge and the command line forward text.
    func integer(
        _ name: ParameterName,
        in range: ClosedRange<Int>
    ) throws(ParameterError) -> Int? {
        let number: Int64
        switch try value(name) {
        case nil: return nil
        case .integer(let value): number = value
        case .string(let text):
            guard let value = Int64(text) else { throw fault(name, "must be an integer") }
            number = value
        default: throw fault(name, "must be an integer")
        }
        guard let value = Int(exactly: number), range.contains(value) else {
            throw fault(name, "must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    /// A UUID in canonical text; nil where it is not there.
    func identity(_ name: ParameterName) throws(ParameterError) -> UUID128? {
        guard let text = try text(name) else { return nil }
        guard let identity = UUID128(text) else { throw fault(name, "must be a UUID") }
        return identity
    }

    /// The channel; nil where it is not there.
    func channel() throws(ParameterError) -> String? {
        guard let text = try text(.channel) else { return nil }
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isToken, text.utf8.count <= 32 else {
            throw fault(.channel, "must be 1 to 32 of a to z, 0 to 9, _ and -")
        }
        return text
    }

    /// Refuses names that no method takes.
    func refuseUnknown() throws(ParameterError) {
        guard let unknown else { return }
        throw ParameterError(parameter: unknown, message: "\(unknown) is unknown")
    }

    /// An error about a parameter.
    func fault(_ name: ParameterName, _ predicate: String) -> ParameterError {
        ParameterError(parameter: name.rawValue, message: "\(name.rawValue) \(predicate)")
    }

    private func value(_ name: ParameterName) throws(ParameterError) -> JSONValue? {
        guard let value = values[name] else { return nil }
        guard name.isTaken(by: method) else {
            throw fault(name, "is no parameter of \(method.rawValue)")
        }
        if value == .string("") { throw fault(name, "must not be empty") }
        return value
    }
}
