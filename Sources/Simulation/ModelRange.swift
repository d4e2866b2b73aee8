/// The half-open range of time a query asks about, and how it was asked.
struct ModelRange {
    let range: Range<Int64>
    private let calendar: ModelCalendar
    /// The wall clock the range begins with: midnight where a date was given, even one that
    /// was skipped.
    private let localStart: Int64
    /// The wall clock a date-time `end_date` names; nil when the range ends with a whole day.
    private let localEnd: Int64?
    /// The last local day; only where the range ends with the end of that day.
    private let lastDay: CivilDate?
    private let period: String?

    init(
        method: String,
        texts: [String: String],
        calendar: ModelCalendar,
        now: Int64
    ) throws(ModelError) {
        let zone = calendar.zone
        // The running second ends with now, so the running day is that of the instant before.
        let today = zone.date(now - 1)
        try Self.checkExclusion(texts)
        var first = today
        var period: String?
        if let text = texts["period"] {
            switch text {
            case "today": break
            case "week": first = calendar.firstOfWeek(today)
            case "month": first = today.firstOfMonth
            case "year": first = CivilDate(year: today.components.year, month: 1, dayOfMonth: 1)
            default: throw ModelError("period", "period must be today, week, month or year")
            }
            period = text
        } else if let text = texts["days"] {
            guard let days = Int(text), (1...3_660).contains(days) else {
                throw ModelError("days", "days must be between 1 and 3660")
            }
            first = today.adding(days: 1 - days)
        } else if texts["start_date"] != nil {
            self = try Self(from: texts, today: today, calendar: calendar)
            return
        } else if method == "usage.monthly" {
            first = today.firstOfMonth.adding(months: -11)
        } else {
            first = today.adding(days: -29)
        }
        self.calendar = calendar
        self.period = period
        localStart = Int64(first.day) * ModelTime.day
        localEnd = nil
        lastDay = today
        range = zone.firstInstant(of: first)..<zone.firstInstant(of: today.adding(days: 1))
    }

    private init(
        from texts: [String: String],
        today: CivilDate,
        calendar: ModelCalendar
    ) throws(ModelError) {
        let zone = calendar.zone
        guard let first = ModelTime.parse(texts["start_date"] ?? "") else {
            throw ModelError("start_date", "start_date must be an ISO 8601 date or date-time")
        }
        let start: Int64
        if first.clock == nil {
            start = zone.firstInstant(of: first.date)
            localStart = Int64(first.date.day) * ModelTime.day
        } else {
            start = ModelTime.floor(Self.time(first, zone), to: ModelTime.quarterHour)
            localStart = zone.local(start)
        }
        let end: Int64
        let text = texts["end_date"] ?? today.description
        guard let last = ModelTime.parse(text) else {
            throw ModelError("end_date", "end_date must be an ISO 8601 date or date-time")
        }
        if last.clock == nil {
            end = zone.firstInstant(of: last.date.adding(days: 1))
            lastDay = last.date
            localEnd = nil
        } else {
            end = ModelTime.ceiling(Self.time(last, zone), to: ModelTime.quarterHour)
            lastDay = nil
            localEnd = zone.local(end)
        }
        guard start < end else {
            throw ModelError("start_date", "start_date must be before the end of the range")
        }
        self.calendar = calendar
        period = nil
        range = start..<end
    }

    private static func time(_ parsed: ModelTime.Parsed, _ zone: ModelZone) -> Int64 {
        let local = Int64(parsed.date.day) * ModelTime.day + (parsed.clock ?? 0)
        if let offset = parsed.offset { return local - offset }
        return zone.time(ofLocal: local)
    }

    private static func checkExclusion(_ texts: [String: String]) throws(ModelError) {
        let hasDates = texts["start_date"] != nil || texts["end_date"] != nil
        if texts["period"] != nil && (hasDates || texts["days"] != nil) {
            throw ModelError("period", "period excludes start_date, end_date and days")
        }
        if texts["days"] != nil && hasDates {
            throw ModelError("days", "days excludes start_date and end_date")
        }
        if texts["end_date"] != nil && texts["start_date"] == nil {
            throw ModelError("start_date", "end_date needs start_date")
        }
    }

    /// The range that `compare` sets beside this one; nil when nothing is asked.
    func previous(_ compare: String?, now: Int64) throws(ModelError) -> Range<Int64>? {
        guard let compare else { return nil }
        let move: (CivilDate) -> CivilDate
        switch (compare, period) {
        case ("previous_year", _), ("previous_period", "year"): move = { $0.adding(months: -12) }
        case ("previous_period", "month"): move = { $0.adding(months: -1) }
        case ("previous_period", _):
            let days = calendar.buckets(.day, touching: range).count
            move = { $0.adding(days: -days) }
        default:
            throw ModelError("compare", "compare must be previous_period or previous_year")
        }
        let zone = calendar.zone
        func moved(_ local: Int64) -> Int64 {
            let date = ModelTime.date(local)
            let clock = local - Int64(date.day) * ModelTime.day
            return zone.time(ofLocal: Int64(move(date).day) * ModelTime.day + clock)
        }
        let start = moved(localStart)
        let end: Int64
        if range.lowerBound < now && now < range.upperBound {
            end = moved(zone.local(ModelTime.floor(now, to: ModelTime.quarterHour)))
        } else if let lastDay {
            end = zone.firstInstant(of: move(lastDay).adding(days: 1))
        } else {
            end = moved(localEnd ?? zone.local(range.upperBound))
        }
        return start..<max(start, end)
    }
}
