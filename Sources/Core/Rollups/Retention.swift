/// How long the tiers are kept, in days of the daemon's zone; 0 is for ever.
public struct Retention: Sendable, Equatable {
    /// Hour rows.
    public var hourDays = 0
    /// Day rows.
    public var dayDays = 0
    /// Conversations; not shorter than hours or days, whose ground they are.
    public var conversationDays = 0

    /// Makes a retention of everything for ever.
    public init() {}

    /// Where figures begin at an instant.
    ///
    /// - Parameters:
    ///   - now: The end of the running second.
    ///   - days: The days of the daemon's zone.
    /// - Returns: The beginnings, each the start of a day.
    public func cutoffs(now: UnixMilliseconds, days: DayTable) -> Cutoffs {
        let today = days.day(of: Quarters.containing(now - 1))
        func day(_ count: Int) -> Int { count == 0 ? 0 : max(0, today - count) }
        var cutoffs = Cutoffs()
        cutoffs.day = day(dayDays)
        if dayDays > 0 { cutoffs.days = days.start(of: cutoffs.day) }
        if hourDays > 0 { cutoffs.hours = days.start(of: day(hourDays)) }
        if conversationDays > 0 { cutoffs.conversations = days.start(of: day(conversationDays)) }
        return cutoffs
    }
}

/// Where figures begin: nothing before these is read or written, and it is deleted bit by bit.
public struct Cutoffs: Sendable, Equatable {
    /// The first quarter of the hour rows.
    public var hours: Quarter = 0
    /// The first quarter of the day rows.
    public var days: Quarter = 0
    /// The first day of the day rows, by its index.
    public var day = 0
    /// The first quarter of the conversations.
    public var conversations: Quarter = 0

    /// Makes cutoffs that cut nothing off.
    public init() {}
}
