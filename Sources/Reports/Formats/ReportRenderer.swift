internal import JSON

/// Makes a report's bytes out of its figures.
public struct ReportRenderer: Sendable {
    private let request: ReportRequest
    private let figures: ReportFigures

    /// Makes a renderer.
    ///
    /// - Parameters:
    ///   - request: The report as it was asked for.
    ///   - figures: The answers to its plans.
    public init(_ request: ReportRequest, _ figures: ReportFigures) {
        self.request = request
        self.figures = figures
    }

    /// Renders the report in the format asked for.
    ///
    /// The bytes depend on nothing but the request and the figures: the same ones give the same
    /// bytes, wherever and whenever.
    ///
    /// - Returns: The bytes of the file.
    /// - Throws: ``ReportFailure`` where a library refuses.
    /// - Complexity: O(cells of its tables).
    public func render() throws(ReportFailure) -> [UInt8] {
        let document = DocumentBuilder(request: request, figures: figures).document()
        switch request.format {
        case .json: return JSONFormat(request, figures).bytes
        case .csv: return CSVFormat.bytes(of: document, table: request.table)
        case .html: return HTMLFormat(document).bytes()
        case .pdf: return try PDFFormat(document).bytes()
        case .xlsx: return try XLSXFormat.bytes(of: document)
        }
    }
}

/// Why a report could not be made.
public struct ReportFailure: Error, Equatable, CustomStringConvertible {
    /// One sentence for the person who asked for it.
    public let description: String

    /// Makes a failure.
    ///
    /// - Parameter description: One sentence.
    public init(_ description: String) { self.description = description }
}
