/// A method's parameters after resolution: the filter, the calendar and the range.
struct ModelParameters {
    let method: String
    let calendar: ModelCalendar
    let filter: ModelFilter
    let range: Range<Int64>
    let grouping: ModelCalendar.Grouping?
    /// The range `compare` asks for; nil when it is not asked.
    let previousRange: Range<Int64>?
    let criteria: String
    let brackets: [ClosedRange<Int>]
    let periods: Int

    /// The methods whose rows can be grouped.
    private static let grouped: Set<String> = [
        "conversations.volume", "conversations.duration", "conversations.resolution",
        "engagement", "engagement.retention", "engagement.satisfaction",
    ]

    init(
        method: String,
        texts: [String: String],
        bots: Set<String>?,
        defaultTimezone: String,
        now: Int64
    ) throws(ModelError) {
        try Self.checkNames(method: method, texts: texts)
        self.method = method
        let zoneName = texts["timezone"] ?? defaultTimezone
        guard let zone = ModelZone.named(zoneName) else {
            throw ModelError("timezone", "timezone must be an IANA name")
        }
        let firstWeekday = ["sunday": 0, "monday": 1, "saturday": 6][
            texts["week_start"] ?? "monday"
        ]
        guard let firstWeekday else {
            throw ModelError("week_start", "week_start must be monday, sunday or saturday")
        }
        let calendar = ModelCalendar(zone: zone, firstWeekday: firstWeekday)
        let asked = try ModelRange(method: method, texts: texts, calendar: calendar, now: now)
        let range = asked.range
        self.calendar = calendar
        self.range = range
        filter = ModelFilter(texts: texts, bots: bots)
        previousRange = try asked.previous(texts["compare"], now: now)
        grouping = try Self.grouping(method, texts["group_by"], calendar: calendar, range: range)
        criteria = texts["criteria"] ?? "on"
        guard ["on", "on_or_after", "bracket"].contains(criteria) else {
            throw ModelError("criteria", "criteria must be on, on_or_after or bracket")
        }
        brackets = try Self.brackets(texts["brackets"])
        guard (criteria == "bracket") == !brackets.isEmpty else {
            throw ModelError("brackets", "brackets and criteria=bracket need each other")
        }
        guard let periods = Int(texts["periods"] ?? "8"), (1...60).contains(periods) else {
            throw ModelError("periods", "periods must be between 1 and 60")
        }
        self.periods = periods
    }

    private static func checkNames(
        method: String,
        texts: [String: String]
    ) throws(ModelError) {
        var names: Set<String> = [
            "start_date", "end_date", "days", "period", "timezone", "week_start", "bot_id",
            "user_id", "channel",
        ]
        if grouped.contains(method) { names.insert("group_by") }
        if method == "engagement.retention" {
            names.formUnion(["criteria", "brackets", "periods"])
        } else {
            names.insert("compare")
        }
        for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
            guard names.contains(name) else { throw ModelError(name, "\(name) is unknown") }
            guard !value.isEmpty else { throw ModelError(name, "\(name) must not be empty") }
        }
    }

    private static func grouping(
        _ method: String,
        _ text: String?,
        calendar: ModelCalendar,
        range: Range<Int64>
    ) throws(ModelError) -> ModelCalendar.Grouping? {
        let grouping: ModelCalendar.Grouping
        switch (method, text) {
        case ("usage.daily", _): grouping = .day
        case ("usage.monthly", _): grouping = .month
        case (_, _) where !grouped.contains(method): return nil
        case ("engagement.retention", "hour"):
            throw ModelError("group_by", "group_by must be day, week or month")
        case (_, let text?):
            guard let known = ModelCalendar.Grouping(rawValue: text) else {
                throw ModelError("group_by", "group_by must be hour, day, week or month")
            }
            grouping = known
        case ("engagement.retention", nil): grouping = .week
        case (_, nil): grouping = byDatesTouched(range, calendar)
        }
        // The first condition only spares counting the buckets of thousands of years.
        let shortest = [.hour: 1, .day: 23, .week: 166][grouping] ?? 660
        guard range.count / Int(ModelTime.hour) <= shortest * 6_000,
            calendar.buckets(grouping, touching: range).count <= 5_000
        else { throw ModelError("group_by", "more than 5000 buckets; shorten the range") }
        return grouping
    }

    private static func byDatesTouched(
        _ range: Range<Int64>,
        _ calendar: ModelCalendar
    ) -> ModelCalendar.Grouping {
        if range.count / Int(ModelTime.day) > 200 { return .month }
        return switch calendar.buckets(.day, touching: range).count {
        case ...2: .hour
        case ...92: .day
        case ...182: .week
        default: .month
        }
    }

    private static func brackets(_ text: String?) throws(ModelError) -> [ClosedRange<Int>] {
        guard let text else { return [] }
        var brackets: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                first >= 1, first <= last, last <= 60
            else { throw ModelError("brackets", "brackets must look like 1-3,4-7") }
            brackets.append(first...last)
        }
        return brackets
    }
}

/// Which events count: those of these bots, this channel and this user.
struct ModelFilter: Equatable {
    /// The bots asked about; nil means all.
    var bots: Set<String>?
    var channel: String?
    var user: String?

    init(texts: [String: String], bots: Set<String>?) {
        self.bots = bots
        if let bot = texts["bot_id"] { self.bots = [bot.lowercased()] }
        channel = texts["channel"]
        user = texts["user_id"]?.lowercased()
    }

    /// Whether a bot is among those asked about.
    func includes(bot: String) -> Bool {
        bots?.contains(bot) ?? true
    }

    /// Whether something of this bot, channel and user counts.
    func includes(bot: String, channel: String, user: String?) -> Bool {
        includes(bot: bot) && (self.channel ?? channel) == channel && (self.user ?? user) == user
    }
}
