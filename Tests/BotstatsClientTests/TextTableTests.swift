import BotstatsClient
import JSON
import Testing

@Suite struct `Text table` {
    @Test func `single figures are one table, numbers to the right`() {
        let value: JSONValue = [
            "total_conversations": 1200, "rate": 0.5, "csat_score": nil,
            "meta": ["timezone": "UTC", "complete": true],
        ]
        #expect(
            TextTable.render(value) == """
                total_conversations  1200
                rate                  0.5
                csat_score              –
                meta.timezone        UTC
                meta.complete        yes

                """
        )
    }

    @Test func `each array of objects is a table of its own after the single figures`() {
        let value: JSONValue = [
            "data": [
                ["date": "2025-01-06", "messages": 7, "rate": nil],
                ["date": "2025-01-07", "messages": 1234, "rate": 0.25],
            ],
            "by_channel": [["channel": "web", "percentiles": ["p50": 1, "p95": 20]]],
            "total": 3,
        ]
        #expect(
            TextTable.render(value) == """
                total  3

                data
                date        messages  rate
                ──────────  ────────  ────
                2025-01-06         7     –
                2025-01-07      1234  0.25

                by_channel
                channel  percentiles.p50  percentiles.p95
                ───────  ───────────────  ───────────────
                web                    1               20

                """
        )
    }

    @Test func `arrays of values spread over columns and missing ones are shown as nothing`() {
        let value: JSONValue = [
            "data": [
                ["cohort": "2025-01-06", "users": 10, "counts": [10, 4, nil]],
                ["cohort": "2025-01-13", "counts": [8]],
            ]
        ]
        #expect(
            TextTable.render(value) == """
                data
                cohort      users  counts[0]  counts[1]  counts[2]
                ──────────  ─────  ─────────  ─────────  ─────────
                2025-01-06     10         10          4          –
                2025-01-13      –          8          –          –

                """
        )
    }

    @Test func `arrays of values at the top are one figure and empty ones are empty`() {
        let value: JSONValue = ["average": [1.0, 0.5, nil], "data": []]
        #expect(TextTable.render(value) == "average  1.0, 0.5, –\ndata\n")
    }

    @Test func `a text cannot send commands to the terminal`() {
        #expect(TextTable.render(["title": "a\u{1B}[2Jb\nc"]) == "title  a�[2Jb�c\n")
    }

    @Test func `wide letters count as letters`() {
        let value: JSONValue = ["data": [["name": "é", "n": 1], ["name": "ab", "n": 22]]]
        #expect(
            TextTable.render(value) == """
                data
                name   n
                ────  ──
                é      1
                ab    22

                """
        )
    }
}
