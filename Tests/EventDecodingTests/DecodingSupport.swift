import CEventDecoder
import Core
import EventDecoding

/// The UUIDs of the valid event below.
let botID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
let userID = "11111111-2222-3333-4444-555555555555"
let sessionID = "ffffffff-eeee-dddd-cccc-bbbbbbbbbbbb"

/// What one line decodes to: an event, or a rejection as `code` or `code field`.
enum Outcome: CustomStringConvertible {
    case event(Event)
    case rejected(Rejection)

    init(_ line: botstats_event) {
        self = line.rejection.map(Outcome.rejected) ?? .event(Event(line))
    }

    var event: Event? {
        guard case .event(let event) = self else { return nil }
        return event
    }

    var isInvalidJSON: Bool {
        guard case .rejected(let rejection) = self else { return false }
        return rejection.code == .invalidJSON
    }

    var description: String {
        switch self {
        case .event(let event):
            "\(event.kind) \(event.detail) at \(event.timestamp) bot \(event.bot) "
                + "user \(event.hasUser) \(event.user) session \(event.session) "
                + "\(event.channel.text) \(event.responseMilliseconds) \(event.tokens)"
        case .rejected(let rejection):
            ([rejection.code.name] + (rejection.field.map { [$0.name] } ?? []))
                .joined(separator: " ")
        }
    }
}

/// Decodes a body to one outcome for each line, or nil when it has too many.
func decode(_ body: [UInt8], by decoder: EventDecoder = EventDecoder()) -> [Outcome]? {
    guard let count = body.withUnsafeBytes({ decoder.decode($0) }) else { return nil }
    return (0..<count).map { Outcome(decoder[$0]) }
}

/// Decodes one line without its newline.
func decodeLine(_ line: String) -> Outcome? {
    decode(Array(line.utf8))?.first
}

/// An event's text: the valid members of its type with some replaced, added, or removed (nil).
func text(_ type: String, _ changes: KeyValuePairs<String, String?> = [:]) -> String {
    var members = [
        ("type", "\"\(type)\""), ("bot_id", "\"\(botID)\""), ("user_id", "\"\(userID)\""),
        ("session_id", "\"\(sessionID)\""), ("timestamp", "1736172000123"),
    ]
    if type == "message" { members.append(("role", "\"user\"")) }
    if type == "feedback" { members.append(("rating", "5")) }
    for (name, value) in changes {
        let position = members.firstIndex { $0.0 == name }
        if let position { members.remove(at: position) }
        if let value { members.insert((name, value), at: position ?? members.endIndex) }
    }
    return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}

/// SplitMix64, so that a printed seed repeats a test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
