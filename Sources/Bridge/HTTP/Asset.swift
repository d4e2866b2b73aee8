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
    var bytes: ByteBuffer { file.bytes }

    /// The tag of what it holds.
    var tag: String { file.tag }

    /// Read once; the tag takes a look at every byte.
    private struct File: Sendable {
        let bytes: ByteBuffer
        let tag: String

        init(_ asset: botstats_asset) {
            bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: asset.bytes, count: asset.count))
            tag = EntityTag.of(bytes)
        }
    }

    private var file: File {
        switch self {
        case .openAPI: Self.openAPIFile
        case .page: Self.pageFile
        case .style: Self.styleFile
        case .script: Self.scriptFile
        }
    }

    private static let openAPIFile = File(botstats_openapi_json)
    private static let pageFile = File(botstats_docs_html)
    private static let styleFile = File(botstats_docs_css)
    private static let scriptFile = File(botstats_docs_js)
}
