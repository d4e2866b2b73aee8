import JSON
import Testing

@testable import Simulation

struct ModelEventTests {
    @Test func `a line of a chat log is read`() throws {
        let line = #"""
            {"type":"message","bot_id":"6AD8C391-3410-569d-9e97-acd5c0c90571",\#
            "user_id":"9aa2b689-b68e-51f7-913d-1a3b97bc3696",\#
            "session_id":"9b6529c5-d128-5369-8338-5d4e66461b89","channel":"web",\#
            "role":"user","timestamp":"2005-02-06T04:04:00.120Z","content":"hello"}
            """#
        let event = try ModelEvent(parsing: line)
        #expect(event.botID == "6ad8c391-3410-569d-9e97-acd5c0c90571")
        #expect(event.timestamp == at("2005-02-06T04:04:00.120Z"))
        #expect(event.isIncoming)
    }

    @Test func `every event reads back from each of its spellings`() throws {
        let seed = SeededGenerator.announced("events").seed
        let start = at("2025-01-06T00:00:00Z")
        let workload = Workload(.init(window: start..<start + ModelTime.day), seed: seed)
        #expect(Set(workload.events.map(\.kind)) == Set(ModelEvent.Kind.allCases))
        for event in workload.events {
            for style in [
                ModelEvent.TimestampStyle.milliseconds, .rfc3339(offsetMinutes: 345),
                .rfc3339(offsetMinutes: -210),
            ] {
                let line = event.ndjsonLine(style: style, numericRole: event.timestamp % 2 == 0)
                #expect(try ModelEvent(parsing: line) == event)
            }
        }
    }

    @Test(arguments: ["", "[]", #"{"type":"greeting"}"#, #"{"type":"error","bot_id":"b"}"#])
    func `what is no event is refused`(line: String) {
        #expect(throws: ModelEvent.ParsingError.self) { try ModelEvent(parsing: line) }
    }

    @Test func `a timestamp is written at its offset`() {
        let time = at("2025-01-06T02:00:00.005Z")
        #expect(ModelTime.rfc3339(time, offset: -9_000_000) == "2025-01-05T23:30:00.005-02:30")
        #expect(ModelTime.rfc3339(-1, offset: 0) == "1969-12-31T23:59:59.999+00:00")
    }
}
