internal import Foundation
internal import Synchronization

/// A time zone as a list of offsets, read from Foundation.
struct ModelZone: Sendable {
    /// From `start` on, local time is UTC plus `offset`; both in milliseconds.
    struct Change: Sendable {
        var start: Int64
        var offset: Int64
    }

    let name: String
    /// In time order; the first begins long before any event can lie.
    private let changes: [Change]

    private static let known = Mutex<[String: ModelZone]>([:])

    /// Looks a zone up by its IANA name; nil when there is none.
    static func named(_ name: String) -> ModelZone? {
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard let timeZone = TimeZone(identifier: name) else { return nil }
        let zone = ModelZone(name: name, timeZone: timeZone)
        known.withLock { $0[name] = zone }
        return zone
    }

    /// Asks Foundation for the offset of every day of 1990 to 2059.
    ///
    /// The second of each change is found by bisection. Foundation's own search for transitions is not used: it may leave
    /// out changes of offset that are no daylight saving time.
    private init(name: String, timeZone: TimeZone) {
        func offset(_ second: Int64) -> Int64 {
            let date = Date(timeIntervalSince1970: TimeInterval(second))
            return Int64(timeZone.secondsFromGMT(for: date))
        }
        let first = Int64(CivilDate(year: 1990, month: 1, dayOfMonth: 1).day) * 86_400
        let last = Int64(CivilDate(year: 2060, month: 1, dayOfMonth: 1).day) * 86_400
        var found = [Change(start: .min / 2, offset: offset(first) * ModelTime.second)]
        var current = offset(first)
        for second in stride(from: first, to: last, by: 86_400) where offset(second) != current {
            var before = second - 86_400
            var after = second
            while after - before > 1 {
                let middle = before + (after - before) / 2
                if offset(middle) == current { before = middle } else { after = middle }
            }
            current = offset(second)
            found.append(
                Change(start: after * ModelTime.second, offset: current * ModelTime.second)
            )
        }
        self.name = name
        changes = found
    }

    /// The offset from UTC at a time, both in milliseconds.
    func offset(at time: Int64) -> Int64 {
        var low = 0
        var high = changes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle].start <= time { low = middle } else { high = middle }
        }
        return changes[low].offset
    }

    /// The wall clock at a time, as milliseconds since 1970 in local reckoning.
    func local(_ time: Int64) -> Int64 {
        time + offset(at: time)
    }

    /// The time at which the wall clock shows `local`.
    ///
    /// Where it shows that twice the earlier time; where it never does, the wall clock is moved
    /// forward by the gap.
    func time(ofLocal local: Int64) -> Int64 {
        let candidates = changes.map { local - $0.offset }.filter { self.local($0) == local }
        if let earliest = candidates.min() { return earliest }
        for (before, after) in zip(changes, changes.dropFirst())
        where before.offset + after.start <= local && local < after.offset + after.start {
            return local - before.offset
        }
        preconditionFailure("a local time that never comes lies in a gap")
    }

    /// The local date at a time.
    func date(_ time: Int64) -> CivilDate {
        ModelTime.date(local(time))
    }

    /// The first instant of a local date; of a date that never occurred, that of the next one.
    ///
    /// Dates begin at quarter hours, so each quarter hour is tried, from before the earliest
    /// zone's date on.
    func firstInstant(of date: CivilDate) -> Int64 {
        var time = Int64(date.day) * ModelTime.day - 15 * ModelTime.hour
        while self.date(time) < date { time += ModelTime.quarterHour }
        return time
    }

    /// Whether an hour bucket begins here: at a local full hour, or at a change of offset that
    /// falls on a quarter hour.
    func isHourStart(_ time: Int64) -> Bool {
        guard time % ModelTime.quarterHour == 0 else { return false }
        return local(time) % ModelTime.hour == 0 || offset(at: time) != offset(at: time - 1)
    }

    /// The start of the hour bucket that a time lies in.
    func hourStart(_ time: Int64) -> Int64 {
        var start = ModelTime.floor(time, to: ModelTime.quarterHour)
        while !isHourStart(start) { start -= ModelTime.quarterHour }
        return start
    }

    /// RFC 3339 with the zone's offset.
    func text(_ time: Int64) -> String {
        ModelTime.rfc3339(time, offset: offset(at: time))
    }
}
