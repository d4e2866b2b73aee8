internal import Core
internal import JSON
internal import Reports

/// What is known of one report: as it was asked for, how far it is, what came of it.
struct ReportRecord: Sendable {
    /// Where a report stands.
    enum Status: String, CaseIterable {
        case pending, running, completed, failed
        /// Its bytes are gone; it is remembered so that whoever asks is told why.
        case expired
    }

    let id: UUID128
    let type: ReportType
    let format: ReportFormat
    let title: String
    /// What was asked for, to make it of; again where the daemon was stopped before it was done.
    let asked: JSONValue
    /// The same, resolved.
    let params: JSONValue
    /// The moment its range is resolved at.
    let asOf: UnixMilliseconds
    /// The zone where none was asked for: the daemon's may be another one after a restart.
    let zone: String
    /// The bots it is about; nil for all.
    let bots: Set<UUID128>?
    let createdAt: UnixMilliseconds
    let createdBy: String
    let idempotencyKey: String?
    var status = Status.pending
    var completedAt: UnixMilliseconds?
    /// Why it failed.
    var failure: String?
    var dataVersion: Int64?
    var sizeBytes = 0
    /// Bytes of its figures, which are kept beside its own.
    var dataBytes = 0
    var sha256: String?

    /// Bytes it takes in the store.
    var storedBytes: Int { sizeBytes + dataBytes }

    /// What a file of it is called: `engagement-2025-01-01_2025-01-31.pdf`.
    var fileName: String {
        let start = params["start"]?.stringValue?.prefix(10) ?? ""
        // The range's end is the instant after its last day.
        let parts = (params["end"]?.stringValue?.prefix(10) ?? "").split(separator: "-")
            .compactMap { Int($0) }
        guard parts.count == 3 else { return "\(type.rawValue).\(format.rawValue)" }
        let end = CivilDate(year: parts[0], month: parts[1], dayOfMonth: parts[2])
        let isMidnight = params["end"]?.stringValue?.dropFirst(10).hasPrefix("T00:00:00") == true
        let last = isMidnight ? end.adding(days: -1) : end
        return "\(type.rawValue)-\(start)_\(last).\(format.rawValue)"
    }

    /// Whether a credential limited to some bots may see it: all of its bots are among them.
    func isVisible(to limit: Set<UUID128>?) -> Bool {
        guard let limit else { return true }
        return bots.map { $0.isSubset(of: limit) } ?? false
    }

    /// The report's object, without its figures.
    func object(progress: Int) -> [JSONValue.Member] {
        func time(_ time: UnixMilliseconds?) -> JSONValue {
            time.map { .string(LocalCalendar(rules: .utc).text(of: $0)) } ?? .null
        }
        let isDone = status == .completed
        let url = "/api/v1/analytics/reports/\(id)?download=1"
        let object: JSONValue = [
            "id": .string("\(id)"),
            "type": .string(type.rawValue),
            "format": .string(format.rawValue),
            "status": .string(status.rawValue),
            "progress": .integer(Int64(isDone ? 100 : progress)),
            "title": .string(title),
            "params": params,
            "created_at": time(createdAt),
            "completed_at": time(completedAt),
            "created_by": .string(createdBy),
            "data_version": dataVersion.map { .integer($0) } ?? .null,
            "content_type": .string(format.contentType),
            "file_name": .string(fileName),
            "size_bytes": isDone ? .integer(Int64(sizeBytes)) : .null,
            "sha256": sha256.map { .string($0) } ?? .null,
            "download_url": isDone ? .string(url) : .null,
            "failure": failure.map { .string($0) } ?? .null,
        ]
        return object.objectValue ?? []
    }
}

// MARK: - As it is stored

extension ReportRecord {
    /// The record as JSON.
    var stored: JSONValue {
        let bots = bots.map { JSONValue.array($0.sorted().map { .string("\($0)") }) }
        return [
            "asked": asked,
            "params": params,
            "as_of": .integer(asOf),
            "zone": .string(zone),
            "bots": bots ?? .null,
            "type": .string(type.rawValue),
            "format": .string(format.rawValue),
            "title": .string(title),
            "created_at": .integer(createdAt),
            "created_by": .string(createdBy),
            "idempotency_key": idempotencyKey.map { .string($0) } ?? .null,
            "status": .string(status.rawValue),
            "completed_at": completedAt.map { .integer($0) } ?? .null,
            "failure": failure.map { .string($0) } ?? .null,
            "data_version": dataVersion.map { .integer($0) } ?? .null,
            "size_bytes": .integer(Int64(sizeBytes)),
            "data_bytes": .integer(Int64(dataBytes)),
            "sha256": sha256.map { .string($0) } ?? .null,
        ]
    }

    /// Reads a record; nil where it is none.
    init?(id: UUID128, stored: JSONValue) {
        guard let asked = stored["asked"], let params = stored["params"],
            let asOf = stored["as_of"]?.integerValue, let zone = stored["zone"]?.stringValue,
            let type = stored["type"]?.stringValue.flatMap(ReportType.init(rawValue:)),
            let format = stored["format"]?.stringValue.flatMap(ReportFormat.init(rawValue:)),
            let title = stored["title"]?.stringValue,
            let createdAt = stored["created_at"]?.integerValue,
            let createdBy = stored["created_by"]?.stringValue,
            let status = stored["status"]?.stringValue.flatMap(Status.init(rawValue:))
        else { return nil }
        let bots = stored["bots"]?.arrayValue?.compactMap {
            $0.stringValue.flatMap { UUID128($0) }
        }
        self.init(
            id: id,
            type: type,
            format: format,
            title: title,
            asked: asked,
            params: params,
            asOf: asOf,
            zone: zone,
            bots: bots.map { Set($0) },
            createdAt: createdAt,
            createdBy: createdBy,
            idempotencyKey: stored["idempotency_key"]?.stringValue,
            // What was being made when the daemon stopped is made again.
            status: status == .running ? .pending : status,
            completedAt: stored["completed_at"]?.integerValue,
            failure: stored["failure"]?.stringValue,
            dataVersion: stored["data_version"]?.integerValue,
            sizeBytes: Int(stored["size_bytes"]?.integerValue ?? 0),
            dataBytes: Int(stored["data_bytes"]?.integerValue ?? 0),
            sha256: stored["sha256"]?.stringValue
        )
    }
}
