internal import CPango

/// Pages of a PDF, drawn one after the other; its owner uses it on one thread.
///
/// Lengths are points, 1/72 inch; y grows downwards. Text is shaped by Pango with Noto fonts, so
/// that any script comes out right and can be selected; the glyphs used are embedded.
///
/// Safe, because it alone owns the handles it hides, and frees each once.
@safe
public final class PDFCanvas {
    private let surface: OpaquePointer
    private let context: OpaquePointer
    private let fonts: OpaquePointer
    private let layoutContext: OpaquePointer
    private let sink: Sink
    private var isFinished = false

    /// What is written so far; the surface holds a pointer to it.
    private final class Sink {
        var bytes: [UInt8] = []
    }

    /// What readers of the file are told about it.
    public struct Metadata {
        /// The document's title.
        public var title: String
        /// What it is about.
        public var subject: String
        /// Words to find it by.
        public var keywords: String
        /// The program that made it.
        public var creator: String
        /// RFC 3339; it depends on the contents, so that equal ones give equal bytes.
        public var createdAt: String

        /// Collects metadata.
        ///
        /// - Parameters:
        ///   - title: The document's title.
        ///   - subject: What it is about.
        ///   - keywords: Words to find it by.
        ///   - creator: The program that made it.
        ///   - createdAt: RFC 3339.
        public init(
            title: String,
            subject: String,
            keywords: String,
            creator: String,
            createdAt: String
        ) {
            self.title = title
            self.subject = subject
            self.keywords = keywords
            self.creator = creator
            self.createdAt = createdAt
        }
    }

    /// Begins a document.
    ///
    /// - Parameters:
    ///   - width: The width of its pages.
    ///   - height: Their height.
    ///   - metadata: What readers are told.
    /// - Throws: ``DocumentError`` where cairo has no memory.
    public init(width: Double, height: Double, metadata: Metadata) throws(DocumentError) {
        let sink = Sink()
        // The sink outlives the surface: deinit destroys the surface first.
        let closure = unsafe Unmanaged.passUnretained(sink).toOpaque()
        let made = unsafe cairo_pdf_surface_create_for_stream(
            { closure, data, length in
                guard let closure = unsafe closure, let data = unsafe data else {
                    return CAIRO_STATUS_WRITE_ERROR
                }
                let bytes = unsafe UnsafeBufferPointer(start: data, count: Int(length))
                unsafe Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
                    .bytes.append(contentsOf: bytes)
                return CAIRO_STATUS_SUCCESS
            },
            closure,
            width,
            height
        )
        // A font map of its own: the default one belongs to the thread.
        guard let surface = unsafe made, let fonts = unsafe pango_cairo_font_map_new(),
            let context = unsafe cairo_create(surface),
            let layoutContext = unsafe pango_font_map_create_context(fonts)
        else { throw DocumentError("The PDF cannot be begun: there is no memory.") }
        self.sink = sink
        unsafe self.surface = surface
        unsafe self.context = context
        unsafe self.fonts = fonts
        unsafe self.layoutContext = layoutContext
        // Positions in fractions of a point, as a printer has them.
        unsafe pango_context_set_round_glyph_positions(layoutContext, 0)
        let options = unsafe cairo_font_options_create()
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe pango_cairo_context_set_font_options(layoutContext, options)
        unsafe cairo_font_options_destroy(options)
        unsafe pango_cairo_context_set_resolution(layoutContext, 72)
        set(metadata)
    }

    deinit {
        // Each handle is live and not used again.
        unsafe g_object_unref(UnsafeMutableRawPointer(layoutContext))
        unsafe cairo_destroy(context)
        unsafe cairo_surface_destroy(surface)
        unsafe g_object_unref(UnsafeMutableRawPointer(fonts))
    }

    private func set(_ metadata: Metadata) {
        let values: KeyValuePairs<cairo_pdf_metadata_t.RawValue, String> = [
            CAIRO_PDF_METADATA_TITLE.rawValue: metadata.title,
            CAIRO_PDF_METADATA_SUBJECT.rawValue: metadata.subject,
            CAIRO_PDF_METADATA_KEYWORDS.rawValue: metadata.keywords,
            CAIRO_PDF_METADATA_CREATOR.rawValue: metadata.creator,
            CAIRO_PDF_METADATA_CREATE_DATE.rawValue: Self.date(metadata.createdAt),
            CAIRO_PDF_METADATA_MOD_DATE.rawValue: Self.date(metadata.createdAt),
        ]
        for (key, value) in values {
            // The surface is live and the text a C string for the call.
            unsafe cairo_pdf_surface_set_metadata(surface, cairo_pdf_metadata_t(key), value)
        }
    }

    /// A time as cairo takes it: it leaves out one with fractions of a second.
    private static func date(_ text: String) -> String {
        guard let dot = text.firstIndex(of: ".") else { return text }
        return text[..<dot] + String(text[dot...].drop { $0 == "." || $0.isNumber })
    }

    // MARK: - Pages

    /// Ends the page.
    public func endPage() {
        // The context is live, here and below.
        unsafe cairo_show_page(context)
    }

    /// Lists a place on the running page among the document's contents.
    ///
    /// - Parameters:
    ///   - title: What it is called there.
    ///   - page: The page's number, from 1.
    ///   - y: How far down.
    public func addOutline(_ title: String, page: Int, y: Double) {
        unsafe cairo_pdf_surface_add_outline(
            surface,
            0,
            title,
            "page=\(page) pos=[0 \(y)]",
            CAIRO_PDF_OUTLINE_FLAG_OPEN
        )
    }

    /// Ends the document.
    ///
    /// - Returns: The bytes of the file.
    /// - Throws: ``DocumentError`` where cairo met a problem at any time.
    public func finish() throws(DocumentError) -> [UInt8] {
        precondition(!isFinished, "a document is finished once")
        isFinished = true
        unsafe cairo_surface_finish(surface)
        let status = unsafe cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS else {
            let reason = unsafe String(cString: cairo_status_to_string(status))
            throw DocumentError("The PDF cannot be written: \(reason).")
        }
        return sink.bytes
    }

    // MARK: - Shapes

    /// Fills a rectangle.
    ///
    /// - Parameters:
    ///   - x: Its left edge.
    ///   - y: Its upper edge.
    ///   - width: Its width.
    ///   - height: Its height.
    ///   - radius: Of its corners.
    ///   - color: What with.
    public func fill(
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        radius: Double = 0,
        _ color: DocumentColor
    ) {
        set(color)
        if radius == 0 {
            unsafe cairo_rectangle(context, x, y, width, height)
        } else {
            let (right, bottom) = (x + width - radius, y + height - radius)
            unsafe cairo_new_sub_path(context)
            unsafe cairo_arc(context, right, y + radius, radius, -.pi / 2, 0)
            unsafe cairo_arc(context, right, bottom, radius, 0, .pi / 2)
            unsafe cairo_arc(context, x + radius, bottom, radius, .pi / 2, .pi)
            unsafe cairo_arc(context, x + radius, y + radius, radius, .pi, .pi * 1.5)
            unsafe cairo_close_path(context)
        }
        unsafe cairo_fill(context)
    }

    /// Draws a line through points.
    ///
    /// - Parameters:
    ///   - points: Where it goes.
    ///   - width: How thick it is.
    ///   - color: What with.
    public func stroke(
        _ points: [(x: Double, y: Double)],
        width: Double,
        _ color: DocumentColor
    ) {
        set(color)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        for (index, point) in points.enumerated() {
            if index == 0 {
                unsafe cairo_move_to(context, point.x, point.y)
            } else {
                unsafe cairo_line_to(context, point.x, point.y)
            }
        }
        unsafe cairo_stroke(context)
    }

    private func set(_ color: DocumentColor) {
        unsafe cairo_set_source_rgb(context, color.red, color.green, color.blue)
    }

    // MARK: - Text

    /// How much room a text takes.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - style: How it is set.
    ///   - width: Where its lines break; nil for one line.
    /// - Returns: Its width and height, and how far its first base line lies below its top.
    public func measure(
        _ text: String,
        _ style: TextStyle,
        width: Double? = nil
    ) -> (width: Double, height: Double, baseline: Double) {
        unsafe withLayout(text, style, width: width, isCut: false) { layout in
            unsafe Self.size(of: layout)
        }
    }

    /// Writes a text.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - x: The left edge of its box.
    ///   - y: The upper edge of its box.
    ///   - width: The width of its box; nil for as wide as it is.
    ///   - style: How it is set.
    ///   - alignment: Where it stands in its box.
    ///   - isCut: Whether it stays on one line, with an ellipsis where it is too long.
    public func write(
        _ text: String,
        x: Double,
        y: Double,
        width: Double? = nil,
        _ style: TextStyle,
        _ alignment: TextAlignment = .leading,
        isCut: Bool = false
    ) {
        set(style.color)
        unsafe withLayout(text, style, width: width, isCut: isCut) { layout in
            unsafe pango_layout_set_alignment(layout, alignment.pango)
            unsafe cairo_move_to(context, x, y)
            unsafe pango_cairo_show_layout(context, layout)
        }
    }

    private func withLayout<R>(
        _ text: String,
        _ style: TextStyle,
        width: Double?,
        isCut: Bool,
        _ body: (OpaquePointer) -> R
    ) -> R {
        // The layout context is live; both objects are freed before this returns.
        guard let layout = unsafe pango_layout_new(layoutContext),
            let description = unsafe pango_font_description_new()
        else { preconditionFailure("GLib ends the process where there is no memory") }
        unsafe pango_font_description_set_family(description, Self.families)
        unsafe pango_font_description_set_absolute_size(
            description,
            style.size * Double(PANGO_SCALE)
        )
        unsafe pango_font_description_set_weight(
            description,
            style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL
        )
        unsafe pango_layout_set_font_description(layout, description)
        unsafe pango_font_description_free(description)
        unsafe pango_layout_set_text(layout, text, -1)
        if let width {
            unsafe pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
            unsafe pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
            if isCut { unsafe pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END) }
        }
        defer { unsafe g_object_unref(UnsafeMutableRawPointer(layout)) }
        return unsafe body(layout)
    }

    private static func size(
        of layout: OpaquePointer
    ) -> (width: Double, height: Double, baseline: Double) {
        var width: Int32 = 0
        var height: Int32 = 0
        // The layout is live and the two integers are written once.
        unsafe pango_layout_get_size(layout, &width, &height)
        let scale = Double(PANGO_SCALE)
        let baseline = unsafe Double(pango_layout_get_baseline(layout))
        return (Double(width) / scale, Double(height) / scale, baseline / scale)
    }

    /// Families in the order in which a glyph is looked for; Pango asks fontconfig for the rest.
    private static let families = "Noto Sans,Noto Sans Arabic,Noto Sans CJK SC,sans-serif"
}
