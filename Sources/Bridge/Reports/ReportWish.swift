internal import JSON

/// Whether a request for a report is for its object or for its bytes.
enum ReportWish: Equatable {
    case object
    case bytes
    /// The bytes where they are of one of these media types, else the object.
    case bytesOf(Set<String>)

    /// Reads it from a request.
    ///
    /// - Parameters:
    ///   - download: The value of the parameter `download`; nil where it is not given.
    ///   - accept: The value of the field `Accept`; nil where it is not given.
    /// - Returns: nil where `download` is neither yes nor no.
    static func read(download: JSONValue?, accept: String?) -> ReportWish? {
        switch download {
        case .string("1"), .string("true"): return .bytes
        case .string("0"), .string("false"): return .object
        case nil: break
        default: return nil
        }
        // Wildcards are in every client's default; only a type that is named is wanted as such.
        let weights = accept.map(weights) ?? [:]
        let json = weights["application/json"] ?? 0
        let types = fileTypes.filter { weights[$0].map { $0 > 0 && $0 >= json } ?? false }
        return types.isEmpty ? .object : .bytesOf(types)
    }

    /// Whether a report's bytes are meant.
    ///
    /// - Parameter contentType: Their media type, with parameters or without.
    /// - Returns: Whether this asks for bytes of that type.
    func takes(_ contentType: String) -> Bool {
        switch self {
        case .object: false
        case .bytes: true
        case .bytesOf(let types):
            types.contains(contentType.prefix { $0 != ";" && $0 != " " }.lowercased())
        }
    }

    /// The types of files that are not JSON, which the object is as well.
    private static let fileTypes: Set = [
        "text/csv", "text/html", "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]

    /// The types in an `Accept` field, and how much each is wanted, from 0 to 1.
    private static func weights(_ field: String) -> [String: Double] {
        var weights: [String: Double] = [:]
        for item in field.lowercased().split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let type = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            weights[type] = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
        }
        return weights
    }
}
