internal import Core
internal import LMDB

/// The layout of an hour row: a mask of its quarters, then each quarter's slot behind its length.
///
/// The length lets a range that begins within the hour pass over quarters without reading them.
enum HourRow {
    /// Adds the quarters of a stored row that lie in a range.
    ///
    /// - Parameters:
    ///   - bytes: The row's value.
    ///   - wanted: A bit for each quarter of the hour.
    ///   - accumulator: Receives the slots.
    /// - Returns: Whether the bytes were a row.
    static func accumulate(
        _ bytes: RawSpan,
        wanted: UInt8,
        into accumulator: inout SlotAccumulator
    ) -> Bool {
        var reader = ByteReader(bytes)
        let present = reader.readUInt8()
        var pending = present
        while pending != 0, !reader.failed {
            let bit = pending & (~pending &+ 1)
            let byteCount = Int(truncatingIfNeeded: reader.readVarint())
            let remaining = reader.remaining - byteCount
            if wanted & bit != 0 { accumulator.add(encoded: &reader) }
            // A slot's unread rest is passed over: the accumulator stops at the last part it
            // needs.
            if reader.remaining >= remaining { reader.skip(reader.remaining - remaining) }
            pending &= pending - 1
        }
        return !reader.failed
    }

    /// Reads the four slots of a row.
    ///
    /// - Parameter bytes: The row's value.
    /// - Returns: nil when the bytes are no row.
    static func decode(_ bytes: RawSpan) -> [RollupSlot]? {
        var slots = Array(repeating: RollupSlot(), count: 4)
        var reader = ByteReader(bytes)
        let present = reader.readUInt8()
        for quarter in 0..<4 where present & (1 << UInt8(quarter)) != 0 {
            let byteCount = Int(truncatingIfNeeded: reader.readVarint())
            let end = reader.remaining - byteCount
            guard let slot = RollupSlot(decoding: &reader), reader.remaining == end else {
                return nil
            }
            slots[quarter] = slot
        }
        return reader.failed || !reader.isAtEnd ? nil : slots
    }

    /// Writes a row.
    ///
    /// - Parameters:
    ///   - slots: The four quarters.
    ///   - writer: Emptied, then receives the value; stays empty when every slot is.
    static func encode(_ slots: [RollupSlot], into writer: inout ByteWriter) {
        writer.removeAll()
        var present: UInt8 = 0
        for quarter in 0..<4 where !slots[quarter].isEmpty { present |= 1 << UInt8(quarter) }
        guard present != 0 else { return }
        writer.writeUInt8(present)
        var slot = ByteWriter()
        for quarter in 0..<4 where !slots[quarter].isEmpty {
            slot.removeAll()
            slots[quarter].encode(into: &slot)
            writer.writeVarint(UInt64(slot.bytes.count))
            writer.write(slot.bytes)
        }
    }

    /// A bit for each quarter of a stored row that holds anything.
    static func presentQuarters(_ bytes: RawSpan) -> UInt8 {
        bytes.isEmpty ? 0 : bytes.readUInt8(at: 0)
    }

    /// A bit for each quarter of the hour that lies in the range.
    static func quarterMask(of hour: Int32, in quarters: Range<Quarter>) -> UInt8 {
        let start = hour * Quarters.perHour
        if start >= quarters.lowerBound, start + Quarters.perHour <= quarters.upperBound {
            return 0b1111
        }
        var mask: UInt8 = 0
        for index in 0..<Quarters.perHour where quarters.contains(start + index) {
            mask |= 1 << UInt8(index)
        }
        return mask
    }
}
