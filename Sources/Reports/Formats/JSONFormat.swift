internal import JSON

/// A report as JSON: what it is, then the answers of its methods.
struct JSONFormat {
    let bytes: [UInt8]

    init(_ request: ReportRequest, _ figures: ReportFigures) {
        let value: JSONValue = [
            "title": .string(request.title),
            "type": .string(request.type.rawValue),
            "params": request.resolved,
            "data_as_of": figures.dataAsOf.map { .string($0) } ?? .null,
            "data_version": .integer(figures.dataVersion),
            "data_sha256": .string(figures.sha256),
            "data": figures.data,
        ]
        bytes = value.serializedBytes() + [UInt8(ascii: "\n")]
    }
}
