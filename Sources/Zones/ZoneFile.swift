internal import Core

/// A compiled zone file, TZif (RFC 8536), of version 2 or later.
enum ZoneFile {
    /// The greatest file of today has under 4 KB.
    static let byteCountMaximum = 1 << 20

    /// The rules are written out until the end of this year; time stamps end with 2099, and ranges
    /// a little later do no harm.
    static let lastYear = 2_104

    /// Reads a zone.
    ///
    /// - Parameters:
    ///   - name: The name to give it.
    ///   - bytes: The file, from anywhere.
    /// - Returns: nil when this is no such file, or one with leap seconds, whose times are not
    ///   those of Unix.
    static func rules(named name: String, in bytes: [UInt8]) -> ZoneRules? {
        // The first block is of 32 bits and repeated in 64 bits after it.
        guard let old = Header(bytes, at: 0), old.version >= UInt8(ascii: "2"),
            let header = Header(bytes, at: Header.byteCount + old.dataByteCount(timeByteCount: 4)),
            header.leapCount == 0, header.typeCount > 0
        else { return nil }
        let times = header.position + Header.byteCount
        let end = times + header.dataByteCount(timeByteCount: 8)
        guard end <= bytes.count,
            let footer = footer(bytes[end...]),
            let changes = changes(bytes, header, times)
        else { return nil }
        return ZoneRules(name: name, changes: extended(changes, by: footer))
    }

    /// The changes of the 64-bit block, the time before the first one included.
    private static func changes(
        _ bytes: [UInt8],
        _ header: Header,
        _ times: Int
    ) -> [ZoneRules.Change]? {
        let types = times + header.timeCount * 9
        func offset(ofType type: Int) -> Int64? {
            guard type < header.typeCount else { return nil }
            let offset = Int64(Int32(truncatingIfNeeded: integer(bytes, types + type * 6, 4)))
            // RFC 8536 §3.2: "SHOULD NOT be less than -89999 […] or more than 93599".
            return (-93_600...93_600).contains(offset) ? offset * Milliseconds.second : nil
        }
        // §3.2: type 0 holds before the first change.
        guard let first = offset(ofType: 0) else { return nil }
        var changes = [ZoneRules.Change(start: .min / 2, offset: first)]
        var last = Int64.min
        for index in 0..<header.timeCount {
            let time = integer(bytes, times + index * 8, 8)
            guard time > last,
                let offset = offset(ofType: Int(bytes[times + header.timeCount * 8 + index]))
            else { return nil }
            last = time
            // What lies millions of years away is as good as never.
            let second = min(max(time, -1 << 50), 1 << 50)
            changes.append(
                ZoneRules.Change(start: second * Milliseconds.second, offset: offset)
            )
        }
        return changes
    }

    /// The text between the two newlines after the data: what holds after the last change.
    private static func footer(_ bytes: ArraySlice<UInt8>) -> RecurringRule?? {
        guard bytes.first == UInt8(ascii: "\n"),
            let end = bytes.dropFirst().firstIndex(of: UInt8(ascii: "\n"))
        else { return nil }
        let text = bytes[(bytes.startIndex + 1)..<end]
        // §3.3: an empty footer says nothing about later times.
        if text.isEmpty { return .some(nil) }
        return RecurringRule(text).map { .some($0) } ?? nil
    }

    private static func extended(
        _ changes: [ZoneRules.Change],
        by footer: RecurringRule?
    ) -> [ZoneRules.Change] {
        guard let footer, let last = changes.last else { return changes }
        let first = max(last.start, 0)
        let year = CivilDate(day: Int(first / Milliseconds.day)).components.year
        guard year <= lastYear else { return changes }
        // From the year before: the changes are told by local time, which may be of another year.
        let later = ((year - 1)...lastYear).flatMap(footer.changes(ofYear:))
            .filter { $0.start > last.start }
            .sorted { $0.start < $1.start }
        return changes + later
    }

    /// A big-endian integer with its sign; the caller has checked the bounds.
    private static func integer(_ bytes: [UInt8], _ position: Int, _ byteCount: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[position..<position + byteCount] { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }

    /// The counts that a block begins with.
    private struct Header {
        static let byteCount = 44

        let position: Int
        let version: UInt8
        let utcCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let nameByteCount: Int

        init?(_ bytes: [UInt8], at position: Int) {
            guard position >= 0, position + Self.byteCount <= bytes.count,
                bytes[position..<position + 4].elementsEqual("TZif".utf8)
            else { return nil }
            self.position = position
            version = bytes[position + 4]
            let counts = (0..<6).map { Int(integer(bytes, position + 20 + $0 * 4, 4)) }
            // More than fit into the file; also keeps the sums below from overflowing.
            guard counts.allSatisfy({ $0 <= byteCountMaximum }) else { return nil }
            utcCount = counts[0]
            standardCount = counts[1]
            leapCount = counts[2]
            timeCount = counts[3]
            typeCount = counts[4]
            nameByteCount = counts[5]
        }

        /// How many bytes follow the header.
        func dataByteCount(timeByteCount: Int) -> Int {
            timeCount * (timeByteCount + 1) + typeCount * 6 + nameByteCount
                + leapCount * (timeByteCount + 4) + standardCount + utcCount
        }
    }
}
