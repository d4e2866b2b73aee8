import Core
import Simulation

@testable import Simulation

/// Both modules have a type of this name; here only the model's is meant.
typealias ModelDate = Simulation.CivilDate

/// The time an RFC 3339 text names.
func at(_ text: String) -> Int64 {
    guard let parsed = ModelTime.parse(text), let clock = parsed.clock, let offset = parsed.offset
    else { preconditionFailure("\(text) is no RFC 3339 time") }
    return Int64(parsed.date.day) * ModelTime.day + clock - offset
}

/// One bucket or hour in words, so that a failure can be read.
func words(_ date: String, _ start: Int64, _ end: Int64, _ zone: ModelZone) -> String {
    "\(date) \(zone.text(start)) \(zone.text(end))"
}

extension SeededGenerator {
    /// An instant between 2000 and 2037, every second one near a change of the clock.
    mutating func instant(near changes: [Int64]) -> Int64 {
        let first = at("2000-01-03T00:00:00Z")
        let last = at("2037-12-01T00:00:00Z")
        let known = changes.filter { $0 > first && $0 < last }
        guard chance(0.5), !known.isEmpty else {
            return first + Int64(next() % UInt64(last - first))
        }
        let distance = Int64(below(8 * 86_400_000)) - 4 * 86_400_000
        let closer = chance(0.7) ? distance / 100 : distance
        return pick(known) + (chance(0.2) ? 0 : closer)
    }
}
