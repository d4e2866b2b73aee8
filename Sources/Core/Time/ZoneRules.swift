/// One IANA time zone: when its clocks were and will be changed.
///
/// A sorted array of offsets that is searched once and then walked: buckets of a range are found
/// without asking a calendar library for each of them.
public struct ZoneRules: Sendable {
    /// A stretch of time with one offset from UTC.
    public struct Change: Hashable, BitwiseCopyable, Sendable {
        /// The first instant with this offset.
        public let start: UnixMilliseconds
        /// Local time is UTC plus this; milliseconds.
        public let offset: Int64

        /// Makes a change.
        ///
        /// - Parameters:
        ///   - start: The first instant with this offset.
        ///   - offset: Local time minus UTC in milliseconds.
        public init(start: UnixMilliseconds, offset: Int64) {
            self.start = start
            self.offset = offset
        }
    }

    /// The name it was asked for by, such as `Asia/Kathmandu`.
    public let name: String
    /// In time order and never empty; neighbours differ; the first begins before everything.
    let changes: [Change]
    /// Dates that never occurred, as days since 1970: zones that moved across the date line.
    let skippedDays: [Int]

    /// UTC, which needs no file.
    public static let utc = ZoneRules(name: "UTC", changes: [])

    /// The offset of 1990-01-01T00:00:00Z is taken to have been that of all times before.
    ///
    /// No event lies before 2000. The local mean times of old are no multiples of a quarter
    /// hour; without them every boundary is one.
    static let earliestMilliseconds: UnixMilliseconds = 631_152_000_000

    /// No offset is greater than this, in either direction.
    ///
    /// Those of today lie between −12 and +14 hours; RFC 8536 advises −25 to +26.
    static let offsetMaximum = 26 * Milliseconds.hour

    /// Makes a zone.
    ///
    /// - Parameters:
    ///   - name: The IANA name.
    ///   - changes: In time order. The first one's offset also holds before it; none means UTC.
    ///     Offsets are rounded to quarter hours, which all offsets since 1990 are, and may not
    ///     exceed 26 hours.
    /// - Complexity: O(changes).
    public init(name: String, changes: [Change]) {
        var kept: [Change] = [Change(start: .min / 2, offset: changes.first.map(Self.rounded) ?? 0)]
        for change in changes {
            let offset = Self.rounded(change)
            if change.start <= Self.earliestMilliseconds {
                kept[0] = Change(start: .min / 2, offset: offset)
                continue
            }
            // Of two changes at one instant the later one counts.
            if kept.count > 1, kept[kept.count - 1].start == change.start { kept.removeLast() }
            if kept[kept.count - 1].offset != offset {
                kept.append(Change(start: change.start, offset: offset))
            }
        }
        self.name = name
        self.changes = kept
        skippedDays = Self.skippedDays(kept)
    }

    /// The offset from UTC at an instant.
    ///
    /// - Parameter time: The instant.
    /// - Returns: Local time minus UTC in milliseconds, a multiple of a quarter hour.
    /// - Complexity: O(log changes).
    public func offset(at time: UnixMilliseconds) -> Int64 { changes[index(at: time)].offset }

    /// The wall clock at an instant.
    ///
    /// - Parameter time: The instant.
    /// - Returns: Milliseconds since 1970-01-01T00:00 in local reckoning.
    /// - Complexity: O(log changes).
    public func local(of time: UnixMilliseconds) -> Int64 { time + offset(at: time) }

    /// The date that the wall clock shows at an instant.
    ///
    /// - Parameter time: The instant.
    /// - Returns: The local date.
    /// - Complexity: O(log changes).
    public func date(of time: UnixMilliseconds) -> CivilDate {
        CivilDate(day: Int(floorDivide(local(of: time), by: Milliseconds.day)))
    }

    /// The instant that a local day begins with.
    ///
    /// - Parameter date: The date.
    /// - Returns: The first quarter hour of the date, midnight or where midnight was skipped later;
    ///   of a date that never occurred, that of the next one.
    /// - Complexity: O(log changes).
    public func firstInstant(of date: CivilDate) -> UnixMilliseconds {
        var hint = 0
        return firstInstant(of: date, near: &hint)
    }

    /// The instant at which the wall clock shows a time.
    ///
    /// - Parameter local: Milliseconds since 1970-01-01T00:00 in local reckoning.
    /// - Returns: The earlier of two such instants; of a time that was skipped, the instant that
    ///   much after the change of the clock (02:30 skipped by an hour is 03:30).
    /// - Complexity: O(log changes).
    public func instant(ofLocal local: Int64) -> UnixMilliseconds {
        var index = index(at: local - Self.offsetMaximum)
        var inGap: UnixMilliseconds?
        while index < changes.count, changes[index].start <= local + Self.offsetMaximum {
            let change = changes[index]
            let time = local - change.offset
            let end = end(ofChange: index)
            if change.start <= time && time < end { return time }
            // Past this offset's end and before the next one's start: the time was skipped.
            if inGap == nil, index + 1 < changes.count, end <= time,
                local < end + changes[index + 1].offset
            {
                inGap = time
            }
            index += 1
        }
        // Local time rises from the first change to the last, so what is never shown was skipped.
        return inGap ?? local - offset(at: local)
    }

    // MARK: - Walking

    /// The position of the change in force at an instant.
    func index(at time: UnixMilliseconds) -> Int {
        var low = 0
        var high = changes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle].start <= time { low = middle } else { high = middle }
        }
        return low
    }

    /// The same, walking from a position at or before it; searching where `near` is behind it.
    func index(at time: UnixMilliseconds, near: Int) -> Int {
        // A position of 0 says nothing about where to look.
        guard near > 0, changes[near].start <= time else { return index(at: time) }
        var index = near
        while time >= end(ofChange: index) { index += 1 }
        return index
    }

    /// The instant at which the next change takes over.
    func end(ofChange index: Int) -> UnixMilliseconds {
        index + 1 < changes.count ? changes[index + 1].start : .max
    }

    /// As ``firstInstant(of:)``; `hint` is where the last call found its change.
    func firstInstant(of date: CivilDate, near hint: inout Int) -> UnixMilliseconds {
        let midnight = Int64(date.day) * Milliseconds.day
        var index = index(at: midnight - Self.offsetMaximum, near: hint)
        hint = index
        while true {
            let earliest = max(changes[index].start, midnight - changes[index].offset)
            // Some zones changed at one minute past midnight. Figures are kept by quarter
            // hours, so a day cannot begin in the middle of one.
            let time =
                -floorDivide(-earliest, by: Milliseconds.quarterHour)
                * Milliseconds.quarterHour
            if time < end(ofChange: index) { return time }
            index += 1
        }
    }

    // MARK: - Making

    private static func rounded(_ change: Change) -> Int64 {
        let offset = min(max(change.offset, -offsetMaximum), offsetMaximum)
        let half = Milliseconds.quarterHour / 2
        return floorDivide(offset + half, by: Milliseconds.quarterHour) * Milliseconds.quarterHour
    }

    private static func skippedDays(_ changes: [Change]) -> [Int] {
        var days: [Int] = []
        for (before, after) in zip(changes, changes.dropFirst())
        where after.offset - before.offset >= Milliseconds.day - Milliseconds.quarterHour {
            let first = floorDivide(after.start + before.offset, by: Milliseconds.day)
            let last = floorDivide(after.start + after.offset, by: Milliseconds.day)
            let from = max(first, Int64(days.last ?? .min / 2) + 1)
            for day in from..<max(from, last) where isSkipped(Int(day), changes) {
                days.append(Int(day))
            }
        }
        return days
    }

    private static func isSkipped(_ day: Int, _ changes: [Change]) -> Bool {
        let midnight = Int64(day) * Milliseconds.day
        return !changes.indices.contains { index in
            let end = index + 1 < changes.count ? changes[index + 1].start : .max
            let first = max(changes[index].start, midnight - changes[index].offset)
            let quarter =
                -floorDivide(-first, by: Milliseconds.quarterHour)
                * Milliseconds.quarterHour
            return quarter < end && quarter + changes[index].offset < midnight + Milliseconds.day
        }
    }
}
