import Core
import JSON
import Zones

/// The zones whose clocks were changed in every way there is.
let oddZones = [
    "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "America/St_Johns",
    "Australia/Lord_Howe", "Africa/Monrovia", "Pacific/Apia", "Asia/Pyongyang",
]

let zones: any ZoneDatabase = SystemZoneDatabase()

/// Both modules have a type of this name; here only the core's is meant.
typealias CoreDate = CivilDate

/// Resolves with texts and numbers by name.
func resolve(
    _ method: QueryMethod,
    _ parameters: [(String, JSONValue)] = [],
    now: String = "2025-01-08T14:37:00Z",
    defaultZone: String = "UTC"
) throws(ParameterError) -> QueryPlan {
    try QueryPlan.resolve(
        method: method,
        parameters: .object(parameters.map { JSONValue.Member(name: $0.0, value: $0.1) }),
        now: at(now),
        defaultZone: defaultZone,
        zones: zones
    )
}

/// `start end` in the plan's zone.
func describe(_ range: TimeRange, _ plan: QueryPlan) -> String {
    "\(plan.calendar.text(of: range.start)) \(plan.calendar.text(of: range.end))"
}

/// The error of parameters that are refused, as `parameter: message`.
func refusal(
    _ method: QueryMethod,
    _ parameters: [(String, JSONValue)],
    now: String = "2025-01-08T14:37:00Z"
) -> String {
    do {
        _ = try resolve(method, parameters, now: now)
        return "accepted"
    } catch {
        return "\(error.parameter ?? "nil"): \(error.message)"
    }
}
