import JSON
import Testing

@testable import Simulation

/// The time an RFC 3339 text names.
func at(_ text: String) -> Int64 {
    guard let parsed = ModelTime.parse(text), let clock = parsed.clock, let offset = parsed.offset
    else { preconditionFailure("\(text) is no RFC 3339 time") }
    return Int64(parsed.date.day) * ModelTime.day + clock - offset
}

/// A counted or uncounted message; `id` is its session.
func message(
    _ role: ModelEvent.Role,
    _ id: String,
    _ time: String,
    user: String = "u1",
    bot: String = "b1",
    channel: String = "web",
    responseMilliseconds: Int64? = nil,
    tokens: Int64? = nil
) -> ModelEvent {
    ModelEvent(
        kind: .message,
        botID: bot,
        userID: user,
        sessionID: id,
        timestamp: at(time),
        channel: channel,
        role: role,
        responseMilliseconds: responseMilliseconds,
        tokens: tokens
    )
}

/// A session event, rating or survey; `id` is its session.
func event(
    _ kind: ModelEvent.Kind,
    _ id: String,
    _ time: String,
    bot: String = "b1",
    confirmed: Bool = false,
    rating: ModelEvent.Rating? = nil
) -> ModelEvent {
    ModelEvent(
        kind: kind,
        botID: bot,
        userID: "u1",
        sessionID: id,
        timestamp: at(time),
        confirmed: confirmed,
        rating: rating
    )
}

/// The reference model's answer for a few events, with the usual timeout of 30 minutes.
func answer(
    _ events: [ModelEvent],
    _ method: String,
    _ parameters: [String: String] = [:],
    now: String = "2025-01-06T23:00:00Z",
    timezone: String = "UTC"
) throws -> JSONValue {
    try ReferenceModel(events: events, sessionTimeoutSeconds: 1_800, defaultTimezone: timezone)
        .answer(method: method, parameters: parameters, now: at(now))
}

extension JSONValue {
    /// The value at a path such as `data.0.messages`; nil where there is none.
    func at(_ path: String) -> JSONValue? {
        var value: JSONValue? = self
        for name in path.split(separator: ".") {
            if let index = Int(name), case .array(let elements)? = value {
                value = elements.indices.contains(index) ? elements[index] : nil
            } else {
                value = value?[String(name)]
            }
        }
        return value
    }

    /// One member of each element of an array.
    func each(_ name: String) -> [JSONValue?] {
        (arrayValue ?? []).map { $0[name] }
    }
}
