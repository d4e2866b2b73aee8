public import Core
public import JSON

/// A report as it was asked for, every parameter resolved.
///
/// It says which figures a report needs, for whoever has them; ``ReportFigures`` holds them.
public struct ReportRequest: Sendable {
    /// Characters a title may have.
    public static let titleCharactersMaximum = 200
    /// Local days a report may cover: as many as `days` may ask for.
    public static let daysMaximum = 3_660

    /// What it is about.
    public let type: ReportType
    /// What its bytes are.
    public let format: ReportFormat
    /// Its title; text of somebody else's.
    public let title: String
    /// Whether charts are drawn.
    public let includesCharts: Bool
    /// The name of the one table that is wanted, of CSV only; nil for all of them.
    public let table: String?
    /// A plan for each method whose answer it is made of, in the order of its sections.
    public let plans: [QueryPlan]
    /// The bot it is about, where one is named.
    public var bot: UUID128? { scope.bot }
    /// The bots it is about; nil for all.
    public var bots: Set<UUID128>? { scope.bots }
    /// The range, zone, rows and filters that they share.
    let scope: QueryPlan

    /// Resolves the parameters of `reports.create`.
    ///
    /// - Parameters:
    ///   - parameters: The request's `params`; nil where it has none.
    ///   - now: The end of the running UTC second.
    ///   - defaultZone: The daemon's zone, for requests without `timezone`.
    ///   - zones: Where zones come from.
    ///   - bots: The bots that a request without `bot_id` is about; nil for all.
    /// - Throws: ``ParameterError`` naming the first parameter at fault in the order of
    ///   `protocol/reports.md`; unknown names come last.
    public init(
        _ parameters: JSONValue?,
        now: UnixMilliseconds,
        defaultZone: String,
        zones: some ZoneDatabase,
        bots: Set<UUID128>? = nil
    ) throws(ParameterError) {
        let reader = try ReportParameters(parameters)
        let type: ReportType = try reader.required("type")
        let asked = reader.rangeParameters
        func plan(
            _ method: QueryMethod,
            _ parameters: [JSONValue.Member]
        ) throws(ParameterError) -> QueryPlan {
            try QueryPlan.resolve(
                method: method,
                parameters: .object(parameters),
                now: now,
                defaultZone: defaultZone,
                zones: zones,
                bots: bots
            )
        }
        // It takes all of the parameters that any method of a report takes.
        let scope = try plan(.conversationsVolume, asked)
        let days = scope.calendar.dayCount(touching: scope.range)
        guard days <= Self.daysMaximum else {
            throw ParameterError(
                parameter: "start_date",
                message: "start_date is too early; a report covers at most "
                    + "\(Self.daysMaximum) days, this range has \(days)"
            )
        }
        let format: ReportFormat = try reader.choice("format") ?? .json
        title = try reader.title() ?? type.defaultTitle
        includesCharts = try reader.boolean("include_charts") ?? true
        table = try reader.table(type: type, format: format, isDaily: days <= Self.dailyDays)
        try reader.refuseUnknown()
        let methods = type.methods(series: days <= Self.dailyDays ? .usageDaily : .usageMonthly)
        var plans: [QueryPlan] = []
        for method in methods {
            plans.append(try plan(method, Self.parameters(of: method, asked, scope: scope)))
        }
        self.plans = plans
        self.scope = scope
        self.type = type
        self.format = format
    }

    /// Days up to which usage is shown by day, as many as `group_by` chooses days for.
    static let dailyDays = 92

    /// The parameters of one method: those it takes of the report's, all about one range.
    private static func parameters(
        of method: QueryMethod,
        _ asked: [JSONValue.Member],
        scope: QueryPlan
    ) -> [JSONValue.Member] {
        var parameters = asked
        func drop(_ name: String) { parameters.removeAll { $0.name == name } }
        func add(_ name: String, _ value: JSONValue) {
            parameters.append(JSONValue.Member(name: name, value: value))
        }
        // By itself `usage.monthly` would take twelve months.
        if !["start_date", "days", "period"].contains(where: { name in
            asked.contains { $0.name == name }
        }) {
            add("days", 30)
        }
        switch method {
        case .engagementRetention:
            drop("compare")
            drop("group_by")
            let isAsked = asked.contains { $0.name == "group_by" }
            switch scope.granularity {
            case .day where isAsked: add("group_by", "day")
            case .month: add("group_by", "month")
            default: add("group_by", "week")
            }
        case .usage, .usageDaily, .usageMonthly, .conversations: drop("group_by")
        default: break
        }
        return parameters
    }

    /// The parameters as they were resolved: `params` of the report's object.
    public var resolved: JSONValue {
        let meta = scope.meta(AnswerStamp(dataAsOf: nil, dataVersion: 0))
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(JSONValue.Member(name: name, value: value)) }
        }
        for name in ["start", "end", "timezone", "group_by"] { add(name, meta[name]) }
        add("week_start", .string(scope.weekStart.rawValue))
        add("bot_id", scope.bot.map { .string($0.description) })
        if scope.bot == nil, let bots = scope.bots {
            add("bots", .array(bots.map(\.description).sorted().map { .string($0) }))
        }
        add("user_id", scope.user.map { .string($0.description) })
        add("channel", scope.channel.map { .string($0) })
        if let compare = scope.compare, let previous = scope.comparison {
            add("compare", .string(compare.rawValue))
            let meta = previous.meta(AnswerStamp(dataAsOf: nil, dataVersion: 0))
            add("previous_start", meta["start"])
            add("previous_end", meta["end"])
        }
        add("include_charts", .bool(includesCharts))
        add("table", table.map { .string($0) })
        return .object(members)
    }
}
