internal import Core
internal import JSON
internal import Reports

/// The parameters of `reports.get`: which report, and whether its figures or a part of its bytes.
struct ReportInquiry {
    let id: UUID128
    let isDownload: Bool
    let offset: Int
    let length: Int

    /// Reads a request's parameters.
    init(_ parameters: JSONValue?) throws(ParameterError) {
        id = try Self.id(parameters)
        isDownload = try Self.boolean(parameters, "download")
        let offset = try Self.integer(parameters, "offset", in: 0...Limits.reportBytesMaximum)
        let most = Limits.reportPieceBytesMaximum
        let length = try Self.integer(parameters, "length", in: 1...most)
        for (name, value) in [("offset", offset), ("length", length)] {
            guard value == nil || isDownload else {
                throw Self.fault(name, "belongs to download=true")
            }
        }
        self.offset = offset ?? 0
        self.length = length ?? most
        try Self.refuseUnknown(parameters, except: ["id", "download", "offset", "length"])
    }

    /// The id of the report a request is about.
    static func id(_ parameters: JSONValue?) throws(ParameterError) -> UUID128 {
        guard let value = parameters?["id"] else { throw fault("id", "is missing") }
        guard let id = value.stringValue.flatMap({ UUID128($0) }) else {
            throw fault("id", "must be a UUID")
        }
        return id
    }

    /// The text that makes a repeated request give the same report back; nil where there is none.
    static func idempotencyKey(_ parameters: JSONValue?) throws(ParameterError) -> String? {
        let name = "idempotency_key"
        guard let value = parameters?[name] else { return nil }
        guard let text = value.stringValue, (1...255).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw fault(name, "must be 1 to 255 visible ASCII characters") }
        return text
    }

    static func integer(
        _ parameters: JSONValue?,
        _ name: String,
        in range: ClosedRange<Int>
    ) throws(ParameterError) -> Int? {
        let number: Int64?
        switch parameters?[name] {
        case nil: return nil
        case .integer(let value): number = value
        // The bridge and the command line forward text.
        case .string(let text): number = Int64(text)
        default: number = nil
        }
        guard let number else { throw fault(name, "must be an integer") }
        guard let value = Int(exactly: number), range.contains(value) else {
            throw fault(name, "must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    private static func boolean(
        _ parameters: JSONValue?,
        _ name: String
    ) throws(ParameterError) -> Bool {
        switch parameters?[name] {
        case nil: false
        case .bool(let value): value
        case .string("true"), .string("1"): true
        case .string("false"), .string("0"): false
        default: throw fault(name, "must be true or false")
        }
    }

    static func refuseUnknown(
        _ parameters: JSONValue?,
        except names: Set<String>
    ) throws(ParameterError) {
        let unknown = (parameters?.objectValue ?? []).map(\.name).filter { !names.contains($0) }
        if let name = unknown.min() { throw fault(name, "is unknown") }
    }

    static func fault(_ name: String, _ predicate: String) -> ParameterError {
        ParameterError(parameter: name, message: "\(name) \(predicate)")
    }
}

/// The parameters of `reports.list`: which reports, in what order.
struct ReportListing {
    private enum Sort: String, CaseIterable {
        case createdAt = "created_at"
        case completedAt = "completed_at"
        case title, type, status
        case sizeBytes = "size_bytes"
    }

    private let type: ReportType?
    private let status: ReportRecord.Status?
    private let limit: Int
    private let offset: Int
    private let sort: Sort
    private let isAscending: Bool

    /// Reads a request's parameters.
    init(_ parameters: JSONValue?) throws(ParameterError) {
        type = try Self.choice(parameters, "type", ReportType.allCases)
        status = try Self.choice(
            parameters,
            "status",
            [.pending, .running, .completed, .failed]
        )
        limit = try ReportInquiry.integer(parameters, "limit", in: 1...100) ?? 20
        offset = try ReportInquiry.integer(parameters, "offset", in: 0...Int(Int32.max)) ?? 0
        sort = try Self.choice(parameters, "sort", Sort.allCases) ?? .createdAt
        isAscending =
            try Self.choice(parameters, "order", Order.allCases) == .ascending
        try ReportInquiry.refuseUnknown(
            parameters,
            except: ["type", "status", "limit", "offset", "sort", "order"]
        )
    }

    private enum Order: String, CaseIterable {
        case ascending = "asc"
        case descending = "desc"
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ parameters: JSONValue?,
        _ name: String,
        _ choices: [Choice]
    ) throws(ParameterError) -> Choice? {
        guard let value = parameters?[name] else { return nil }
        guard let choice = choices.first(where: { .string($0.rawValue) == value }) else {
            let names = choices.map(\.rawValue)
            throw ReportInquiry.fault(
                name,
                "must be \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
            )
        }
        return choice
    }

    /// The page that is asked for.
    ///
    /// - Parameter reports: All that the caller may see.
    /// - Returns: The result object.
    func answer(_ reports: [(record: ReportRecord, object: JSONValue)]) -> JSONValue {
        let wanted = reports.filter { report in
            (type == nil || report.record.type == type)
                && (status == nil || report.record.status == status)
        }
        let sorted = wanted.map(\.record).enumerated()
            .sorted { isBefore($0.element, $1.element) }.map(\.offset)
        let page = sorted.dropFirst(offset).prefix(limit).map { wanted[$0].object }
        return [
            "reports": .array(Array(page)),
            "total": .integer(Int64(wanted.count)),
            "limit": .integer(Int64(limit)),
            "offset": .integer(Int64(offset)),
        ]
    }

    /// Whether a report stands before another one; equals stand by their age and id.
    private func isBefore(_ left: ReportRecord, _ right: ReportRecord) -> Bool {
        let (first, second) = isAscending ? (left, right) : (right, left)
        let earlier = (first.createdAt, first.id) < (second.createdAt, second.id)
        func ordered<Value: Comparable>(_ value: (ReportRecord) -> Value) -> Bool {
            value(first) == value(second) ? earlier : value(first) < value(second)
        }
        return switch sort {
        case .createdAt: earlier
        case .completedAt: ordered { $0.completedAt ?? .max }
        case .title: ordered(\.title)
        case .type: ordered(\.type.rawValue)
        case .status: ordered(\.status.rawValue)
        case .sizeBytes: ordered(\.sizeBytes)
        }
    }
}
