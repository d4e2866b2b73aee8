/// Which of a file's bytes a client asks for (RFC 9110, 14.2).
enum ByteRange: Equatable {
    /// All of them: none are named, or in a way that may be ignored.
    case whole
    case part(Range<Int>)
    /// None of those that are named are there.
    case unsatisfiable

    /// Reads a `Range` field.
    ///
    /// One range of bytes is served. Several at once, another unit or bad syntax are ignored, as
    /// section 14.2 lets a server do.
    ///
    /// - Parameters:
    ///   - field: The value, such as `bytes=0-499`, `bytes=500-` or `bytes=-500`.
    ///   - size: How many bytes there are.
    init(_ field: String, size: Int) {
        let unit = "bytes="
        let text = field.filter { $0 != " " && $0 != "\t" }
        let ends = text.dropFirst(unit.count).split(
            separator: "-",
            omittingEmptySubsequences: false
        )
        guard text.lowercased().hasPrefix(unit), ends.count == 2,
            ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else {
            self = .whole
            return
        }
        // More digits than an integer has are beyond the end of any file.
        let numbers = ends.map { $0.isEmpty ? nil : Int($0) ?? .max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): self = .whole
        case (nil, let count?):
            self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        case (let first?, let last):
            if let last, last < first {
                self = .whole
            } else {
                let last = min(last ?? .max, size - 1)
                self = first <= last ? .part(first..<last + 1) : .unsatisfiable
            }
        }
    }
}
