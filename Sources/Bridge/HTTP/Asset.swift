internal import CBridgeAssets
internal import NIOCore

/// A file that is part of the program, and where it is served.
struct Asset: Sendable, Equatable {
    /// What a file is to a browser; the value is its media type.
    enum Kind: String {
        case description = "application/json"
        case page = "text/html; charset=utf-8"
        case style = "text/css; charset=utf-8"
        case script = "text/javascript; charset=utf-8"
        case image = "image/svg+xml"
    }

    let path: String
    let kind: Kind
    let bytes: ByteBuffer
    /// The tag of what it holds.
    let tag: String

    private init(_ path: String, _ kind: Kind, _ asset: botstats_asset) {
        self.path = path
        self.kind = kind
        bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: asset.bytes, count: asset.count))
        tag = EntityTag.of(bytes)
    }

    /// Every one, made once: a tag takes a look at every byte.
    static let all = [
        // The description of the interface, and the page that shows it.
        Asset(Routes.base + "/openapi.json", .description, botstats_openapi_json),
        Asset("/docs", .page, botstats_docs_html),
        Asset("/docs/docs.css", .style, botstats_docs_css),
        Asset("/docs/docs.js", .script, botstats_docs_js),
        // The dashboard.
        Asset("/", .page, botstats_page_index_html),
        Asset("/page/icon.svg", .image, botstats_page_icon_svg),
        Asset("/page/page.css", .style, botstats_page_page_css),
        Asset("/page/page.js", .script, botstats_page_page_js),
        Asset("/page/api.js", .script, botstats_page_api_js),
        Asset("/page/chart.js", .script, botstats_page_chart_js),
        Asset("/page/dom.js", .script, botstats_page_dom_js),
        Asset("/page/export.js", .script, botstats_page_export_js),
        Asset("/page/figures.js", .script, botstats_page_figures_js),
        Asset("/page/live.js", .script, botstats_page_live_js),
        Asset("/page/now.js", .script, botstats_page_now_js),
        Asset("/page/panels.js", .script, botstats_page_panels_js),
        Asset("/page/pickers.js", .script, botstats_page_pickers_js),
        Asset("/page/tables.js", .script, botstats_page_tables_js),
        Asset("/page/text.js", .script, botstats_page_text_js),
        Asset("/page/view.js", .script, botstats_page_view_js),
        Asset("/page/words-en.js", .script, botstats_page_words_en_js),
        Asset("/page/words-pt-br.js", .script, botstats_page_words_pt_br_js),
    ]
}
