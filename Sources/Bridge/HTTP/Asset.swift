internal import CBridgeAssets
internal import NIOCore

/// A file that is part of the program.
enum Asset: Sendable {
    case openAPI, page, style, script

    /// The media type.
    var contentType: String {
        switch self {
        case .openAPI: "application/json"
        case .page: "text/html; charset=utf-8"
        case .style: "text/css; charset=utf-8"
        case .script: "text/javascript; charset=utf-8"
        }
    }

    /// What it holds.
    var bytes: ByteBuffer {
        switch self {
        case .openAPI: Self.openAPIBytes
        case .page: Self.pageBytes
        case .style: Self.styleBytes
        case .script: Self.scriptBytes
        }
    }

    private static let openAPIBytes = copy(botstats_openapi_json)
    private static let pageBytes = copy(botstats_docs_html)
    private static let styleBytes = copy(botstats_docs_css)
    private static let scriptBytes = copy(botstats_docs_js)

    private static func copy(_ asset: botstats_asset) -> ByteBuffer {
        ByteBuffer(bytes: UnsafeBufferPointer(start: asset.bytes, count: asset.count))
    }
}
