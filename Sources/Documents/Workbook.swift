internal import CXLSXWriter
internal import Glibc

/// A spreadsheet file, filled sheet by sheet; its owner uses it on one thread.
///
/// Safe, because it alone owns the handle it hides, and closes it once; sheets keep it alive.
@safe
public final class Workbook {
    private let handle: UnsafeMutablePointer<lxw_workbook>
    private let file: Int32
    private var formats: [CellFormat: UnsafeMutablePointer<lxw_format>] = unsafe [:]
    private var isFinished = false

    /// Begins a workbook.
    ///
    /// - Parameters:
    ///   - title: The document's title.
    ///   - subject: What it is about.
    ///   - comments: More about it.
    ///   - createdAtSeconds: Seconds since 1970; it depends on the contents, so that equal ones
    ///     give equal bytes. At least 1: for 0 the library takes the time of day.
    /// - Throws: ``DocumentError`` where the system has no memory.
    public init(
        title: String,
        subject: String,
        comments: String,
        createdAtSeconds: Int
    ) throws(DocumentError) {
        // The library writes to a path; a file in memory has one and leaves nothing behind.
        let file = botstats_memory_file()
        guard file >= 0 else {
            // The C library's text of an error number is a C string.
            let reason = unsafe String(cString: strerror(errno))
            throw DocumentError("The workbook cannot be begun: \(reason).")
        }
        guard let handle = unsafe workbook_new("/proc/self/fd/\(file)") else {
            Glibc.close(file)
            throw DocumentError("The workbook cannot be begun: there is no memory.")
        }
        self.file = file
        unsafe self.handle = handle
        unsafe title.withCString { title in
            unsafe subject.withCString { subject in
                unsafe comments.withCString { comments in
                    unsafe "botstats".withCString { author in
                        // The library copies the texts during the call and does not change them.
                        var properties = unsafe lxw_doc_properties()
                        unsafe properties.title = UnsafeMutablePointer(mutating: title)
                        unsafe properties.subject = UnsafeMutablePointer(mutating: subject)
                        unsafe properties.comments = UnsafeMutablePointer(mutating: comments)
                        unsafe properties.author = UnsafeMutablePointer(mutating: author)
                        unsafe properties.created = max(1, createdAtSeconds)
                        unsafe workbook_set_properties(handle, &properties)
                    }
                }
            }
        }
    }

    deinit {
        // Closing frees the handle; one that is not closed yet is written in vain.
        if !isFinished { unsafe workbook_close(handle) }
        Glibc.close(file)
    }

    /// Adds a sheet after the others.
    ///
    /// - Parameter name: At most 31 characters, none of `[]:*?/\`; unlike the others.
    /// - Returns: The sheet.
    /// - Throws: ``DocumentError`` where the name is none for a sheet.
    public func addSheet(_ name: String) throws(DocumentError) -> Sheet {
        guard let sheet = unsafe workbook_add_worksheet(handle, name) else {
            throw DocumentError("The workbook can have no sheet “\(name)”.")
        }
        return unsafe Sheet(workbook: self, handle: sheet, name: name)
    }

    /// Ends the workbook; its sheets must not be used any more.
    ///
    /// - Returns: The bytes of the file.
    /// - Throws: ``DocumentError`` where it cannot be written.
    public func finish() throws(DocumentError) -> [UInt8] {
        precondition(!isFinished, "a workbook is finished once")
        isFinished = true
        // The handle is live; it is not used again.
        let code = unsafe workbook_close(handle)
        guard code == LXW_NO_ERROR else {
            let reason = unsafe String(cString: lxw_strerror(code))
            throw DocumentError("The workbook cannot be written: \(reason)")
        }
        let size = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: max(0, size))
        var count = 0
        while count < bytes.count {
            // The buffer has that many bytes left.
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return unsafe pread(file, rest.baseAddress, rest.count, count)
            }
            guard read > 0 else { throw DocumentError("The workbook cannot be read back.") }
            count += read
        }
        return bytes
    }

    /// The library's object for a format; it belongs to the workbook.
    func format(_ format: CellFormat) -> UnsafeMutablePointer<lxw_format>? {
        if let made = unsafe formats[format] { return unsafe made }
        // The handle is live, and so is the format until the workbook is closed.
        guard let made = unsafe workbook_add_format(handle) else { return nil }
        if let number = format.number { unsafe format_set_num_format(made, number) }
        if format.isBold { unsafe format_set_bold(made) }
        if format.wraps {
            unsafe format_set_text_wrap(made)
            unsafe format_set_align(made, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
        }
        if format.isHeading {
            unsafe format_set_bg_color(made, 0xEEF2F8)
            unsafe format_set_bottom(made, UInt8(LXW_BORDER_THIN.rawValue))
        }
        if format.size > 0 { unsafe format_set_font_size(made, format.size) }
        unsafe formats[format] = made
        return unsafe made
    }

    /// A chart that belongs to the workbook.
    func makeChart(_ kind: lxw_chart_type) -> UnsafeMutablePointer<lxw_chart>? {
        // The handle is live.
        unsafe workbook_add_chart(handle, UInt8(kind.rawValue))
    }
}

/// How a cell of a spreadsheet looks.
public struct CellFormat: Hashable, Sendable {
    /// The number format, such as `0.0%`; nil for the general one.
    public var number: String?
    /// Whether it is bold.
    public var isBold = false
    /// Whether it has the ground of a heading.
    public var isHeading = false
    /// Whether long text is broken into lines.
    public var wraps = false
    /// The size of its letters in points; 0 for the usual one.
    public var size = 0.0

    /// Makes a format.
    ///
    /// - Parameters:
    ///   - number: The number format; nil for the general one.
    ///   - isBold: Whether it is bold.
    public init(_ number: String? = nil, isBold: Bool = false) {
        self.number = number
        self.isBold = isBold
    }
}
