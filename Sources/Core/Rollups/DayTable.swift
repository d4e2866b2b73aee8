/// Where the days of the daemon's own zone begin, counted in quarters.
///
/// The day tier follows one zone. Every local day since 2000 begins on a quarter hour, because
/// every zone's offset at midnight has been a multiple of 15 minutes since then (checked for the
/// whole zone database by the tests of the zones).
public struct DayTable: Sendable {
    /// The first quarter of each day, ascending; a date that never occurred is as long as 0.
    private let starts: [Quarter]

    /// Makes a table.
    ///
    /// - Parameter starts: The first quarter of each day, ascending; the last is an end only.
    public init(starts: [Quarter]) {
        precondition(starts.count >= 2, "a table of days holds a day and its end")
        self.starts = starts
    }

    /// The day a quarter lies in.
    ///
    /// - Parameter quarter: Any quarter; one before or after the table belongs to the first or
    ///   last day.
    /// - Returns: The day's index.
    /// - Complexity: O(log days).
    public func day(of quarter: Quarter) -> Int {
        min(max(starts.lowerBound { $0 <= quarter } - 1, 0), starts.count - 2)
    }

    /// The first day that begins at or after a quarter.
    ///
    /// - Parameter quarter: Any quarter.
    /// - Returns: The day's index; the number of days when there is none.
    public func firstDay(atOrAfter quarter: Quarter) -> Int {
        min(starts.lowerBound { $0 < quarter }, starts.count - 1)
    }

    /// The first quarter of a day.
    ///
    /// - Parameter day: 0 … ``count``; the end of the last day is the start of the one after.
    /// - Returns: Its first quarter.
    public func start(of day: Int) -> Quarter { starts[day] }

    /// The number of days.
    public var count: Int { starts.count - 1 }
}
