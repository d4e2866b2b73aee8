/// The range a request asks about, and how it asked.
struct AskedRange {
    /// The range.
    let range: TimeRange
    private let calendar: LocalCalendar
    private let period: Period?
    /// The wall clock the range begins with: midnight where a date was given, even one that was
    /// skipped.
    private let localStart: Int64
    private let ending: Ending

    private enum Period: String, CaseIterable {
        case today, week, month, year
    }

    /// What the range ends with.
    private enum Ending {
        /// The end of a local day.
        case day(CivilDate)
        /// A wall clock.
        case local(Int64)
    }

    /// The two ends that `start_date` and `end_date` name.
    private struct Dates {
        let start: ParsedTime
        /// nil for the end of today.
        let end: ParsedTime?
    }

    /// Reads `start_date`, `end_date`, `days` and `period`, in this order.
    ///
    /// - Parameters:
    ///   - reader: The parameters.
    ///   - calendar: The zone they are local to.
    ///   - now: The end of the running second.
    /// - Throws: The first fault.
    init(
        _ reader: ParameterReader,
        calendar: LocalCalendar,
        now: UnixMilliseconds
    ) throws(ParameterError) {
        // The running second ends with now, so the running day is that of the instant before.
        let today = calendar.date(of: now - 1)
        let asked = try Self.dates(reader, calendar: calendar, today: today)
        let days = try Self.days(reader)
        let period = try Self.period(reader)
        if let asked {
            self = asked
            return
        }
        let first =
            switch (period, days) {
            case (.today, _): today
            case (.week, _): calendar.firstOfWeek(today)
            case (.month, _): today.firstOfMonth
            case (.year, _): CivilDate(year: today.components.year, month: 1, dayOfMonth: 1)
            case (nil, let days?): today.adding(days: 1 - days)
            case (nil, nil) where reader.method == .usageMonthly:
                today.firstOfMonth.adding(months: -11)
            case (nil, nil): today.adding(days: -29)
            }
        var hint = 0
        let start = calendar.rules.firstInstant(of: first, near: &hint)
        range = TimeRange(
            start: start,
            end: calendar.rules.firstInstant(of: today.adding(days: 1), near: &hint)
        )
        self.calendar = calendar
        self.period = period
        localStart = Self.midnight(first)
        ending = .day(today)
    }

    private init(_ dates: Dates, calendar: LocalCalendar, today: CivilDate) {
        let rules = calendar.rules
        let quarter = Milliseconds.quarterHour
        let start: UnixMilliseconds
        if dates.start.clock == nil {
            start = rules.firstInstant(of: dates.start.date)
            localStart = Self.midnight(dates.start.date)
        } else {
            start = floorDivide(Self.instant(dates.start, rules), by: quarter) * quarter
            localStart = rules.local(of: start)
        }
        let end: UnixMilliseconds
        if let time = dates.end, time.clock != nil {
            end = -floorDivide(-Self.instant(time, rules), by: quarter) * quarter
            ending = .local(rules.local(of: end))
        } else {
            let last = dates.end?.date ?? today
            end = rules.firstInstant(of: last.adding(days: 1))
            ending = .day(last)
        }
        range = TimeRange(start: start, end: end)
        self.calendar = calendar
        period = nil
    }

    // MARK: - Reading

    private static func dates(
        _ reader: ParameterReader,
        calendar: LocalCalendar,
        today: CivilDate
    ) throws(ParameterError) -> AskedRange? {
        guard let startText = try reader.text(.startDate) else {
            // With `days` or `period` the end is one too many, which those are blamed for.
            if reader.peek(.endDate) != nil, !reader.has(.days), !reader.has(.period) {
                throw ParameterError(
                    parameter: ParameterName.startDate.rawValue,
                    message: "end_date needs start_date"
                )
            }
            _ = try time(reader, .endDate)
            return nil
        }
        guard let start = ParsedTime(startText) else { throw malformed(reader, .startDate) }
        let end = try time(reader, .endDate)
        let asked = AskedRange(
            Dates(start: start, end: end),
            calendar: calendar,
            today: today
        )
        // Where only `days` or `period` stands beside it, the end is not known; they are blamed.
        let isEndKnown = end != nil || !reader.has(.days) && !reader.has(.period)
        guard !asked.range.isEmpty || !isEndKnown else {
            throw reader.fault(.startDate, "must be before the end of the range")
        }
        return asked
    }

    private static func time(
        _ reader: ParameterReader,
        _ name: ParameterName
    ) throws(ParameterError) -> ParsedTime? {
        guard let text = try reader.text(name) else { return nil }
        guard let time = ParsedTime(text) else { throw malformed(reader, name) }
        return time
    }

    private static func malformed(
        _ reader: ParameterReader,
        _ name: ParameterName
    ) -> ParameterError {
        reader.fault(name, "must be an ISO 8601 date or date-time")
    }

    private static func days(_ reader: ParameterReader) throws(ParameterError) -> Int? {
        guard let days = try reader.integer(.days, in: 1...3_660) else { return nil }
        guard !reader.has(.startDate), !reader.has(.endDate) else {
            throw reader.fault(.days, "excludes start_date and end_date")
        }
        return days
    }

    private static func period(_ reader: ParameterReader) throws(ParameterError) -> Period? {
        guard let period: Period = try reader.choice(.period) else { return nil }
        guard !reader.has(.startDate), !reader.has(.endDate), !reader.has(.days) else {
            throw reader.fault(.period, "excludes start_date, end_date and days")
        }
        return period
    }

    private static func instant(_ time: ParsedTime, _ rules: ZoneRules) -> UnixMilliseconds {
        if let offset = time.offset { return time.local - offset }
        return rules.instant(ofLocal: time.local)
    }

    private static func midnight(_ date: CivilDate) -> Int64 {
        Int64(date.day) * Milliseconds.day
    }

    // MARK: - Comparing

    /// The range that `compare` sets beside this one.
    func previous(_ compare: QueryPlan.Compare, now: UnixMilliseconds) -> TimeRange {
        let rules = calendar.rules
        let start = rules.instant(ofLocal: moved(localStart, compare))
        let end: UnixMilliseconds
        if range.start < now && now < range.end {
            // A range still running is compared with one that stops at the same time of day.
            let quarter = floorDivide(now, by: Milliseconds.quarterHour) * Milliseconds.quarterHour
            end = rules.instant(ofLocal: moved(rules.local(of: quarter), compare))
        } else {
            switch ending {
            case .day(let last):
                end = rules.firstInstant(of: moved(last, compare).adding(days: 1))
            case .local(let local):
                end = rules.instant(ofLocal: moved(local, compare))
            }
        }
        return TimeRange(start: start, end: end)
    }

    private func moved(_ local: Int64, _ compare: QueryPlan.Compare) -> Int64 {
        let day = floorDivide(local, by: Milliseconds.day)
        return Self.midnight(moved(CivilDate(day: Int(day)), compare))
            + (local - day * Milliseconds.day)
    }

    private func moved(_ date: CivilDate, _ compare: QueryPlan.Compare) -> CivilDate {
        switch (compare, period) {
        case (.previousYear, _), (.previousPeriod, .year): date.adding(months: -12)
        case (.previousPeriod, .month): date.adding(months: -1)
        case (.previousPeriod, _): date.adding(days: -calendar.dayCount(touching: range))
        }
    }
}
