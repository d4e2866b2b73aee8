import JSON
import Testing

@testable import BotstatsClient

@Suite struct `Top` {
    private static let bots = (1...20).map {
        "6f1c2b9e-0d7a-4c55-9a35-0000000000" + String(10 + $0)
    }

    private static func realtime(_ messages: Int64, lag: JSONValue = .double(0.84)) -> JSONValue {
        let minutes = (0..<30).map { minute -> JSONValue in
            ["start": "…", "messages": .integer(minute == 29 ? messages : Int64(minute % 3))]
        }
        return [
            "active_sessions": .integer(7), "active_sessions_5m": 4, "active_users": 6,
            "incoming_per_minute": .integer(messages), "outgoing_per_minute": 2,
            "series": .array(minutes), "lag_seconds": lag,
            "meta": ["generated_at": "2026-11-25T10:54:19+00:00"],
        ]
    }

    private static let status: JSONValue = [
        "events_accepted": 1_000, "events_unfolded": 12, "events_dropped": 3, "publishers": 2,
        "not_ready": [],
    ]

    private static let active: JSONValue = [
        "by_bot": .array(
            bots.enumerated().map {
                ["bot_id": .string($1), "active_sessions": .integer(Int64(100 - $0))]
            }
        )
    ]

    private static func refusal(_ code: Int64) -> Result<JSONValue, QueryError> {
        .failure(.refused(QueryRefusal(code: code, message: "no", reason: "no")))
    }

    private static func reading() throws -> TopReading {
        var reading = try TopReading([
            .success(status), .success(realtime(8)), .success(active),
        ])
        reading.eventsPerSecond = 12.6
        reading.bots[0].figures = TopReading.Figures(realtime(40, lag: .double(130)))
        return reading
    }

    private static func screen(
        _ columnCount: Int,
        _ rowCount: Int,
        problem: String? = nil
    ) throws -> [TopScreen.Line] {
        TopScreen.lines(
            try reading(),
            problem: problem,
            endpoint: "tcp://127.0.0.1:5563",
            columnCount: columnCount,
            rowCount: rowCount
        )
    }

    @Test(
        arguments: [
            ([], ""), ([0, 0], "▁▁"), ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
            ([1, 1_000_000], "▂█"), ([5], "█"), ([.max, 0, .max / 2], "█▁▅"),
        ] as [([Int64], String)]
    )
    func `a sparkline tells little from nothing`(values: [Int64], line: String) {
        #expect(Sparkline.text(values) == line)
    }

    @Test func `a wide screen has everything`() throws {
        let lines = try Self.screen(110, 12).map(\.text)
        #expect(lines.count == 12)
        #expect(lines[0].hasPrefix("botstats top  tcp://127.0.0.1:5563 "))
        #expect(lines[0].hasSuffix(" 2026-11-25T10:54:19+00:00"))
        #expect(lines[1] == "active sessions 7, in 5 minutes 4  users 6  lag 0.8 s")
        #expect(
            lines[2] == "ingest 13 events/s  publishers 2  dropped 3  unfolded 12  ready"
        )
        #expect(lines[3].hasPrefix("messages/min 10, incoming 8, outgoing 2  ▁▂▃▁▂▃"))
        #expect(lines[5].hasPrefix("BOT "))
        #expect(lines[6].hasPrefix(Self.bots[0] + "       100        42  "))
        #expect(lines[6].hasSuffix("█      2 min"))
        #expect(lines[7].hasPrefix(Self.bots[1] + "        99         –  "))
    }

    @Test func `no line is wider than the screen, and there are no more than it has`() throws {
        for columnCount in [0, 1, 5, 20, 40, 57, 60, 80, 97, 98, 200] {
            for rowCount in [0, 1, 2, 3, 6, 7, 24, 100] {
                let lines = try Self.screen(columnCount, rowCount, problem: "no answer")
                #expect(lines.count <= rowCount)
                #expect(lines.allSatisfy { $0.text.count <= columnCount })
            }
        }
        #expect(try Self.screen(80, 100).count == 26)
        #expect(TopScreen.botCount(rowCount: 12) == 6)
        #expect(TopScreen.botCount(rowCount: 3) == 0)
    }

    @Test func `a narrow screen keeps bots and counts`() throws {
        let lines = try Self.screen(40, 10).map(\.text)
        #expect(lines[6] == Self.bots[0].prefix(20) + "       100        42")
    }

    @Test func `what keeps it from being new is said beside what was seen last`() throws {
        let lines = try Self.screen(80, 10, problem: "no answer in time")
        #expect(lines[1] == TopScreen.Line(text: "no answer in time", isHeading: true))
        #expect(lines[2].text.hasPrefix("active sessions 7"))
        let none = TopScreen.lines(nil, problem: "x", endpoint: "e", columnCount: 9, rowCount: 9)
        #expect(none.map(\.text) == ["botstats ", "x"])
    }

    @Test func `a line for each look where there is no screen`() throws {
        #expect(
            TopScreen.plainLine(try Self.reading())
                == "2026-11-25T10:54:19+00:00  sessions 7  users 6  messages/min 10  lag 0.8 s  "
                + "events/s 13  bots 20  dropped 3  ready"
        )
    }

    @Test func `while realtime is rebuilt the rest is shown`() throws {
        let status: JSONValue = ["events_accepted": 5, "not_ready": ["realtime is being rebuilt"]]
        let reading = try TopReading([
            .success(status), Self.refusal(503), Self.refusal(503),
        ])
        #expect(reading.total == nil)
        #expect(
            TopScreen.plainLine(reading)
                == "events/s –  bots 0  dropped 0  realtime is being rebuilt"
        )
        #expect(throws: QueryError.self) {
            try TopReading([.success(status), Self.refusal(403), Self.refusal(403)])
        }
        #expect(throws: QueryError.self, "a daemon that asks for a credential") {
            try TopReading([.success(["status": "ok"]), Self.refusal(401), Self.refusal(401)])
        }
    }

    @Test func `a bot's name cannot move the cursor`() throws {
        let active: JSONValue = ["by_bot": [["bot_id": "a\u{1B}[2J\né", "active_sessions": 1]]]
        let reading = try TopReading([
            .success(Self.status), .success(Self.realtime(1)), .success(active),
        ])
        let lines = TopScreen.lines(
            reading,
            problem: nil,
            endpoint: "e",
            columnCount: 80,
            rowCount: 10
        )
        #expect(lines[6].text.hasPrefix("a?[2J?? "))
    }
}
